import { quantity } from '../encode/encode.ts'
import type { Address } from '../../crypto/address.ts'
import type { PooledTx } from '../../mempool/entry.ts'
import { checksumAddress } from '../../crypto/address.ts'
import { encodeTxJson } from '../encode/encodeTx.ts'
import type { Json, JsonObject } from '../server/json.ts'
import { defineMethod } from '../method.ts'
import { addressKind, required } from '../params.ts'

/** The `txpool_` methods. */
export const txpoolMethods = [
  defineMethod({
    name: 'txpool_status',
    params: [],
    result: 'object with pending and queued, quantities',
    summary: 'How many transactions the pool holds: executable, and behind a nonce gap.',
    handler: ({ node: { mempool } }) => ({
      pending: quantity(mempool.pendingCount),
      queued: quantity(mempool.queuedCount),
    }),
  }),
  defineMethod({
    name: 'txpool_content',
    params: [],
    result: 'object with pending and queued: address, nonce, transaction',
    summary: 'All transactions of the pool, by sender and nonce.',
    handler: ({ node: { mempool } }) => {
      const { pending, queued } = mempool.content()
      return { pending: bySender(pending, pooledJson), queued: bySender(queued, pooledJson) }
    },
  }),
  defineMethod({
    name: 'txpool_contentFrom',
    params: [required('address', addressKind)],
    result: 'object with pending and queued: nonce, transaction',
    summary: "One sender's transactions in the pool, by nonce.",
    handler: ({ node: { mempool } }, address) => {
      const { pending, queued } = mempool.contentFrom(address)
      return { pending: byNonce(pending, pooledJson), queued: byNonce(queued, pooledJson) }
    },
  }),
  defineMethod({
    name: 'txpool_inspect',
    params: [],
    result: 'object with pending and queued: address, nonce, text',
    summary: 'All transactions of the pool, one short line each.',
    handler: ({ node: { mempool } }) => {
      const { pending, queued } = mempool.content()
      return { pending: bySender(pending, summaryLine), queued: bySender(queued, summaryLine) }
    },
  }),
]

type ToJson = (pooled: PooledTx) => Json

function bySender(content: ReadonlyMap<Address, readonly PooledTx[]>, toJson: ToJson): JsonObject {
  const entries = Array.from(content, ([sender, pooled]): [string, Json] => [
    checksumAddress(sender),
    byNonce(pooled, toJson),
  ])
  return Object.fromEntries(entries)
}

function byNonce(pooled: readonly PooledTx[], toJson: ToJson): JsonObject {
  return Object.fromEntries(pooled.map((one) => [one.tx.nonce.toString(), toJson(one)]))
}

function pooledJson({ tx, sender }: PooledTx): Json {
  return encodeTxJson(tx, sender)
}

function summaryLine({ tx }: PooledTx): Json {
  const target = tx.to === undefined ? 'contract creation' : checksumAddress(tx.to)
  return `${target}: ${tx.value} wei + ${tx.gasLimit} gas × ${tx.maxFeePerGas} wei`
}
