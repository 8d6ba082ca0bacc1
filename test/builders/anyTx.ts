/** Arbitrary transactions that have an encoding, for properties. They need not keep any rule. */
import * as fc from 'fast-check'
import type { Address } from '../../src/crypto/address.ts'
import type { Hash } from '../../src/crypto/keccak.ts'
import { bytesToHex } from '../../src/lib/bytes.ts'
import type { UnsignedTx } from '../../src/tx/encodeTx.ts'
import { unsignedTx } from '../../src/tx/signTx.ts'
import type { AccessListEntry, Authorization, Signature } from '../../src/tx/tx.ts'

function uint(bits: number): fc.Arbitrary<bigint> {
  const max = 2n ** BigInt(bits) - 1n
  return fc.oneof(fc.constantFrom(0n, 1n, 127n, 128n, max), fc.bigInt({ min: 0n, max }))
}

function fixed(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length })
}

export const anyAddress = fixed(20).map((bytes) => bytesToHex(bytes) as Address)
const anyHash = fixed(32).map((bytes) => bytesToHex(bytes) as Hash)

const anyAccessList: fc.Arbitrary<AccessListEntry[]> = fc.array(
  fc.record({ address: anyAddress, storageKeys: fc.array(anyHash, { maxLength: 3 }) }),
  { maxLength: 3 },
)

const anyAuthorization: fc.Arbitrary<Authorization> = fc.record({
  chainId: uint(256),
  address: anyAddress,
  nonce: uint(64),
  yParity: fc.integer({ min: 0, max: 255 }),
  r: uint(256),
  s: uint(256),
})

export const anySignature: fc.Arbitrary<Signature> = fc.record({
  r: uint(256),
  s: uint(256),
  yParity: fc.constantFrom(0 as const, 1 as const),
})

const common = {
  nonce: uint(64),
  gasLimit: uint(64),
  to: fc.option(anyAddress, { nil: undefined }),
  value: uint(256),
  data: fc.uint8Array({ maxLength: 300 }),
}

const fees = { maxFeePerGas: uint(256), maxPriorityFeePerGas: uint(256) }
const typed = { chainId: uint(64), accessList: anyAccessList }

/** One fee in both fields, as types 0 and 1 have it. */
function withGasPrice(
  fields: Omit<UnsignedTx, 'maxFeePerGas' | 'maxPriorityFeePerGas' | 'accessList'> &
    Partial<UnsignedTx>,
  gasPrice: bigint,
): UnsignedTx {
  return unsignedTx({ ...fields, maxFeePerGas: gasPrice, maxPriorityFeePerGas: gasPrice })
}

const legacy = fc
  .tuple(fc.record({ ...common, chainId: fc.option(uint(64), { nil: undefined }) }), uint(256))
  .map(([fields, gasPrice]) => withGasPrice({ ...fields, type: 0 }, gasPrice))

const accessList = fc
  .tuple(fc.record({ ...common, ...typed }), uint(256))
  .map(([fields, gasPrice]) => withGasPrice({ ...fields, type: 1 }, gasPrice))

const feeMarket = fc
  .record({ ...common, ...typed, ...fees })
  .map((fields) => unsignedTx({ ...fields, type: 2 }))

const blob = fc
  .record({
    ...common,
    ...typed,
    ...fees,
    to: anyAddress,
    maxFeePerBlobGas: uint(256),
    blobVersionedHashes: fc.array(anyHash, { maxLength: 7 }),
  })
  .map((fields) => unsignedTx({ ...fields, type: 3 }))

const setCode = fc
  .record({
    ...common,
    ...typed,
    ...fees,
    to: anyAddress,
    authorizationList: fc.array(anyAuthorization, { maxLength: 3 }),
  })
  .map((fields) => unsignedTx({ ...fields, type: 4 }))

/** Fields of a transaction of any type. */
export const anyFields: fc.Arbitrary<UnsignedTx> = fc.oneof(
  legacy,
  accessList,
  feeMarket,
  blob,
  setCode,
)
