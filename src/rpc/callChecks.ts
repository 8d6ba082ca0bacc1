/**
 * What eth_call and eth_estimateGas check of a transaction that nobody signed, in the order and the
 * words of geth (`core/state_transition.go`, `eth/gasestimator`), and what it would cost.
 */
import type { Block } from '../block/block.ts'
import { forkAt } from '../chain/genesis/forks.ts'
import { isPrecompile } from '../chain/rules/precompiles.ts'
import { transferScopeRefusal, type TransferScopeReason } from '../chain/rules/transferRules.ts'
import type { AccountView } from '../chain/state.ts'
import type { Fork } from '../tx/fork.ts'
import { floorGas, intrinsicGas } from '../tx/gas.ts'
import { asTx, type CallRequest } from './callRequest.ts'
import type { RpcChain } from './context.ts'
import { checksumAddress, type Address } from '../crypto/address.ts'
import { refused, RPC_CODES, RpcError, type RpcReason } from './errors.ts'
import { RPC_LIMITS } from './limits.ts'

/** Where a call is run: after a block, on its accounts. */
export interface CallPlace {
  readonly block: Block
  readonly state: AccountView
}

/** What of its surroundings decides whether a call can run. */
export interface CallWorld {
  readonly header: Pick<Block['header'], 'baseFeePerGas'>
  readonly state: AccountView
  readonly fork: Fork
  /** Whether a call without any price pays nothing, as in eth_call. */
  readonly mayBeFree: boolean
}

/**
 * What is wrong with a call: the reason that the node has one word for, and the sentence of geth.
 */
export interface CallDefect {
  readonly reason: RpcReason
  readonly message: string
}

/**
 * Throws where eth_call cannot run: what geth refuses, then what this ledger does not execute. A
 * creation with no code runs nothing and makes nothing, so there is an answer to it: no bytes.
 */
export function checkCall(chain: RpcChain, request: CallRequest, place: CallPlace): void {
  const world = payableWorld(chain, request, place)
  const refusal = scopeRefusal(request, world)
  if (refusal === 'contract-creation' && request.data.length === 0) return
  if (refusal !== undefined) throw scopeError(refusal)
}

/** Where the call would run; throws what geth refuses of its chain, its fees and its gas. */
function payableWorld(chain: RpcChain, request: CallRequest, place: CallPlace): CallWorld {
  checkChainId(chain, request)
  const gas = smaller(request.gas ?? CALL_GAS_CAP, CALL_GAS_CAP)
  const world = worldAfter(chain, place)
  const defect = callDefect(request, world, gas)
  if (defect !== undefined)
    throw refused(defect.reason, `err: ${defect.message} (supplied gas ${gas})`)
  return world
}

/** The first thing that is wrong with a call that is given so much gas. */
export function callDefect(
  request: CallRequest,
  world: CallWorld,
  gas: bigint,
): CallDefect | undefined {
  return (
    feeDefect(request, world) ?? fundsDefect(request, world, gas) ?? gasDefect(request, world, gas)
  )
}

/** The gas that the request needs, which for a transfer is known without executing it. */
export function estimateGas(chain: RpcChain, request: CallRequest, place: CallPlace): bigint {
  checkChainId(chain, request)
  const allowance = gasAllowance(request, place)
  const world = worldAfter(chain, place)
  const defect = feeDefect(request, world) ?? fundsDefect(request, world, allowance)
  if (defect !== undefined)
    throw refused(defect.reason, `failed with ${allowance} gas: ${defect.message}`)
  checkScope(request, world)
  const gas = neededGas(chain, request, place)
  if (gas > allowance)
    throw refused('gas-below-intrinsic', `gas required exceeds allowance (${allowance})`)
  return gas
}

/**
 * What geth's access list tracer finds of a transfer: the list that was given, without accounts
 * that are warm anyway (sender, recipient, precompiles) unless slots of theirs are named; and the
 * gas with that list.
 */
export function accessListOf(
  chain: RpcChain,
  request: CallRequest,
  place: CallPlace,
): { readonly accessList: CallRequest['accessList']; readonly gasUsed: bigint } {
  checkScope(request, payableWorld(chain, request, place))
  const fork = forkAfter(chain, place.block)
  const isWarm = (address: Address): boolean =>
    address === request.from || address === request.to || isPrecompile(address, fork)
  const accessList = request.accessList.filter(
    ({ address, storageKeys }) => storageKeys.length > 0 || !isWarm(address),
  )
  return { accessList, gasUsed: neededGas(chain, { ...request, accessList }, place) }
}

/** What the ledger says about a transaction it does not execute. */
function scopeError(reason: TransferScopeReason): RpcError {
  return refused(reason, SCOPE_MESSAGES[reason])
}

/** The sentence for each transaction that this chain does not execute. */
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

/** Throws where the caller means another chain. */
export function checkChainId({ chainId }: RpcChain, request: CallRequest): void {
  if (request.chainId === undefined || request.chainId === chainId) return
  const message = `chainId does not match node's (have=${request.chainId}, want=${chainId})`
  throw new RpcError(RPC_CODES.server, message, { reason: 'wrong-chain-id' })
}

/** A call without any price may be free; one with a price must pay the base fee (EIP-1559). */
function feeDefect(request: CallRequest, { header, mayBeFree }: CallWorld): CallDefect | undefined {
  const { maxFeePerGas, maxPriorityFeePerGas } = request
  const baseFee = header.baseFeePerGas
  const from = checksumAddress(request.from)
  const isFree = mayBeFree && maxFeePerGas === 0n && maxPriorityFeePerGas === 0n
  if (baseFee === undefined || isFree) return undefined
  if (maxFeePerGas < maxPriorityFeePerGas)
    return {
      reason: 'tip-above-fee-cap',
      message: `max priority fee per gas higher than max fee per gas: address ${from}, maxPriorityFeePerGas: ${maxPriorityFeePerGas}, maxFeePerGas: ${maxFeePerGas}`,
    }
  if (maxFeePerGas >= baseFee) return undefined
  return {
    reason: 'fee-cap-below-base-fee',
    message: `max fee per gas less than block base fee: address ${from}, maxFeePerGas: ${maxFeePerGas}, baseFee: ${baseFee}`,
  }
}

function fundsDefect(
  { from, value, maxFeePerGas }: CallRequest,
  { state }: CallWorld,
  gas: bigint,
): CallDefect | undefined {
  const have = state.balance(from)
  const want = value + maxFeePerGas * gas
  if (have >= want) return undefined
  return {
    reason: 'insufficient-funds',
    message: `insufficient funds for gas * price + value: address ${checksumAddress(from)} have ${have} want ${want}`,
  }
}

function gasDefect(request: CallRequest, { fork }: CallWorld, gas: bigint): CallDefect | undefined {
  const [intrinsic, floor] = [intrinsicGas(asTx(request), fork), floorGas(asTx(request), fork)]
  if (gas < intrinsic)
    return {
      reason: 'gas-below-intrinsic',
      message: `intrinsic gas too low: have ${gas}, want ${intrinsic}`,
    }
  if (gas >= floor) return undefined
  return {
    reason: 'gas-below-floor',
    message: `insufficient gas for floor data gas cost: have ${gas}, want ${floor}`,
  }
}

function neededGas(chain: RpcChain, request: CallRequest, { block }: CallPlace): bigint {
  const fork = forkAfter(chain, block)
  const [intrinsic, floor] = [intrinsicGas(asTx(request), fork), floorGas(asTx(request), fork)]
  return intrinsic > floor ? intrinsic : floor
}

/** Throws for what this ledger does not execute, in the words in which it refuses it signed. */
export function checkScope(request: CallRequest, world: CallWorld): void {
  const refusal = scopeRefusal(request, world)
  if (refusal !== undefined) throw scopeError(refusal)
}

function scopeRefusal(
  request: CallRequest,
  { state, fork }: CallWorld,
): TransferScopeReason | undefined {
  return transferScopeRefusal(asTx(request), { state, fork })
}

/**
 * The most gas that a call may be given: what was asked for, what the sender can pay, and the cap
 * of one call.
 */
function gasAllowance(request: CallRequest, { block, state }: CallPlace): bigint {
  const { gas = 0n, maxFeePerGas, value, from } = request
  const wanted = gas >= TRANSFER_GAS ? gas : block.header.gasLimit
  const capped = smaller(wanted, CALL_GAS_CAP)
  if (maxFeePerGas === 0n) return capped
  const balance = state.balance(from)
  if (value >= balance) throw refused('insufficient-funds', 'insufficient funds for transfer')
  return smaller(capped, (balance - value) / maxFeePerGas)
}

const TRANSFER_GAS = 21_000n
const CALL_GAS_CAP = BigInt(RPC_LIMITS.callGasCap)

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

/** Of eth_call: on top of a block, by the rules of the next. */
function worldAfter(chain: RpcChain, { block, state }: CallPlace): CallWorld {
  return { header: block.header, state, fork: forkAfter(chain, block), mayBeFree: true }
}

function forkAfter({ config }: RpcChain, { header }: Block): ReturnType<typeof forkAt> {
  return forkAt(config, header.number + 1n, header.timestamp + 1n)
}
