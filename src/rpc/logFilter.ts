/**
 * Which logs a caller wants: addresses and topics, over one block or a range (eth_getLogs,
 * eth_newFilter).
 */
import { isRecord } from '../lib/records.ts'
import { bloomBits, bloomHas, type Log } from '../block/bloom.ts'
import type { Block } from '../block/block.ts'
import { parseAddress, type Address } from '../crypto/address.ts'
import { parseHash, type Hash } from '../crypto/keccak.ts'
import { hexToBytes } from '../lib/bytes.ts'
import { blockNumberKind, findBlock, LATEST, type BlockId } from './blockId.ts'
import type { HeadChange } from '../chain/importOutcome.ts'
import type { RpcChain } from './context.ts'
import { encodeLogs } from './encode/encodeReceipt.ts'
import { invalidParams, refused, RPC_CODES, RpcError } from './errors.ts'
import { receiptsOf } from './executed.ts'
import type { JsonObject } from './server/json.ts'
import { RPC_LIMITS } from './limits.ts'
import { fail, hashKind, type ParamKind } from './params.ts'
import { SCHEMAS } from './schemas.ts'

/** Which logs a caller wants. */
export interface LogFilter {
  /** One block; excludes a range. */
  readonly blockHash: Hash | undefined
  readonly from: BlockId | undefined
  readonly to: BlockId | undefined
  /** Empty for every address. */
  readonly addresses: readonly Address[]
  /** By position: any of these topics; empty for every topic. */
  readonly topics: readonly (readonly Hash[])[]
}

const { maxTopics, maxTopicChoices } = RPC_LIMITS

/** Reads a log filter. */
export const logFilterKind: ParamKind<LogFilter> = {
  type: 'log filter',
  schema: SCHEMAS.object,
  read: (value) => {
    if (!isRecord(value)) return fail('json: cannot unmarshal non-object into a log filter')
    const { blockHash, fromBlock, toBlock } = value
    const hasRange = isGiven(fromBlock) || isGiven(toBlock)
    if (isGiven(blockHash) && hasRange)
      return fail('cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other')
    return {
      blockHash: isGiven(blockHash) ? hashKind.read(blockHash) : undefined,
      from: isGiven(fromBlock) ? blockNumberKind.read(fromBlock) : undefined,
      to: isGiven(toBlock) ? blockNumberKind.read(toBlock) : undefined,
      addresses: readAddresses(value['address']),
      topics: readTopics(value['topics']),
    }
  },
}

/**
 * All logs of canonical blocks that the filter wants, oldest first; throws where the range cannot
 * be served.
 */
export function findLogs(chain: RpcChain, filter: LogFilter): JsonObject[] {
  const logs: JsonObject[] = []
  const mayHaveLogs = bloomTest(filter)
  for (const block of blocksOf(chain, filter)) {
    if (!mayHaveLogs(block.header.logsBloom)) continue
    receiptsOf(chain, block)
    logs.push(...logsOf(chain, block, filter))
    if (logs.length > RPC_LIMITS.maxLogs)
      throw refused(
        'too-many-logs',
        `query returns more than ${RPC_LIMITS.maxLogs} logs: ask for fewer blocks`,
      )
  }
  return logs
}

/**
 * The logs of a new head's blocks; before them those of blocks that left the chain, newest first
 * and marked as removed.
 */
export function changedLogs(
  chain: RpcChain,
  { added, dropped }: HeadChange,
  filter: LogFilter,
): readonly JsonObject[] {
  const removed = dropped.toReversed().flatMap((block) => logsOf(chain, block, filter))
  return [
    ...removed.map((log) => ({ ...log, removed: true })),
    ...added.flatMap((block) => logsOf(chain, block, filter)),
  ]
}

/** The logs of one block that the filter wants. */
export function logsOf(chain: RpcChain, block: Block, filter: LogFilter): JsonObject[] {
  if (block.header.logsBloom.every((byte) => byte === 0)) return []
  const receipts = chain.receipts(block.hash) ?? []
  const executed = { block, receipts, blobGasPrice: undefined }
  return receipts.flatMap(({ logs }, index) =>
    encodeLogs(executed, index).filter((_, at) => {
      const log = logs[at]
      return log !== undefined && isWanted(log, filter)
    }),
  )
}

/**
 * Tells from the bloom of a header that no log of its block is wanted: no receipt is then looked
 * at.
 */
function bloomTest({ addresses, topics }: LogFilter): (bloom: Uint8Array) => boolean {
  const wanted = [addresses, ...topics]
    .filter((choices) => choices.length > 0)
    .map((choices) => choices.map((entry) => bloomBits(hexToBytes(entry))))
  return (bloom) =>
    bloom.some((byte) => byte !== 0) &&
    wanted.every((choices) => choices.some((bits) => bloomHas(bloom, bits)))
}

/** Whether a log matches; positions beyond its topics match only where anything does. */
export function isWanted(log: Log, { addresses, topics }: LogFilter): boolean {
  if (addresses.length > 0 && !addresses.includes(log.address)) return false
  if (topics.length > log.topics.length) return false
  return topics.every((choices, position) => {
    const topic = log.topics[position]
    return choices.length === 0 || (topic !== undefined && choices.includes(topic))
  })
}

function blocksOf(chain: RpcChain, filter: LogFilter): Iterable<Block> {
  if (filter.blockHash === undefined) return blocksInRange(chain, filter)
  const block = chain.block(filter.blockHash)
  if (block === undefined) throw new RpcError(RPC_CODES.server, 'unknown block')
  return [block]
}

function* blocksInRange(chain: RpcChain, filter: LogFilter): Generator<Block, void> {
  const from = numberOf(chain, filter.from)
  const to = numberOf(chain, filter.to)
  if (from > to) throw invalidParams('invalid block range params')
  if (to > chain.head.header.number)
    throw invalidParams('block range extends beyond current head block')
  if (to - from >= BigInt(RPC_LIMITS.maxLogBlocks))
    throw invalidParams(`block range too large: at most ${RPC_LIMITS.maxLogBlocks} blocks`)
  for (let number = from; number <= to; number++) {
    const block = chain.blockByNumber(number)
    if (block !== undefined) yield block
  }
}

function numberOf(chain: RpcChain, id: BlockId | undefined): bigint {
  if (id !== undefined && 'number' in id) return id.number
  return findBlock(chain, id ?? LATEST)?.header.number ?? 0n
}

function readAddresses(value: unknown): readonly Address[] {
  if (!isGiven(value)) return []
  const list = Array.isArray(value) ? value : [value]
  if (list.length > maxTopicChoices) return fail('exceed max addresses')
  return list.map((item, index) => parseAddress(item) ?? fail(`invalid address at index ${index}`))
}

function readTopics(value: unknown): readonly (readonly Hash[])[] {
  if (!isGiven(value)) return []
  if (!Array.isArray(value)) return fail('invalid topic(s)')
  if (value.length > maxTopics) return fail('exceed max topics')
  return value.map(readChoices)
}

/** One topic, any of several, or null for any topic; a null among several is any topic too. */
function readChoices(value: unknown): readonly Hash[] {
  const list = Array.isArray(value) ? value : [value]
  if (list.length > maxTopicChoices) return fail('exceed max topics')
  if (list.some((item) => item === null)) return []
  return list.map((item) => parseHash(item) ?? fail('invalid topic(s)'))
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}
