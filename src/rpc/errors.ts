import type { TransferRefusal } from '../chain/rules/transferRules.ts'
import type { VerdictReason } from '../gossip/rules/reasons.ts'
import type { Json } from './server/json.ts'

/** The codes we answer with: JSON-RPC 2.0, EIP-1474 and, for -32003 and below in meaning, geth. */
export const RPC_CODES = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  server: -32000,
  timeout: -32002,
  responseTooLarge: -32003,
  /** execution-apis: history that this node does not have. */
  unavailable: 4444,
  /** EIP-7966: the transaction is in the pool and was not included in time. */
  syncTimeout: 4,
  /** eth_simulateV1 (execution-apis): what cannot be simulated, and why. */
  simulatedNonceTooLow: -38010,
  simulatedNonceTooHigh: -38011,
  simulatedFeeCap: -38012,
  simulatedIntrinsicGas: -38013,
  simulatedFunds: -38014,
  simulatedGasLimit: -38015,
  simulatedBlockNumber: -38020,
  simulatedBlockTime: -38021,
  simulatedSenderCode: -38024,
  simulatedTooMuch: -38026,
} as const

/** What a caller is told instead of a result; thrown by handlers, answered by the dispatcher. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: number
  readonly data: Json | undefined

  constructor(code: number, message: string, data?: Json) {
    super(message)
    this.code = code
    this.data = data
  }
}

/** Error -32602: the parameters cannot be used. */
export function invalidParams(message: string): RpcError {
  return new RpcError(RPC_CODES.invalidParams, message)
}

/** The words of what RPC itself refuses. */
export const RPC_REASONS = [
  'dial-failed',
  'fee-above-cap',
  'filter-not-found',
  'invariant-broken',
  'no-clique',
  'no-fault-hooks',
  'no-seal',
  'no-state',
  'not-traced',
  'too-many-logs',
  'too-many-subscriptions',
] as const

/** A stable word for why a call was refused. */
export type RpcReason = (typeof RPC_REASONS)[number] | VerdictReason | TransferRefusal

/**
 * A refusal by this node: `reason` is the stable word that gossip verdicts, metrics and tests use
 * for the same thing.
 */
export function refused(reason: RpcReason, message: string): RpcError {
  return new RpcError(RPC_CODES.server, message, { reason })
}

/** Error -32601: there is no such method. */
export function methodNotFound(method: string): RpcError {
  return new RpcError(
    RPC_CODES.methodNotFound,
    `the method ${method.slice(0, 80)} does not exist/is not available`,
  )
}
