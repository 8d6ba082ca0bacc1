/**
 * The transaction object of eth_call and eth_estimateGas as it is read; callChecks.ts checks and
 * prices it.
 */
import { isRecord } from '../lib/records.ts'
import { ZERO_ADDRESS, type Address } from '../crypto/address.ts'
import { asHash } from '../crypto/keccak.ts'
import { EMPTY_BYTES, equalBytes } from '../lib/bytes.ts'
import type { AccessListEntry, Authorization, Tx, TxType } from '../tx/tx.ts'
import { RPC_CODES, RpcError } from './errors.ts'
import { RPC_LIMITS } from './limits.ts'
import {
  addressKind,
  bytesKind,
  fail,
  hashKind,
  indexKind,
  listKind,
  uint256Kind,
  uint64Kind,
  type ParamKind,
} from './params.ts'
import { SCHEMAS } from './schemas.ts'

/** A transaction that nobody signed. Amounts are wei, gas is gas units. */
export interface CallRequest {
  readonly from: Address
  readonly to: Address | undefined
  readonly gas: bigint | undefined
  /** The chain that the caller means. */
  readonly chainId: bigint | undefined
  /** 0 where the caller named no price. */
  readonly maxFeePerGas: bigint
  /** Equal to the other where the caller named one gas price. */
  readonly maxPriorityFeePerGas: bigint
  readonly value: bigint
  readonly data: Uint8Array
  readonly accessList: readonly AccessListEntry[]
  readonly authorizationList: readonly Authorization[] | undefined
}

type Fields = Readonly<Record<string, unknown>>

/**
 * An object with the fields of a transaction, none of them demanded; unknown ones are skipped, as
 * by geth.
 */
export const callRequestKind: ParamKind<CallRequest> = {
  type: 'transaction object',
  schema: SCHEMAS.object,
  read: (value) => {
    if (!isRecord(value)) return fail('json: cannot unmarshal non-object into a transaction')
    return {
      from: optionalField(value, 'from', addressKind) ?? ZERO_ADDRESS,
      to: optionalField(value, 'to', addressKind),
      gas: optionalField(value, 'gas', uint64Kind),
      chainId: optionalField(value, 'chainId', uint256Kind),
      ...readFees(value),
      value: optionalField(value, 'value', uint256Kind) ?? 0n,
      data: readData(value),
      accessList: optionalField(value, 'accessList', accessListKind) ?? [],
      authorizationList: optionalField(value, 'authorizationList', authorizationListKind),
    }
  },
}

/** An object of state or block overrides: there is no EVM to show an overridden world to. */
export const overridesKind: ParamKind<undefined> = {
  type: 'overrides (must be empty)',
  schema: { type: 'object', maxProperties: 0 },
  read: (value) =>
    isRecord(value) && Object.keys(value).length === 0
      ? undefined
      : fail('overrides are not supported: this chain executes value transfers only'),
}

/** The request as the rules of transactions want to see it. */
export function asTx(request: CallRequest): Tx {
  const { to, value, data, accessList, authorizationList } = request
  const { maxFeePerGas, maxPriorityFeePerGas } = request
  return {
    type: typeOf(request),
    hash: asHash(new Uint8Array(32)),
    raw: EMPTY_BYTES,
    chainId: undefined,
    nonce: 0n,
    gasLimit: request.gas ?? 0n,
    to,
    value,
    data,
    maxFeePerGas,
    maxPriorityFeePerGas,
    accessList,
    signature: { r: 0n, s: 0n, yParity: 0 },
    ...(authorizationList && { authorizationList }),
  }
}

function typeOf({ accessList, authorizationList }: CallRequest): TxType {
  if (authorizationList !== undefined) return 4
  return accessList.length > 0 ? 1 : 0
}

/** A field that may be left out or null. */
export function optionalField<T>(fields: Fields, name: string, kind: ParamKind<T>): T | undefined {
  const value = fields[name]
  return value === undefined || value === null ? undefined : kind.read(value)
}

function readFees(fields: Fields): Pick<CallRequest, 'maxFeePerGas' | 'maxPriorityFeePerGas'> {
  const gasPrice = optionalField(fields, 'gasPrice', uint256Kind)
  const maxFee = optionalField(fields, 'maxFeePerGas', uint256Kind)
  const tip = optionalField(fields, 'maxPriorityFeePerGas', uint256Kind)
  if (gasPrice !== undefined && (maxFee !== undefined || tip !== undefined))
    throw new RpcError(
      RPC_CODES.server,
      'both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified',
    )
  return { maxFeePerGas: gasPrice ?? maxFee ?? 0n, maxPriorityFeePerGas: gasPrice ?? tip ?? 0n }
}

function readData(fields: Fields): Uint8Array {
  const data = optionalField(fields, 'data', bytesKind)
  const input = optionalField(fields, 'input', bytesKind)
  if (data !== undefined && input !== undefined && !equalBytes(data, input))
    return fail(
      'both "data" and "input" are set and not equal. Please use "input" to pass transaction call data',
    )
  return input ?? data ?? EMPTY_BYTES
}

const storageKeysKind = listKind(hashKind, RPC_LIMITS.maxListItems)

const accessListKind: ParamKind<readonly AccessListEntry[]> = listKind(
  {
    type: 'access list entry',
    schema: SCHEMAS.object,
    read: (value) => {
      if (!isRecord(value)) return fail('an access list entry must be an object')
      const keys = optionalField(value, 'storageKeys', storageKeysKind)
      return { address: addressKind.read(value['address']), storageKeys: keys ?? [] }
    },
  },
  RPC_LIMITS.maxListItems,
)

const authorizationListKind: ParamKind<readonly Authorization[]> = listKind(
  {
    type: 'authorization',
    schema: SCHEMAS.object,
    read: (value) => {
      if (!isRecord(value)) return fail('an authorization must be an object')
      return {
        chainId: uint256Kind.read(value['chainId']),
        address: addressKind.read(value['address']),
        nonce: uint64Kind.read(value['nonce']),
        yParity: indexKind.read(value['yParity'] ?? '0x0'),
        r: uint256Kind.read(value['r']),
        s: uint256Kind.read(value['s']),
      }
    },
  },
  RPC_LIMITS.maxListItems,
)
