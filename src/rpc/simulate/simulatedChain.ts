/**
 * Which blocks a simulation makes: numbers and times in order, gaps filled with empty blocks, as
 * geth does.
 */
import type { Header } from '../../block/header.ts'
import { RPC_CODES, RpcError, invalidParams } from '../errors.ts'
import { RPC_LIMITS } from '../limits.ts'
import type { SimulatedBlock, SimulateRequest } from './simulateRequest.ts'

/** A block whose number and time are settled. */
export type PlacedBlock = SimulatedBlock & { readonly number: bigint; readonly timestamp: bigint }

/** Seconds from one block to the next where nobody says when it is, as in geth. */
const TIME_STEP_S = 12n

const EMPTY_BLOCK: SimulatedBlock = {
  number: undefined,
  timestamp: undefined,
  gasLimit: undefined,
  feeRecipient: undefined,
  prevRandao: undefined,
  baseFee: undefined,
  accounts: new Map(),
  calls: [],
}

/** Throws where there is nothing or too much to do, and where numbers or times do not rise. */
export function placedBlocks(
  base: Pick<Header, 'number' | 'timestamp'>,
  { blocks }: SimulateRequest,
): readonly PlacedBlock[] {
  const calls = blocks.reduce((sum, block) => sum + block.calls.length, 0)
  if (blocks.length === 0) throw invalidParams('empty input')
  if (blocks.length > RPC_LIMITS.maxSimulatedBlocks) throw tooMany('blocks')
  if (calls > RPC_LIMITS.maxSimulatedCalls) throw tooMany('calls')
  const placed: PlacedBlock[] = []
  let before = base
  for (const block of blocks) {
    const number = block.number ?? before.number + 1n
    if (number <= before.number)
      throw new RpcError(
        RPC_CODES.simulatedBlockNumber,
        `block numbers must be in order: ${number} <= ${before.number}`,
      )
    if (number - base.number > BigInt(RPC_LIMITS.maxSimulatedBlocks)) throw tooMany('blocks')
    while (before.number + 1n < number) {
      before = { number: before.number + 1n, timestamp: before.timestamp + TIME_STEP_S }
      placed.push({ ...EMPTY_BLOCK, ...before })
    }
    const timestamp = block.timestamp ?? before.timestamp + TIME_STEP_S
    if (timestamp <= before.timestamp)
      throw new RpcError(
        RPC_CODES.simulatedBlockTime,
        `block timestamps must be in order: ${timestamp} <= ${before.timestamp}`,
      )
    before = { number, timestamp }
    placed.push({ ...block, ...before })
  }
  return placed
}

function tooMany(what: string): RpcError {
  return new RpcError(RPC_CODES.simulatedTooMuch, `too many ${what}`)
}
