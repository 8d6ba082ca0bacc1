import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressOfPublicKey } from '../../src/crypto/address.ts'
import {
  loadSecp256k1,
  SECP256K1_N,
  SECP_PATHS,
  secp256k1,
  type RecoverableSignature,
  type Secp256k1,
} from '../../src/crypto/secp256k1.ts'
import { bigintToFixedBytes, bytesToHex, concatBytes, hexToBytes } from '../../src/lib/bytes.ts'
import { privateKey } from '../builders/keys.ts'

const N = SECP256K1_N
const FIELD_P = 2n ** 256n - 2n ** 32n - 977n
const COMPILED = new URL('../../dist/crypto/secp256k1.js', import.meta.url).href

/** All of them; on a machine for which there is no native binary, the other two. */
const loaded = await Promise.allSettled(SECP_PATHS.map((path) => loadSecp256k1(path)))
const curves = loaded.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))

const word = (value: bigint): Uint8Array => bigintToFixedBytes(value, 32)
const signatureBytes = (r: bigint, s: bigint): Uint8Array => concatBytes(word(r), word(s))
const compact = ({ r, s }: RecoverableSignature): Uint8Array => signatureBytes(r, s)
const digestOf = (text: string): Uint8Array =>
  word(BigInt(`0x${Buffer.from(text).toString('hex')}`))

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 })
const edgeWord = fc.constantFrom(
  0n,
  1n,
  2n,
  5n,
  N / 2n,
  N / 2n + 1n,
  N - 2n,
  N - 1n,
  N,
  N + 1n,
  FIELD_P - N - 1n,
  FIELD_P - N,
  FIELD_P - 1n,
  FIELD_P,
  FIELD_P + 1n,
  2n ** 255n,
  2n ** 256n - 1n,
)
const anyWord = fc.oneof(
  bytes32,
  edgeWord.map(word),
  fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }).map(word),
)
const anyKey = fc.bigInt({ min: 1n, max: N - 1n }).map(word)
const anyParity = fc.constantFrom<0 | 1>(0, 1)

/**
 * What every implementation answers, as one value: the same for all, or the test shows who differs.
 */
function answers(question: (curve: Secp256k1) => Uint8Array | undefined): string {
  const said = curves.map((curve) => {
    const key = question(curve)
    return key === undefined ? 'none' : bytesToHex(key)
  })
  expect(said).toEqual(said.map(() => said[0]))
  return said[0] ?? ''
}

test('takes the native addon where a binary is, and what it takes is a binary', () => {
  const binaries = Object.keys(createRequire(import.meta.url).cache).filter((file) =>
    /secp256k1.*\.node$/.test(file),
  )
  expect(secp256k1.path).toBe(curves[0]?.path)
  expect(binaries.length > 0).toBe(secp256k1.path === 'native')
})

test('says that it runs on wasm where no binary is, instead of falling back in silence', async () => {
  const program = `import('${COMPILED}').then((m) => console.log(m.secp256k1.path))`
  const env = { ...process.env, SECP256K1_PREBUILD: '/nonexistent' }
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program], { env })
  expect(stdout.trim()).toBe('wasm')
})

test('loads no implementation in place of the one that was named', async () => {
  for (const curve of curves) expect((await loadSecp256k1(curve.path)).path).toBe(curve.path)
  expect(curves.map((curve) => curve.path)).toEqual(expect.arrayContaining(['wasm', 'noble']))
})

describe('recover', () => {
  test('gives the same answer on all three for any digest, signature and parity', () => {
    fc.assert(
      fc.property(anyWord, anyWord, anyWord, anyParity, (digest, r, s, yParity) => {
        expect(answers((curve) => curve.recover(digest, concatBytes(r, s), yParity))).toMatch(
          /^(none|0x04)/,
        )
      }),
      { numRuns: 300 },
    )
  })

  test('gives the signer back on all three for any signature and its high-s twin', () => {
    fc.assert(
      fc.property(anyWord, anyKey, (digest, key) => {
        const signed = secp256k1.sign(digest, key)
        const publicKey = bytesToHex(secp256k1.publicKey(key))
        const twin = {
          r: signed.r,
          s: N - signed.s,
          yParity: signed.yParity === 0 ? 1 : 0,
        } as const
        for (const { yParity, ...rs } of [signed, twin])
          expect(
            answers((curve) => curve.recover(digest, signatureBytes(rs.r, rs.s), yParity)),
          ).toBe(publicKey)
      }),
      { numRuns: 60 },
    )
  })

  test('never gives the signer back for another parity or another digest', () => {
    const key = privateKey()
    const digest = digestOf('a digest')
    const signed = secp256k1.sign(digest, key)
    const publicKey = bytesToHex(secp256k1.publicKey(key))
    const other = signed.yParity === 0 ? 1 : 0
    expect(answers((curve) => curve.recover(digest, compact(signed), other))).not.toBe(publicKey)
    expect(
      answers((curve) => curve.recover(digestOf('another'), compact(signed), signed.yParity)),
    ).not.toBe(publicKey)
  })

  const { r, s } = secp256k1.sign(digestOf('edge'), privateKey())
  test.each([
    ['r = 0', 0n, s],
    ['s = 0', r, 0n],
    ['r = s = 0', 0n, 0n],
    ['r = n', N, s],
    ['s = n', r, N],
    ['r = n + 1', N + 1n, s],
    ['s = n + 1', r, N + 1n],
    ['r = the field prime', FIELD_P, s],
    ['r and s of all ones', 2n ** 256n - 1n, 2n ** 256n - 1n],
    ['r = 5, which is the x of no point', 5n, s],
    ['r = n - 1, which is the x of no point', N - 1n, s],
  ])('finds no key for %s', (_name, r, s) => {
    for (const yParity of [0, 1] as const)
      expect(
        answers((curve) => curve.recover(digestOf('edge'), signatureBytes(r, s), yParity)),
      ).toBe('none')
  })

  test('finds no key where the sum is the point at infinity', () => {
    // Q = r^-1 (sR - zG) with R = kG: z = sk makes it infinity. k = 1 gives R = G.
    const generatorX = 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n
    const [s, z] = [7n, 7n]
    expect(answers((curve) => curve.recover(word(z), signatureBytes(generatorX, s), 0))).toBe(
      'none',
    )
    expect(answers((curve) => curve.recover(word(z), signatureBytes(generatorX, s), 1))).not.toBe(
      'none',
    )
  })

  test.each([
    ['zero', 0n],
    ['n, which is zero modulo n', N],
    ['n - 1', N - 1n],
    ['all ones', 2n ** 256n - 1n],
  ])('takes a digest of %s', (_name, digest) => {
    const signed = secp256k1.sign(word(digest), privateKey(3))
    expect(answers((curve) => curve.recover(word(digest), compact(signed), signed.yParity))).toBe(
      bytesToHex(secp256k1.publicKey(privateKey(3))),
    )
  })

  test.each([2, 3, 4, -1, 27, 28, 0.5, Number.NaN])('finds no key for parity %d', (parity) => {
    const signed = secp256k1.sign(digestOf('parity'), privateKey())
    expect(
      answers((curve) =>
        curve.recover(digestOf('parity'), compact(signed), parity as unknown as 0 | 1),
      ),
    ).toBe('none')
  })

  test.each(curves)('leaves its arguments as they were ($path)', (curve) => {
    const digest = digestOf('unchanged')
    const signature = compact(secp256k1.sign(digest, privateKey()))
    const before = bytesToHex(concatBytes(digest, signature))
    curve.recover(digest, signature, 0)
    expect(bytesToHex(concatBytes(digest, signature))).toBe(before)
  })

  test.each(curves)('reads views into a larger buffer ($path)', (curve) => {
    const digest = digestOf('view')
    const signed = secp256k1.sign(digest, privateKey())
    const record = concatBytes(new Uint8Array(7), digest, compact(signed), new Uint8Array(9))
    const key = curve.recover(record.subarray(7, 39), record.subarray(39, 103), signed.yParity)
    expect(key).toEqual(secp256k1.publicKey(privateKey()))
  })

  test.each(curves)('throws for a wrong length, which is a bug of the caller ($path)', (curve) => {
    expect(() => curve.recover(new Uint8Array(31), new Uint8Array(64), 0)).toThrow(RangeError)
    expect(() => curve.recover(new Uint8Array(32), new Uint8Array(65), 0)).toThrow(RangeError)
  })
})

describe('sign', () => {
  test('gives the same low-s signature on all three for any digest and key', () => {
    fc.assert(
      fc.property(anyWord, anyKey, (digest, key) => {
        const [first, ...others] = curves.map((curve) => curve.sign(digest, key))
        for (const other of others) expect(other).toEqual(first)
        expect(first?.s).toBeLessThanOrEqual(N / 2n)
      }),
      { numRuns: 60 },
    )
  })

  // Widely published known answers of RFC 6979 with SHA-256 on this curve.
  test.each([
    [
      1n,
      'Satoshi Nakamoto',
      '0x934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8',
      '0x2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5',
    ],
    [
      1n,
      'All those moments will be lost in time, like tears in rain. Time to die...',
      '0x8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b',
      '0x547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21',
    ],
    [
      N - 1n,
      'Satoshi Nakamoto',
      '0xfd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d0',
      '0x6b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5',
    ],
  ])('gives the published signature of key %d over the SHA-256 of %j', async (key, text, r, s) => {
    const sha256 = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
    for (const curve of curves)
      expect(curve.sign(new Uint8Array(sha256), word(key))).toMatchObject({
        r: BigInt(r),
        s: BigInt(s),
      })
  })

  test.each([
    ['zero', 0n],
    ['n', N],
    ['n + 1', N + 1n],
    ['all ones', 2n ** 256n - 1n],
  ])('refuses a private key of %s, and has no public key for it', (_name, key) => {
    for (const curve of curves) {
      expect(() => curve.sign(digestOf('x'), word(key))).toThrow(RangeError)
      expect(() => curve.publicKey(word(key))).toThrow(RangeError)
    }
  })

  test.each(curves)('throws for a wrong length ($path)', (curve) => {
    expect(() => curve.sign(new Uint8Array(33), privateKey())).toThrow(RangeError)
    expect(() => curve.sign(new Uint8Array(32), new Uint8Array(31))).toThrow(RangeError)
    expect(() => curve.publicKey(new Uint8Array(33))).toThrow(RangeError)
  })
})

describe('publicKey', () => {
  test('gives the same key on all three, for edge keys too', () => {
    for (const key of [1n, 2n, 3n, N / 2n, N - 2n, N - 1n])
      expect(answers((curve) => curve.publicKey(word(key)))).toMatch(/^0x04[0-9a-f]{128}$/)
  })

  test('of the first junk-mnemonic key has the address every devnet tool prints', () => {
    const key = hexToBytes('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80')
    expect(addressOfPublicKey(secp256k1.publicKey(key))).toBe(
      '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266',
    )
  })
})
