/** The transaction object of eth_call and eth_estimateGas: read, checked against the state, and priced. */
import { forkAt } from '../chain/genesis/forks.ts'
import { transferScopeRefusal, type TransferScopeReason } from '../chain/rules/transferRules.ts'
import type { AccountView } from '../chain/state.ts'
import type { Block } from '../block/block.ts'
import { ZERO_ADDRESS, type Address } from '../crypto/address.ts'
import { asHash } from '../crypto/keccak.ts'
import { EMPTY_BYTES, equalBytes } from '../lib/bytes.ts'
import { floorGas, intrinsicGas } from '../tx/gas.ts'
import type { AccessListEntry, Authorization, Tx, TxType } from '../tx/tx.ts'
import type { RpcChain } from './context.ts'
import { refused } from './errors.ts'
import { isObject } from './server/json.ts'
import { RPC_LIMITS } from './limits.ts'
import {
  addressKind,
  bytesKind,
  fail,
  hashKind,
  indexKind,
  listOf,
  uint256Kind,
  uint64Kind,
  type Kind,
} from './params.ts'

/** A transaction that nobody signed. Amounts are wei, gas is gas units. */
export interface CallRequest {
  readonly from: Address
  readonly to: Address | undefined
  readonly gas: bigint | undefined
  /** 0 where the caller named no price. */
  readonly maxFeePerGas: bigint
  readonly value: bigint
  readonly data: Uint8Array
  readonly accessList: readonly AccessListEntry[]
  readonly authorizationList: readonly Authorization[] | undefined
}

type Fields = Readonly<Record<string, unknown>>

/** An object with the fields of a transaction, none of them demanded; unknown ones are skipped, as by geth. */
export const callRequestKind: Kind<CallRequest> = {
  type: 'transaction object',
  read: (value) => {
    if (!isObject(value)) return fail('json: cannot unmarshal non-object into a transaction')
    return {
      from: optionalField(value, 'from', addressKind) ?? ZERO_ADDRESS,
      to: optionalField(value, 'to', addressKind),
      gas: optionalField(value, 'gas', uint64Kind),
      maxFeePerGas: readFee(value),
      value: optionalField(value, 'value', uint256Kind) ?? 0n,
      data: readData(value),
      accessList: optionalField(value, 'accessList', accessListKind) ?? [],
      authorizationList: optionalField(value, 'authorizationList', authorizationListKind),
    }
  },
}

/** An object of state or block overrides: there is no EVM to show an overridden world to. */
export const overridesKind: Kind<undefined> = {
  type: 'overrides (must be empty)',
  read: (value) =>
    isObject(value) && Object.keys(value).length === 0
      ? undefined
      : fail('overrides are not supported: this chain executes value transfers only'),
}

export interface CallPlace {
  readonly block: Block
  readonly state: AccountView
}

/** Refuses what the ledger does not execute and what the sender cannot pay, in geth's words. */
export function checkCall(
  chain: RpcChain,
  request: CallRequest,
  { block, state }: CallPlace,
): void {
  const fork = forkAfter(chain, block)
  const refusal = transferScopeRefusal(asTx(request), { state, fork })
  if (refusal !== undefined && !isEmptyCreation(request)) throw scopeError(refusal)
  const balance = state.balance(request.from)
  const want = request.value + request.maxFeePerGas * (request.gas ?? 0n)
  if (balance < want)
    throw refused(
      'insufficient-funds',
      `insufficient funds for gas * price + value: address ${request.from} have ${balance} want ${want}`,
    )
  const baseFee = block.header.baseFeePerGas ?? 0n
  if (request.maxFeePerGas > 0n && request.maxFeePerGas < baseFee)
    throw refused(
      'fee-cap-below-base-fee',
      'max fee per gas less than block base fee: ' +
        `address ${request.from}, maxFeePerGas: ${request.maxFeePerGas}, baseFee: ${baseFee}`,
    )
}

/** The gas that the request needs, which for a transfer is known without executing it. */
export function estimateGas(chain: RpcChain, request: CallRequest, place: CallPlace): bigint {
  checkCall(chain, request, place)
  const fork = forkAfter(chain, place.block)
  const tx = asTx(request)
  const intrinsic = intrinsicGas(tx, fork)
  const floor = floorGas(tx, fork)
  const gas = intrinsic > floor ? intrinsic : floor
  const allowance = gasAllowance(request, place)
  if (gas > allowance)
    throw refused('gas-below-intrinsic', `gas required exceeds allowance (${allowance})`)
  return gas
}

/** What the ledger says about a transaction it does not execute. */
export function scopeError(reason: TransferScopeReason): Error {
  return refused(reason, SCOPE_MESSAGES[reason])
}

export const SCOPE_MESSAGES: Readonly<Record<TransferScopeReason, string>> = {
  'type-not-executable':
    'transaction type not supported: this chain executes value transfers of types 0, 1 and 2',
  'contract-creation':
    'contract creation is not supported: this chain executes value transfers between accounts without code',
  'call-to-precompile':
    'calls to precompiled contracts are not supported: this chain executes value transfers only',
  'call-to-contract':
    'calls to contracts are not supported: this chain executes value transfers only',
}

function gasAllowance({ gas, maxFeePerGas, value, from }: CallRequest, place: CallPlace): bigint {
  const limit = place.block.header.gasLimit
  const wanted = gas === undefined || gas === 0n || gas > limit ? limit : gas
  if (maxFeePerGas === 0n) return wanted
  const affordable = (place.state.balance(from) - value) / maxFeePerGas
  return affordable < wanted ? affordable : wanted
}

/** A creation with no code runs nothing and makes nothing that eth_call could answer. */
function isEmptyCreation({ to, data }: CallRequest): boolean {
  return to === undefined && data.length === 0
}

function forkAfter({ config }: RpcChain, { header }: Block): ReturnType<typeof forkAt> {
  return forkAt(config, header.number + 1n, header.timestamp + 1n)
}

/** The request as the rules of transactions want to see it. */
function asTx(request: CallRequest): Tx {
  const { to, value, data, accessList, authorizationList, maxFeePerGas } = request
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
    maxPriorityFeePerGas: maxFeePerGas,
    accessList,
    signature: { r: 0n, s: 0n, yParity: 0 },
    ...(authorizationList && { authorizationList }),
  }
}

function typeOf({ accessList, authorizationList }: CallRequest): TxType {
  if (authorizationList !== undefined) return 4
  return accessList.length > 0 ? 1 : 0
}

function optionalField<T>(fields: Fields, name: string, kind: Kind<T>): T | undefined {
  const value = fields[name]
  return value === undefined || value === null ? undefined : kind.read(value)
}

function readFee(fields: Fields): bigint {
  const gasPrice = optionalField(fields, 'gasPrice', uint256Kind)
  const maxFee = optionalField(fields, 'maxFeePerGas', uint256Kind)
  const tip = optionalField(fields, 'maxPriorityFeePerGas', uint256Kind)
  if (gasPrice !== undefined && (maxFee !== undefined || tip !== undefined))
    return fail('both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified')
  if (maxFee !== undefined && tip !== undefined && maxFee < tip)
    return fail(`maxFeePerGas (${maxFee}) < maxPriorityFeePerGas (${tip})`)
  return gasPrice ?? maxFee ?? 0n
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

const storageKeysKind = listOf(hashKind, RPC_LIMITS.maxListItems)

const accessListKind: Kind<readonly AccessListEntry[]> = listOf(
  {
    type: 'access list entry',
    read: (value) => {
      if (!isObject(value)) return fail('an access list entry must be an object')
      const keys = optionalField(value, 'storageKeys', storageKeysKind)
      return { address: addressKind.read(value['address']), storageKeys: keys ?? [] }
    },
  },
  RPC_LIMITS.maxListItems,
)

const authorizationListKind: Kind<readonly Authorization[]> = listOf(
  {
    type: 'authorization',
    read: (value) => {
      if (!isObject(value)) return fail('an authorization must be an object')
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
