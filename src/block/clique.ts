/**
 * Clique, proof of authority (EIP-225): the signer set stands in the genesis block's extra data and
 * every block carries its signer's signature at the end of its own. Here are the formats; which
 * signer may seal when is a rule of the chain.
 *
 * Extra data: 32 bytes of vanity, then (genesis and epoch blocks only) the addresses of all
 * signers, then 65 bytes of seal: r, s and the recovery bit.
 */
import { addressOfPublicKey, asAddress, type Address } from '../crypto/address.ts'
import { keccak256 } from '../crypto/keccak.ts'
import { secp256k1, SECP256K1_N } from '../crypto/secp256k1.ts'
import {
  bigintToFixedBytes,
  bytesToBigint,
  compareBytes,
  concatBytes,
  hexToBytes,
} from '../lib/bytes.ts'
import { encodeHeader, type Header } from './header.ts'

/** Bytes of `extraData` before the signers, free for the signer to use (EIP-225). */
export const CLIQUE_VANITY_BYTES = 32
/** Bytes of the signature at the end of `extraData` (EIP-225). */
export const CLIQUE_SEAL_BYTES = 65

/** Difficulty of a block by the signer whose turn it is, and by any other. */
export const IN_TURN_DIFFICULTY = 2n
/** Difficulty of a block by a signer whose turn it is not (EIP-225). */
export const OUT_OF_TURN_DIFFICULTY = 1n

const ADDRESS_BYTES = 20
const HIGHEST_S = SECP256K1_N / 2n

/** A seal as a recovery takes it. */
export interface CliqueSeal {
  /** 64 bytes, r and s. */
  readonly signature: Uint8Array
  readonly yParity: 0 | 1
}

/** Extra data with room for a seal. `vanity` is cut or padded with zeros to 32 bytes. */
export function cliqueExtraData(vanity: Uint8Array, signers: readonly Address[] = []): Uint8Array {
  const first = new Uint8Array(CLIQUE_VANITY_BYTES)
  first.set(vanity.subarray(0, CLIQUE_VANITY_BYTES))
  return concatBytes(first, ...signers.map(hexToBytes), new Uint8Array(CLIQUE_SEAL_BYTES))
}

/**
 * The signers that a genesis block's extra data lists, each once, in ascending order: the order of
 * turns. Throws a RangeError where it lists none.
 */
export function cliqueSigners(genesisExtraData: Uint8Array): readonly Address[] {
  const listBytes = genesisExtraData.length - CLIQUE_VANITY_BYTES - CLIQUE_SEAL_BYTES
  if (listBytes < ADDRESS_BYTES || listBytes % ADDRESS_BYTES !== 0) {
    throw new RangeError(
      `the genesis extra data has ${genesisExtraData.length} bytes; Clique needs 32 bytes of vanity, ` +
        '20 for each of one or more signers, and 65 zero bytes',
    )
  }
  const signers = new Set<Address>()
  for (let at = CLIQUE_VANITY_BYTES; at < CLIQUE_VANITY_BYTES + listBytes; at += ADDRESS_BYTES)
    signers.add(asAddress(genesisExtraData.subarray(at, at + ADDRESS_BYTES)))
  return [...signers].sort((a, b) => compareBytes(hexToBytes(a), hexToBytes(b)))
}

/**
 * What the signer signs: keccak256 of the header without the seal, 32 bytes. Throws a RangeError
 * where the extra data has no room for a seal; {@link cliqueSeal} answers `undefined` there.
 */
export function cliqueSealHash(header: Header): Uint8Array {
  const sealAt = header.extraData.length - CLIQUE_SEAL_BYTES
  if (sealAt < CLIQUE_VANITY_BYTES)
    throw new RangeError(`extra data of ${header.extraData.length} bytes has no room for a seal`)
  return keccak256(encodeHeader({ ...header, extraData: header.extraData.subarray(0, sealAt) }))
}

/**
 * The seal at the end of the extra data; `undefined` where it has none of the right form. The upper
 * half of the values of `s` is refused: from any seal anybody can compute its twin there, and so a
 * second hash of the same block.
 */
export function cliqueSeal(header: Header): CliqueSeal | undefined {
  const { extraData } = header
  if (extraData.length < CLIQUE_VANITY_BYTES + CLIQUE_SEAL_BYTES) return undefined
  const signature = extraData.subarray(-CLIQUE_SEAL_BYTES, -1)
  const yParity = extraData.at(-1)
  if (yParity !== 0 && yParity !== 1) return undefined
  if (bytesToBigint(signature.subarray(32)) > HIGHEST_S) return undefined
  return { signature, yParity }
}

/**
 * The account whose key sealed the header; `undefined` where no key can have. Any key can have
 * sealed anything: whether it was one of the signers is for the caller to ask.
 */
export function cliqueSigner(header: Header): Address | undefined {
  const seal = cliqueSeal(header)
  if (seal === undefined) return undefined
  const publicKey = secp256k1.recover(cliqueSealHash(header), seal.signature, seal.yParity)
  return publicKey && addressOfPublicKey(publicKey)
}

/** The header with its last 65 bytes of extra data replaced by the key's seal. */
export function sealHeader(header: Header, privateKey: Uint8Array): Header {
  const { r, s, yParity } = secp256k1.sign(cliqueSealHash(header), privateKey)
  const unsealed = header.extraData.subarray(0, -CLIQUE_SEAL_BYTES)
  const seal = [bigintToFixedBytes(r, 32), bigintToFixedBytes(s, 32), Uint8Array.of(yParity)]
  return { ...header, extraData: concatBytes(unsealed, ...seal) }
}

/** The difficulty of the block that `signer` seals at `number`; `signers` in ascending order. */
export function cliqueDifficulty(
  number: bigint,
  signer: Address,
  signers: readonly Address[],
): bigint {
  const turn = Number(number % BigInt(signers.length))
  return signers[turn] === signer ? IN_TURN_DIFFICULTY : OUT_OF_TURN_DIFFICULTY
}

/** A signer may seal one of any so many consecutive blocks. */
export function cliqueSignerLimit(signerCount: number): number {
  return Math.floor(signerCount / 2) + 1
}
