import type { Block } from '../../block/block.ts'
import { ZERO_ADDRESS, type Address } from '../../crypto/address.ts'
import { bigintToFixedBytes, bytesToHex, type Hex } from '../../lib/bytes.ts'
import { blockIdKind } from '../blockId.ts'
import { data, quantity } from '../encode/encode.ts'
import { encodeBlock } from '../encode/encodeBlock.ts'
import { defineMethod } from '../method.ts'
import { optional, required } from '../params.ts'
import type { Json, JsonObject } from '../server/json.ts'
import { simulateKind, type SimulateRequest } from '../simulate/simulateRequest.ts'
import { simulateBlocks, type CallOutcome, type SimulatedOutcome } from '../simulate/simulation.ts'
import { keptState } from './ethProofs.ts'

/** Where transfers of value are told as logs (ERC-7528), and the topic of an ERC-20 transfer. */
const VALUE_ADDRESS = `0x${'ee'.repeat(20)}`
const TRANSFER_TOPIC = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'

/** The `eth_` method that simulates blocks. */
export const ethSimulateMethods = [
  defineMethod({
    name: 'eth_simulateV1',
    params: [required('simulation', simulateKind), optional('block', blockIdKind)],
    result: 'list of blocks, each with calls',
    summary:
      'Runs blocks of transfers that nobody signed after a block, and keeps nothing of them. Of blocks, number, time, gasLimit, feeRecipient, prevRandao and baseFeePerGas can be overridden, of accounts nonce and balance.',
    handler: ({ node: { chain } }, request, id) => {
      const outcomes = simulateBlocks(chain, keptState(chain, id), request)
      return outcomes.map((outcome) => outcomeJson(outcome, request))
    },
  }),
]

function outcomeJson(
  { block, calls }: SimulatedOutcome,
  { fullTransactions, traceTransfers }: SimulateRequest,
): JsonObject {
  const senders = new Map(calls.map(({ tx, sender }) => [tx.hash, sender]))
  const body = encodeBlock(
    block,
    fullTransactions ? (tx) => senders.get(tx.hash) ?? ZERO_ADDRESS : undefined,
  )
  let logs = 0
  const callJson = (call: CallOutcome, index: number): Json => {
    const isTold = traceTransfers && call.tx.value > 0n
    return {
      returnData: '0x',
      logs: isTold ? [transferLog(call, { block, index, logIndex: logs++ })] : [],
      gasUsed: quantity(call.gasUsed),
      status: '0x1',
    }
  }
  return { ...body, calls: calls.map(callJson) }
}

interface CallPlaceInBlock {
  readonly block: Block
  readonly index: number
  readonly logIndex: number
}

function transferLog({ tx, sender }: CallOutcome, place: CallPlaceInBlock): Json {
  const { block, index, logIndex } = place
  return {
    address: VALUE_ADDRESS,
    topics: [TRANSFER_TOPIC, wordOf(sender), wordOf(tx.to ?? ZERO_ADDRESS)],
    data: data(bigintToFixedBytes(tx.value, 32)),
    blockNumber: quantity(block.header.number),
    transactionHash: tx.hash,
    transactionIndex: quantity(index),
    blockHash: block.hash,
    blockTimestamp: quantity(block.header.timestamp),
    logIndex: quantity(logIndex),
    removed: false,
  }
}

function wordOf(address: Address): Hex {
  return bytesToHex(bigintToFixedBytes(BigInt(address), 32))
}
