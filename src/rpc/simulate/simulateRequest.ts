/**
 * The parameter of eth_simulateV1 as it is read: blocks of calls that nobody signed, and what they
 * change beforehand.
 */
import type { Address } from '../../crypto/address.ts'
import type { Hash } from '../../crypto/keccak.ts'
import { isRecord } from '../../lib/records.ts'
import { callRequestKind, optionalField, type CallRequest } from '../callRequest.ts'
import {
  addressKind,
  booleanKind,
  fail,
  hashKind,
  uint256Kind,
  uint64Kind,
  type ParamKind,
} from '../params.ts'
import { SCHEMAS } from '../schemas.ts'

/** A call, with what only a simulated one says. */
export interface SimulatedCall {
  readonly request: CallRequest
  /** The next one of the sender unless given. */
  readonly nonce: bigint | undefined
  /** It named one gas price: it is a transaction of type 0. */
  readonly isLegacy: boolean
}

/** What an account has instead of what the state says. */
export interface AccountOverride {
  readonly nonce: bigint | undefined
  readonly balance: bigint | undefined
}

/** A block of calls; what is left out follows from the block before. */
export interface SimulatedBlock {
  readonly number: bigint | undefined
  /** Unix seconds. */
  readonly timestamp: bigint | undefined
  readonly gasLimit: bigint | undefined
  readonly feeRecipient: Address | undefined
  readonly prevRandao: Hash | undefined
  readonly baseFee: bigint | undefined
  readonly accounts: ReadonlyMap<Address, AccountOverride>
  readonly calls: readonly SimulatedCall[]
}

/** What is to be simulated. */
export interface SimulateRequest {
  readonly blocks: readonly SimulatedBlock[]
  /** Whether transfers of value are told as logs (ERC-7528). */
  readonly traceTransfers: boolean
  /** Whether nonces and base fees count as in a real block. */
  readonly validation: boolean
  readonly fullTransactions: boolean
}

const BLOCK_FIELDS: readonly string[] = [
  'number',
  'time',
  'gasLimit',
  'feeRecipient',
  'prevRandao',
  'baseFeePerGas',
]
const ACCOUNT_FIELDS: readonly string[] = ['nonce', 'balance']

/** Reads `{blockStateCalls, traceTransfers, validation, returnFullTransactions}`. */
export const simulateKind: ParamKind<SimulateRequest> = {
  type: 'object with blockStateCalls, traceTransfers, validation and returnFullTransactions',
  schema: SCHEMAS.object,
  read: (value) => {
    if (!isRecord(value)) return fail('json: cannot unmarshal non-object into a simulation')
    const flag = (name: string): boolean => optionalField(value, name, booleanKind) ?? false
    return {
      blocks: listIn(value, 'blockStateCalls').map(readBlock),
      traceTransfers: flag('traceTransfers'),
      validation: flag('validation'),
      fullTransactions: flag('returnFullTransactions'),
    }
  },
}

function readBlock(value: unknown): SimulatedBlock {
  if (!isRecord(value)) return fail('blockStateCalls: expected objects')
  const overrides = objectIn(value, 'blockOverrides')
  onlyKnown(overrides, BLOCK_FIELDS, 'blockOverrides')
  return {
    number: optionalField(overrides, 'number', uint64Kind),
    timestamp: optionalField(overrides, 'time', uint64Kind),
    gasLimit: optionalField(overrides, 'gasLimit', uint64Kind),
    feeRecipient: optionalField(overrides, 'feeRecipient', addressKind),
    prevRandao: optionalField(overrides, 'prevRandao', hashKind),
    baseFee: optionalField(overrides, 'baseFeePerGas', uint256Kind),
    accounts: new Map(Object.entries(objectIn(value, 'stateOverrides')).map(readAccount)),
    calls: listIn(value, 'calls').map(readCall),
  }
}

function readAccount([address, value]: readonly [string, unknown]): readonly [
  Address,
  AccountOverride,
] {
  if (!isRecord(value)) return fail('stateOverrides: expected objects by address')
  onlyKnown(value, ACCOUNT_FIELDS, 'stateOverrides')
  return [
    addressKind.read(address),
    {
      nonce: optionalField(value, 'nonce', uint64Kind),
      balance: optionalField(value, 'balance', uint256Kind),
    },
  ]
}

function readCall(value: unknown): SimulatedCall {
  const request = callRequestKind.read(value)
  const fields = isRecord(value) ? value : {}
  const gasPrice = fields['gasPrice']
  return {
    request,
    nonce: optionalField(fields, 'nonce', uint64Kind),
    isLegacy: gasPrice !== undefined && gasPrice !== null,
  }
}

/** What the ledger cannot show to anybody: code, storage, blobs. */
function onlyKnown(
  fields: Readonly<Record<string, unknown>>,
  known: readonly string[],
  where: string,
): void {
  const stranger = Object.keys(fields).find((name) => !known.includes(name))
  if (stranger !== undefined)
    fail(
      `${where}: ${stranger.slice(0, 40)} is not supported, for this chain executes value transfers only: there are ${known.join(', ')}`,
    )
}

function objectIn(
  value: Readonly<Record<string, unknown>>,
  name: string,
): Readonly<Record<string, unknown>> {
  const field = value[name] ?? {}
  return isRecord(field) ? field : fail(`${name}: expected an object`)
}

function listIn(value: Readonly<Record<string, unknown>>, name: string): readonly unknown[] {
  const field = value[name] ?? []
  return Array.isArray(field) ? field : fail(`${name}: expected a list`)
}
