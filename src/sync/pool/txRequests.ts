/**
 * The `transactions` protocol: pooled transactions by hash.
 *
 * Wire: a request is RLP [[hash, ...]]; each frame of the answer is the EIP-2718 bytes of one of
 * them, in the order of the request; those that are not known, or too large for a frame, are left
 * out. An answer ends after the transaction that passes 128 KiB.
 */
import { asHash, keccak256Hash, type Hash } from '../../crypto/keccak.ts'
import type { PeerId } from '../../gossip/network.ts'
import { hexToBytes } from '../../lib/bytes.ts'
import { encodeRlp } from '../../lib/rlp.ts'
import type { Mempool } from '../../mempool/mempool.ts'
import { MAX_FETCHED_TXS, SOFT_TXS_BYTES } from '../limits.ts'
import { fitting, hashesOf, listOf, ProtocolViolation, type Requests } from '../protocol.ts'

/** Serves pooled transactions by hash. */
export function serveTransactions(
  requests: Requests,
  mempool: Pick<Mempool, 'get'>,
): Promise<void> {
  return requests.handle('transactions', (_from, request) => answer(mempool, request))
}

async function* answer(
  mempool: Pick<Mempool, 'get'>,
  request: Uint8Array,
): AsyncIterable<Uint8Array> {
  const [hashes] = listOf(request, 1)
  let bytes = 0
  for (const raw of fitting('transactions', pooled(mempool, hashesOf(hashes, MAX_FETCHED_TXS)))) {
    yield raw
    bytes += raw.length
    if (bytes > SOFT_TXS_BYTES) return
  }
}

function* pooled(
  mempool: Pick<Mempool, 'get'>,
  hashes: readonly Uint8Array[],
): Iterable<Uint8Array> {
  for (const hash of hashes) {
    const found = mempool.get(asHash(hash))
    if (found !== undefined) yield found.tx.raw
  }
}

/** A transaction that came from a peer: its bytes, and the hash they were asked for by. */
export interface FetchedTx {
  readonly hash: Hash
  readonly raw: Uint8Array
}

/**
 * Those of `hashes` that the peer has and that fit into one answer, in their order. Throws a
 * {@link ProtocolViolation} for a transaction that was not asked for, comes twice or in another
 * order.
 */
export async function* fetchTransactions(
  requests: Requests,
  from: PeerId,
  hashes: readonly Hash[],
): AsyncIterable<FetchedTx> {
  const request = encodeRlp([hashes.map(hexToBytes)])
  let next = 0
  for await (const raw of requests.send(from, 'transactions', request)) {
    const hash = keccak256Hash(raw)
    const at = hashes.indexOf(hash, next)
    if (at === -1) throw new ProtocolViolation('got a transaction that was not asked for')
    next = at + 1
    yield { hash, raw }
  }
}
