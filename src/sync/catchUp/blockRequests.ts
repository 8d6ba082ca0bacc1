/**
 * The `blocks` protocol: blocks by number or by hash.
 *
 * Wire: a request is RLP [0, firstNumber, count] for a range of the canonical chain, or RLP [1,
 * [hash, ...]]. Each frame of the answer is one block as it travels in gossip. An answer may end
 * early (the head, 2 MiB, a block that is not known); it never holds what was not asked for.
 */
import { decodeBlock, type Block } from '../../block/block.ts'
import { isBlockDefect } from '../../block/defect.ts'
import type { Chain } from '../../chain/chain.ts'
import { asHash, type Hash } from '../../crypto/keccak.ts'
import type { PeerId } from '../../gossip/network.ts'
import { hexToBytes } from '../../lib/bytes.ts'
import { encodeRlp } from '../../lib/rlp.ts'
import { MAX_HASH_BLOCKS, MAX_RANGE_BLOCKS, SOFT_BLOCKS_BYTES } from '../limits.ts'
import {
  hashesOf,
  integer,
  integerOf,
  itemsOf,
  ProtocolViolation,
  type Requests,
} from '../protocol.ts'

const BY_RANGE = 0n
const BY_HASH = 1n

type Served = Pick<Chain, 'block' | 'blockByNumber'>

/** Serves blocks. Work and memory are bounded by the answer's limits, whatever the request says. */
export function serveBlocks(requests: Requests, chain: Served): Promise<void> {
  return requests.handle('blocks', (_from, request) => answer(chain, request))
}

async function* answer(chain: Served, request: Uint8Array): AsyncIterable<Uint8Array> {
  let bytes = 0
  for (const block of askedFor(chain, request)) {
    yield block.raw
    bytes += block.raw.length
    if (bytes > SOFT_BLOCKS_BYTES) return
  }
}

function askedFor(chain: Served, request: Uint8Array): Iterable<Block> {
  const items = itemsOf(request)
  const kind = integerOf(items[0], 1)
  if (kind === BY_RANGE && items.length === 3)
    return rangeOf(chain, integerOf(items[1], 8), integerOf(items[2], 8))
  if (kind === BY_HASH && items.length === 2)
    return known(chain, hashesOf(items[1], MAX_HASH_BLOCKS))
  throw new ProtocolViolation('expected a request of blocks by range or by hash')
}

/** Ends at the first number that is not there, so that counts up to 2^64-1 cost nothing. */
function* rangeOf(chain: Served, first: bigint, count: bigint): Iterable<Block> {
  const wanted = count < BigInt(MAX_RANGE_BLOCKS) ? count : BigInt(MAX_RANGE_BLOCKS)
  for (let number = first; number < first + wanted; number++) {
    const block = chain.blockByNumber(number)
    if (block === undefined) return
    yield block
  }
}

function* known(chain: Served, hashes: readonly Uint8Array[]): Iterable<Block> {
  for (const hash of hashes) {
    const block = chain.block(asHash(hash))
    if (block !== undefined) yield block
  }
}

/**
 * A range of blocks from a peer, in order and linked to one another. Yields each as it arrives;
 * throws a {@link ProtocolViolation} at the first that was not asked for.
 */
export async function* fetchRange(
  requests: Requests,
  from: PeerId,
  first: bigint,
  count: number,
): AsyncIterable<Block> {
  const request = encodeRlp([integer(BY_RANGE), integer(first), integer(count)])
  const end = first + BigInt(count)
  let expected = first
  let bytes = 0
  let previous: Block | undefined
  for await (const frame of requests.send(from, 'blocks', request)) {
    if (bytes > SOFT_BLOCKS_BYTES) throw new ProtocolViolation('the answer goes on past its bytes')
    bytes += frame.length
    const block = blockOf(frame)
    if (expected === end) throw new ProtocolViolation('the answer is longer than the range')
    if (block.header.number !== expected)
      throw new ProtocolViolation(`asked for block ${expected}, got ${block.header.number}`)
    if (previous !== undefined && block.header.parentHash !== previous.hash)
      throw new ProtocolViolation(`block ${block.header.number} does not follow the one before`)
    yield block
    previous = block
    expected += 1n
  }
}

/**
 * One block by hash; `undefined` if the peer does not have it. Throws a {@link ProtocolViolation}
 * for any other.
 */
export async function fetchBlock(
  requests: Requests,
  from: PeerId,
  hash: Hash,
): Promise<Block | undefined> {
  const request = encodeRlp([integer(BY_HASH), [hexToBytes(hash)]])
  let block: Block | undefined
  for await (const frame of requests.send(from, 'blocks', request)) {
    if (block !== undefined) throw new ProtocolViolation('asked for one block, got more')
    block = blockOf(frame)
    if (block.hash !== hash)
      throw new ProtocolViolation(`asked for block ${hash}, got ${block.hash}`)
  }
  return block
}

function blockOf(frame: Uint8Array): Block {
  const block = decodeBlock(frame)
  if (isBlockDefect(block)) throw new ProtocolViolation(`not a block: ${block.reason}`)
  return block
}
