import type { Hash } from '../../crypto/keccak.ts'
import { isRecord } from '../../lib/records.ts'
import type { RpcContext, SyncProgress } from '../context.ts'
import { quantity } from '../encode/encode.ts'
import { encodeHeaderJson } from '../encode/encodeBlock.ts'
import { invalidParams, RPC_CODES, RpcError } from '../errors.ts'
import { requireReceipts } from '../executed.ts'
import { isNewlyPending, pendingItem } from '../filters.ts'
import type { Json } from '../server/json.ts'
import { changedLogs, logFilterKind, type LogFilter } from '../logFilter.ts'
import { defineMethod } from '../method.ts'
import {
  booleanKind,
  fail,
  hashKind,
  listKind,
  optional,
  ParamError,
  required,
  textKind,
  tooManyArguments,
  type ParamKind,
} from '../params.ts'
import { SCHEMAS } from '../schemas.ts'
import { blockReceiptsJson } from './ethTransactions.ts'
import type { Feed } from '../subscriptions.ts'
import { subscriptionsOf, unsubscribeMethod } from './subscribing.ts'

/** How often a subscriber to `syncing` is told of a change, ms. */
const SYNC_CHECK_MS = 1_000

/** A thing to subscribe to: what feeds it, from the node and the argument after its name. */
interface Subscription {
  readonly takesOption: boolean
  readonly feed: (node: RpcContext, option: unknown) => Feed
}

const SUBSCRIPTIONS: ReadonlyMap<string, Subscription> = new Map<string, Subscription>([
  ['newHeads', { takesOption: false, feed: newHeads }],
  [
    'newPendingTransactions',
    {
      takesOption: true,
      feed: (node, full) => newPendingTransactions(node, read(booleanKind, full) ?? false),
    },
  ],
  [
    'logs',
    {
      takesOption: true,
      feed: (node, filter) => logs(node, read(logFilterKind, filter ?? {}) ?? EVERY_LOG),
    },
  ],
  ['syncing', { takesOption: false, feed: syncing }],
  [
    'transactionReceipts',
    {
      takesOption: true,
      feed: (node, filter) => transactionReceipts(node, read(receiptFilterKind, filter ?? {})),
    },
  ],
])

/** What can be subscribed to by `eth_subscribe`. */
export const SUBSCRIPTION_NAMES: readonly string[] = [...SUBSCRIPTIONS.keys()]

const EVERY_LOG: LogFilter = {
  blockHash: undefined,
  from: undefined,
  to: undefined,
  addresses: [],
  topics: [],
}

/** Hashes that one subscription may name, as in geth. */
const MAX_RECEIPT_HASHES = 200

/** `{transactionHashes}`; without any, every transaction. */
const receiptFilterKind: ParamKind<ReadonlySet<Hash> | undefined> = {
  type: 'receipt filter',
  schema: SCHEMAS.object,
  read: (value) => {
    if (!isRecord(value)) return fail('json: cannot unmarshal non-object into a receipt filter')
    const { transactionHashes: hashes } = value
    if (hashes === undefined || hashes === null) return undefined
    if (Array.isArray(hashes) && hashes.length > MAX_RECEIPT_HASHES)
      throw new ParamError(
        'exceed max number of transaction hashes allowed per transactionReceipts subscription',
        true,
      )
    const list = listKind(hashKind, MAX_RECEIPT_HASHES).read(hashes)
    return list.length === 0 ? undefined : new Set(list)
  },
}

/** Taken as it is: what it must be depends on the subscription. */
const anyKind: ParamKind<unknown> = {
  type: 'boolean, log filter or receipt filter',
  schema: { type: ['boolean', 'object'] },
  read: (value) => value,
}

/** The methods `eth_subscribe` and `eth_unsubscribe`. */
export const ethSubscriptionMethods = [
  defineMethod({
    name: 'eth_subscribe',
    params: [required('name', textKind), optional('option', anyKind)],
    result: 'subscription id',
    summary:
      'Over WebSocket: newHeads, newPendingTransactions (true: in full), logs, syncing or transactionReceipts (of new blocks; with transactionHashes, of these alone), as eth_subscription notifications.',
    handler: (call, name, option) => {
      const subscriptions = subscriptionsOf(call)
      const subscription = SUBSCRIPTIONS.get(name)
      if (subscription === undefined)
        throw new RpcError(
          RPC_CODES.methodNotFound,
          `no "${name.slice(0, 80)}" subscription in eth namespace: there are ${SUBSCRIPTION_NAMES.join(', ')}`,
        )
      if (!subscription.takesOption && option !== undefined) throw tooManyArguments(1)
      return subscriptions.add(subscription.feed(call.node, option))
    },
  }),
  unsubscribeMethod('eth_unsubscribe'),
]

function read<T>(kind: ParamKind<T>, value: unknown): T | undefined {
  if (value === undefined) return undefined
  try {
    return kind.read(value)
  } catch (error) {
    if (error instanceof ParamError)
      throw invalidParams(error.whole ? error.message : `invalid argument 1: ${error.message}`)
    throw error
  }
}

function newHeads({ chain }: RpcContext): Feed {
  return (notify) =>
    chain.heads.on(({ added }) => {
      for (const block of added) notify(encodeHeaderJson(block.header, block.hash))
    })
}

function newPendingTransactions({ mempool }: RpcContext, full: boolean): Feed {
  return (notify) =>
    mempool.events.on((event) => {
      if (isNewlyPending(event)) notify(pendingItem(event.pooled, full)())
    })
}

function logs({ chain }: RpcContext, filter: LogFilter): Feed {
  requireReceipts(chain)
  return (notify) =>
    chain.heads.on((change) => {
      for (const log of changedLogs(chain, change, filter)) notify(log)
    })
}

/**
 * Of each block that comes into the canonical chain, those that are wanted, as one list; nothing
 * where there are none.
 */
function transactionReceipts(node: RpcContext, wanted?: ReadonlySet<Hash>): Feed {
  requireReceipts(node.chain)
  return (notify) =>
    node.chain.heads.on(({ added }) => {
      for (const block of added) {
        const receipts = blockReceiptsJson(node, block, wanted)
        if (receipts.length > 0) notify(receipts)
      }
    })
}

function syncing(node: RpcContext): Feed {
  return (notify) => {
    let before = node.syncStatus() !== undefined
    return node.clock.every(SYNC_CHECK_MS, () => {
      const progress = node.syncStatus()
      const now = progress !== undefined
      if (now !== before) notify(syncJson(progress))
      before = now
    })
  }
}

function syncJson(progress: SyncProgress | undefined): Json {
  if (progress === undefined) return false
  return {
    syncing: true,
    status: {
      startingBlock: quantity(progress.startingBlock),
      currentBlock: quantity(progress.currentBlock),
      highestBlock: quantity(progress.highestBlock),
    },
  }
}
