/**
 * Runs blocks of transfers that nobody signed on the accounts after a block (eth_simulateV1), and
 * leaves no trace of them. The words and codes of what cannot be are those of geth
 * (`internal/ethapi`).
 */
import { nextBaseFee } from '../../block/baseFee.ts'
import { makeBlock, type Block } from '../../block/block.ts'
import { emptyBloom } from '../../block/bloom.ts'
import { EMPTY_UNCLES_HASH, transactionsRoot } from '../../block/bodyRoots.ts'
import type { Header } from '../../block/header.ts'
import { receiptsRoot, type Receipt } from '../../block/receipt.ts'
import { forkAt } from '../../chain/genesis/forks.ts'
import { BlockExecution } from '../../chain/ledger.ts'
import { transferRefusalText } from '../../chain/rules/transferRules.ts'
import { NEW_ACCOUNT, type Account, type State } from '../../chain/state.ts'
import { checksumAddress, type Address } from '../../crypto/address.ts'
import { asHash, keccak256Hash } from '../../crypto/keccak.ts'
import { bigintToBytes, EMPTY_BYTES, hexToBytes } from '../../lib/bytes.ts'
import { encodeRlp } from '../../lib/rlp.ts'
import { encodeTx } from '../../tx/encodeTx.ts'
import { atLeast, type Fork } from '../../tx/fork.ts'
import type { Tx } from '../../tx/tx.ts'
import { callDefect, checkChainId, checkScope, type CallDefect } from '../callChecks.ts'
import { asTx } from '../callRequest.ts'
import type { RpcChain } from '../context.ts'
import { RPC_CODES, refused, RpcError } from '../errors.ts'
import { RPC_LIMITS } from '../limits.ts'
import { placedBlocks, type PlacedBlock } from './simulatedChain.ts'
import type { AccountOverride, SimulatedCall, SimulateRequest } from './simulateRequest.ts'

/** What a call came to; a transfer that cannot be ends the whole simulation. */
export interface CallOutcome {
  readonly tx: Tx
  readonly sender: Address
  readonly gasUsed: bigint
}

/** A simulated block and its calls. */
export interface SimulatedOutcome {
  readonly block: Block
  readonly calls: readonly CallOutcome[]
}

const NO_SIGNATURE = { r: 0n, s: 0n, yParity: 0 } as const

/** By the word of a refusal; every other is an internal error to geth. */
const FAULT_CODES: ReadonlyMap<string, number> = new Map([
  ['nonce-too-low', RPC_CODES.simulatedNonceTooLow],
  ['nonce-too-high', RPC_CODES.simulatedNonceTooHigh],
  ['fee-cap-below-base-fee', RPC_CODES.simulatedFeeCap],
  ['gas-below-intrinsic', RPC_CODES.simulatedIntrinsicGas],
  ['insufficient-funds', RPC_CODES.simulatedFunds],
  ['sender-has-code', RPC_CODES.simulatedSenderCode],
])

/** Throws an RpcError for the first thing that cannot be. */
export function simulateBlocks(
  chain: RpcChain,
  base: { readonly block: Block; readonly state: State },
  request: SimulateRequest,
): readonly SimulatedOutcome[] {
  const simulation = new Simulation(chain, base, request)
  return placedBlocks(base.block.header, request).map((placed) => simulation.run(placed))
}

class Simulation {
  readonly #chain: RpcChain
  readonly #request: SimulateRequest
  #state: State
  #parent: Pick<Block, 'hash' | 'header'>
  #gasLeft = BigInt(RPC_LIMITS.callGasCap)

  constructor(
    chain: RpcChain,
    { block, state }: { readonly block: Block; readonly state: State },
    request: SimulateRequest,
  ) {
    this.#chain = chain
    this.#request = request
    this.#state = state
    this.#parent = block
  }

  run(placed: PlacedBlock): SimulatedOutcome {
    const fork = forkAt(this.#chain.config, placed.number, placed.timestamp)
    if (atLeast(fork, 'shanghai'))
      throw refused('type-not-executable', `blocks of the fork ${fork} cannot be simulated here`)
    const draft = this.#draftOf(placed, fork)
    this.#state = withOverrides(this.#state, placed.accounts)
    const calls: CallOutcome[] = []
    let gasUsed = 0n
    for (const call of placed.calls) {
      const outcome = this.#call(call, { draft, fork, gasUsed })
      gasUsed += outcome.gasUsed
      this.#gasLeft -= outcome.gasUsed
      calls.push(outcome)
    }
    const block = this.#blockOf(draft, calls)
    this.#parent = block
    return { block, calls }
  }

  #draftOf({ number, timestamp, ...overrides }: PlacedBlock, fork: Fork): Header {
    const { header: parent, hash: parentHash } = this.#parent
    const usual = this.#request.validation ? nextBaseFee(parent) : 0n
    const baseFee = atLeast(fork, 'london') ? (overrides.baseFee ?? usual) : undefined
    const empty = makeEmptyRoots()
    return {
      ...empty,
      parentHash,
      coinbase: overrides.feeRecipient ?? parent.coinbase,
      stateRoot: parent.stateRoot,
      difficulty: parent.difficulty,
      number,
      gasLimit: overrides.gasLimit ?? parent.gasLimit,
      gasUsed: 0n,
      timestamp,
      extraData: EMPTY_BYTES,
      mixHash: overrides.prevRandao ?? asHash(new Uint8Array(32)),
      nonce: new Uint8Array(8),
      ...(baseFee !== undefined && { baseFeePerGas: baseFee }),
    }
  }

  #call(
    call: SimulatedCall,
    place: { readonly draft: Header; readonly fork: Fork; readonly gasUsed: bigint },
  ): CallOutcome {
    const { draft, fork } = place
    const { validation } = this.#request
    const gas = this.#gasOf(call, place)
    const request = { ...call.request, gas }
    const sender = request.from
    checkChainId(this.#chain, request)
    const at = { header: draft, state: this.#state, fork, mayBeFree: !validation }
    const defect =
      (validation ? this.#nonceDefect(call) : undefined) ?? callDefect(request, at, gas)
    if (defect !== undefined) throw defectError(defect, gas)
    checkScope(request, at)
    const stateNonce = this.#state.nonce(sender)
    const tx = this.#txOf(call, gas, call.nonce ?? stateNonce)
    const isFree = tx.maxFeePerGas === 0n
    const execution = new BlockExecution(this.#state, {
      fork,
      baseFee: isFree ? 0n : (draft.baseFeePerGas ?? 0n),
      gasLimit: gas,
      beneficiary: draft.coinbase,
    })
    const refusal = execution.run({ ...tx, nonce: stateNonce }, sender)
    if (refusal !== undefined)
      throw defectError({ reason: refusal, message: transferRefusalText(refusal) }, gas)
    this.#state = execution.state()
    return { tx, sender, gasUsed: execution.gasUsed }
  }

  /**
   * All that is left in the block unless the call says less, and never more than a call may have.
   */
  #gasOf(
    { request }: SimulatedCall,
    { draft, gasUsed }: { draft: Header; gasUsed: bigint },
  ): bigint {
    const asked = request.gas ?? draft.gasLimit - gasUsed
    if (gasUsed + asked > draft.gasLimit)
      throw new RpcError(
        RPC_CODES.simulatedGasLimit,
        `block gas limit reached: ${gasUsed} >= ${draft.gasLimit}`,
      )
    return asked < this.#gasLeft ? asked : this.#gasLeft
  }

  #nonceDefect({ request: { from }, nonce }: SimulatedCall): CallDefect | undefined {
    const state = this.#state.nonce(from)
    if (nonce === undefined || nonce === state) return undefined
    const way = nonce < state ? 'low' : 'high'
    return {
      reason: nonce < state ? 'nonce-too-low' : 'nonce-too-high',
      message: `nonce too ${way}: address ${checksumAddress(from)}, tx: ${nonce} state: ${state}`,
    }
  }

  /**
   * Of type 2 unless it named one gas price; its signature is zeros, and its hash is of that form.
   */
  #txOf({ request, isLegacy }: SimulatedCall, gas: bigint, nonce: bigint): Tx {
    const type = isLegacy ? 0 : 2
    const chainId = isLegacy ? undefined : this.#chain.chainId
    const tx: Tx = { ...asTx(request), type, chainId, nonce, gasLimit: gas }
    const raw = isLegacy ? legacyBytes(tx) : encodeTx(tx, NO_SIGNATURE)
    return { ...tx, raw, hash: keccak256Hash(raw) }
  }

  #blockOf(draft: Header, calls: readonly CallOutcome[]): Block {
    const transactions = calls.map(({ tx }) => tx)
    let gasUsed = 0n
    const receipts = calls.map(({ tx: { type }, ...call }): Receipt => {
      gasUsed += call.gasUsed
      return { type, status: 1, cumulativeGasUsed: gasUsed, logsBloom: draft.logsBloom, logs: [] }
    })
    const header = {
      ...draft,
      gasUsed,
      stateRoot: this.#state.root(),
      transactionsRoot: transactionsRoot(transactions),
      receiptsRoot: receiptsRoot(receipts),
    }
    return makeBlock(header, transactions)
  }
}

function makeEmptyRoots(): Pick<
  Header,
  'unclesHash' | 'transactionsRoot' | 'receiptsRoot' | 'logsBloom'
> {
  return {
    unclesHash: EMPTY_UNCLES_HASH,
    transactionsRoot: transactionsRoot([]),
    receiptsRoot: receiptsRoot([]),
    logsBloom: emptyBloom(),
  }
}

function withOverrides(state: State, overrides: ReadonlyMap<Address, AccountOverride>): State {
  if (overrides.size === 0) return state
  const changes = [...overrides].map(([address, { nonce, balance }]): [Address, Account] => {
    const account = state.account(address) ?? NEW_ACCOUNT
    return [
      address,
      { ...account, nonce: nonce ?? account.nonce, balance: balance ?? account.balance },
    ]
  })
  return state.with(new Map(changes))
}

function legacyBytes({ nonce, maxFeePerGas, gasLimit, to, value, data }: Tx): Uint8Array {
  const [price, gas, amount, zero] = [maxFeePerGas, gasLimit, value, 0n].map(bigintToBytes)
  const recipient = to === undefined ? EMPTY_BYTES : hexToBytes(to)
  const fields = [bigintToBytes(nonce), price, gas, recipient, amount, data, zero, zero, zero]
  return encodeRlp(fields.map((field) => field ?? EMPTY_BYTES))
}

function defectError({ reason, message }: CallDefect, gas: bigint): RpcError {
  const code = FAULT_CODES.get(reason) ?? RPC_CODES.internal
  return new RpcError(code, `err: ${message} (supplied gas ${gas})`, { reason })
}
