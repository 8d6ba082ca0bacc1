/**
 * The `transactions` protocol: pooled transactions by hash.
 *
 * Wire: a request is RLP [[hash, ...]]; each frame of the answer is the EIP-2718 bytes of one of them, in the order of
 * the request; those that are not known are left out.
 */
import { asHash, keccak256Hash, type Hash } from '../crypto/keccak.ts'
import type { PeerId } from '../gossip/network.ts'
import { hexToBytes } from '../lib/bytes.ts'
import { encodeRlp } from '../lib/rlp.ts'
import type { Mempool } from '../mempool/mempool.ts'
import { MAX_FETCHED_TXS, SOFT_TXS_BYTES } from './limits.ts'
import { hashesOf, listOf, ProtocolViolation, type Requests } from './protocol.ts'

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
  for (const hash of hashesOf(hashes, MAX_FETCHED_TXS)) {
    const pooled = mempool.get(asHash(hash))
    if (pooled === undefined) continue
    yield pooled.tx.raw
    bytes += pooled.tx.raw.length
    if (bytes > SOFT_TXS_BYTES) return
  }
}

/** The bytes of those of `hashes` that the peer has; throws a {@link ProtocolViolation} for any other. */
export async function* fetchTransactions(
  requests: Requests,
  from: PeerId,
  hashes: readonly Hash[],
): AsyncIterable<Uint8Array> {
  const wanted = new Set<Hash>(hashes)
  for await (const raw of requests.send(
    from,
    'transactions',
    encodeRlp([hashes.map(hexToBytes)]),
  )) {
    if (!wanted.delete(keccak256Hash(raw)))
      throw new ProtocolViolation('got a transaction that was not asked for')
    yield raw
  }
}
