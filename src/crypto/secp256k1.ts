/**
 * The curve of Ethereum's signatures, by the fastest implementation that runs here: the native
 * addon recovers a key 30 times as fast as pure JavaScript, so which one ran belongs beside every
 * measurement.
 *
 * All three give the same answers; `test/crypto/secp256k1.test.ts` holds them to it. Only the
 * implementation in use is loaded.
 */
import { createRequire } from 'node:module'
import type * as Addon from 'secp256k1'
import { bytesToBigint, compareBytes, bigintToFixedBytes, hexToBytes } from '../lib/bytes.ts'

/** Fastest first. */
export const SECP_PATHS = ['native', 'wasm', 'noble'] as const
/** The name of an implementation of secp256k1. */
export type SecpPath = (typeof SECP_PATHS)[number]

/** The order of the group: private keys, r and s are in 1..n-1. */
export const SECP256K1_N =
  0xffffffff_ffffffff_ffffffff_fffffffe_baaedce6_af48a03b_bfd25e8c_d0364141n

/** A signature from which the public key of its signer can be computed. */
export interface RecoverableSignature {
  readonly r: bigint
  readonly s: bigint
  readonly yParity: 0 | 1
}

/** Signing and recovery, by whichever implementation runs. */
export interface Secp256k1 {
  readonly path: SecpPath
  /**
   * The 65-byte public key (04 || x || y) that made `signature` (64 bytes, r || s) over the 32-byte
   * `digest`, or `undefined` where no key could have. Takes high s: refusing it (EIP-2) is a rule,
   * not arithmetic. Throws a RangeError for a wrong length only.
   */
  recover(digest: Uint8Array, signature: Uint8Array, yParity: 0 | 1): Uint8Array | undefined
  /**
   * RFC 6979 with SHA-256, low s. Throws a RangeError for a wrong length or a key outside 1..n-1.
   */
  sign(digest: Uint8Array, privateKey: Uint8Array): RecoverableSignature
  /** The 65-byte public key (04 || x || y). Throws a RangeError for a key outside 1..n-1. */
  publicKey(privateKey: Uint8Array): Uint8Array
}

/** The best implementation that runs here, or the named one. Rejects if that cannot run. */
export async function loadSecp256k1(path?: SecpPath): Promise<Secp256k1> {
  if (path !== undefined) return checked(path, await LOADERS[path]())
  for (const candidate of SECP_PATHS) {
    try {
      return checked(candidate, await LOADERS[candidate]())
    } catch {
      continue
    }
  }
  throw new Error('no secp256k1 implementation runs here: reinstall the dependencies with `npm ci`')
}

const PUBLIC_KEY_BYTES = 65

/**
 * What an implementation answers for arguments of the right length; keys are in range, digests
 * below n.
 */
interface Curve {
  recover(digest: Uint8Array, signature: Uint8Array, yParity: 0 | 1): Uint8Array | undefined
  /** Signature r || s and the recovery id. */
  sign(digest: Uint8Array, privateKey: Uint8Array): [signature: Uint8Array, recoveryId: number]
  publicKey(privateKey: Uint8Array): Uint8Array
}

const LOADERS: Readonly<Record<SecpPath, () => Curve | Promise<Curve>>> = {
  native: loadNative,
  wasm: loadWasm,
  noble: loadNoble,
}

/**
 * The package's own entry falls back in silence to pure JavaScript where no binary fits this
 * machine; its `bindings.js` is the binary or an error.
 */
function loadNative(): Curve {
  const addon: typeof Addon = createRequire(import.meta.url)('secp256k1/bindings.js')
  // Arrays this small live in the engine's heap: native code would first have each of them moved
  // out.
  const digestCopy = new Uint8Array(new ArrayBuffer(32))
  const signatureCopy = new Uint8Array(new ArrayBuffer(64))
  return {
    recover: (digest, signature, yParity) => {
      digestCopy.set(digest)
      signatureCopy.set(signature)
      try {
        return addon.ecdsaRecover(signatureCopy, yParity, digestCopy, false, keyBytes())
      } catch {
        return undefined
      }
    },
    sign: (digest, privateKey) => {
      const { signature, recid } = addon.ecdsaSign(digest, privateKey)
      return [signature, recid]
    },
    publicKey: (privateKey) => addon.publicKeyCreate(privateKey, false),
  }
}

/** 65 bytes out of a larger block: a block for each key would cost a fiftieth of the recovery. */
function keyBytes(): Uint8Array {
  const { buffer, byteOffset } = Buffer.allocUnsafe(PUBLIC_KEY_BYTES)
  return new Uint8Array(buffer, byteOffset, PUBLIC_KEY_BYTES)
}

/**
 * By its file: the package's entry would compile five more WebAssembly modules and a virtual
 * machine.
 */
async function loadWasm(): Promise<Curve> {
  const { instantiateSecp256k1 } = await import('@bitauth/libauth/build/lib/crypto/secp256k1.js')
  const wasm = await instantiateSecp256k1()
  return {
    recover: (digest, signature, yParity) => {
      const key = wasm.recoverPublicKeyUncompressed(signature, yParity, digest)
      return typeof key === 'string' ? undefined : key
    },
    sign: (digest, privateKey) => {
      const signed = wasm.signMessageHashRecoverableCompact(privateKey, digest)
      if (typeof signed === 'string') throw new Error(signed)
      return [signed.signature, signed.recoveryId]
    },
    publicKey: (privateKey) => {
      const key = wasm.derivePublicKeyUncompressed(privateKey)
      if (typeof key === 'string') throw new Error(key)
      return key
    },
  }
}

async function loadNoble(): Promise<Curve> {
  const { secp256k1: noble } = await import('@noble/curves/secp256k1.js')
  return {
    recover: (digest, signature, yParity) => {
      try {
        const parsed = noble.Signature.fromBytes(signature, 'compact').addRecoveryBit(yParity)
        return parsed.recoverPublicKey(digest).toBytes(false)
      } catch {
        return undefined
      }
    },
    sign: (digest, privateKey) => {
      const options = { prehash: false, lowS: true, format: 'recovered' } as const
      const signed = noble.sign(digest, privateKey, options)
      return [signed.subarray(1), signed[0] ?? 0]
    },
    publicKey: (privateKey) => noble.getPublicKey(privateKey, false),
  }
}

/**
 * The public face of an implementation: judges the arguments alike for all three, after a known
 * answer came out right.
 */
function checked(path: SecpPath, curve: Curve): Secp256k1 {
  const face: Secp256k1 = {
    path,
    recover: (digest, signature, yParity) => {
      expectLength('recover: digest', digest, 32)
      expectLength('recover: signature', signature, 64)
      return yParity === 0 || yParity === 1 ? curve.recover(digest, signature, yParity) : undefined
    },
    sign: (digest, privateKey) => {
      expectLength('sign: digest', digest, 32)
      expectPrivateKey('sign', privateKey)
      const [signature, recoveryId] = curve.sign(belowOrder(digest), privateKey)
      return toSignature(signature, recoveryId)
    },
    publicKey: (privateKey) => {
      expectPrivateKey('publicKey', privateKey)
      return curve.publicKey(privateKey)
    },
  }
  selfTest(face)
  return face
}

/**
 * A recovery id of 2 or 3 needs an r whose point has x >= n: one signature in 2^127, which Ethereum
 * cannot express.
 */
function toSignature(signature: Uint8Array, recoveryId: number): RecoverableSignature {
  if (recoveryId !== 0 && recoveryId !== 1)
    throw new Error(`sign: recovery id ${recoveryId} has no y parity; sign a different digest`)
  return {
    r: bytesToBigint(signature.subarray(0, 32)),
    s: bytesToBigint(signature.subarray(32)),
    yParity: recoveryId,
  }
}

const ORDER_BYTES = bigintToFixedBytes(SECP256K1_N, 32)
const ZERO_KEY = new Uint8Array(32)

/**
 * RFC 6979, 2.3.4: the nonce comes from the digest modulo n, which libsecp256k1 leaves to its
 * caller.
 */
function belowOrder(digest: Uint8Array): Uint8Array {
  if (compareBytes(digest, ORDER_BYTES) < 0) return digest
  return bigintToFixedBytes(bytesToBigint(digest) - SECP256K1_N, 32)
}

function expectPrivateKey(what: string, privateKey: Uint8Array): void {
  expectLength(`${what}: private key`, privateKey, 32)
  const inRange =
    compareBytes(privateKey, ORDER_BYTES) < 0 && compareBytes(privateKey, ZERO_KEY) > 0
  if (!inRange)
    throw new RangeError(`${what}: a private key is in 1..n-1, where n is the curve's order`)
}

function expectLength(what: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length)
    throw new RangeError(`${what} has ${length} bytes, got ${bytes.length}`)
}

/**
 * Key 1, whose public key is the generator, and a round trip over it: an implementation that fails
 * is not used.
 */
function selfTest(curve: Secp256k1): void {
  const key = bigintToFixedBytes(1n, 32)
  const digest = new Uint8Array(32).fill(0x5a)
  const { r, s, yParity } = curve.sign(digest, key)
  const signature = new Uint8Array(64)
  signature.set(bigintToFixedBytes(r, 32))
  signature.set(bigintToFixedBytes(s, 32), 32)
  const recovered = curve.recover(digest, signature, yParity)
  if (recovered === undefined || compareBytes(recovered, GENERATOR) !== 0)
    throw new Error(
      `secp256k1: the ${curve.path} implementation gives wrong answers on this machine`,
    )
}

const GENERATOR = hexToBytes(
  '0x0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798' +
    '483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8',
)

/** The best implementation there is, loaded once. */
export const secp256k1: Secp256k1 = await loadSecp256k1()
