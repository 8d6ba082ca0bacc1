/**
 * A node for tests of JSON-RPC: a real chain, pool, judge and trace; only the network is pretended.
 */
import { Finality } from '../../src/finality/finality.ts'
import { createDispatch, type Dispatch } from '../../src/rpc/server/dispatch.ts'
import { keccak256Hash } from '../../src/crypto/keccak.ts'
import { inlineVerifier } from '../../src/crypto/verifier.ts'
import type { Block } from '../../src/block/block.ts'
import type { Chain } from '../../src/chain/chain.ts'
import type { Network, PeerId } from '../../src/gossip/network.ts'
import { TxTopic } from '../../src/gossip/topics/txTopic.ts'
import type { Logger } from '../../src/lib/log.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { seededRandom } from '../../src/lib/random.ts'
import { Mempool } from '../../src/mempool/mempool.ts'
import type { RpcContext } from '../../src/rpc/context.ts'
import { Filters } from '../../src/rpc/filters.ts'
import { RPC_LIMITS, type RpcLimits } from '../../src/rpc/limits.ts'
import type { RpcCall } from '../../src/rpc/method.ts'
import { servedMethods } from '../../src/rpc/methodTable.ts'
import { RpcCounters } from '../../src/rpc/stats.ts'
import { simEnvelopes } from '../../src/sim/links/simEnvelopes.ts'
import { Timelines } from '../../src/trace/timelines.ts'
import { Senders } from '../../src/tx/senders.ts'
import type { Tx } from '../../src/tx/tx.ts'
import { extend, sendersOf, testChain, type TestChainOptions } from './chain.ts'

export interface RpcNode {
  readonly context: RpcContext
  readonly finality: Finality
  readonly chain: Chain
  readonly mempool: Mempool
  readonly clock: ManualClock
  readonly timelines: Timelines
  /** Sentences logged as errors: a test that provokes none should find none. */
  readonly errors: string[]
  /** Seals the pool's executable transactions, or these, into the next block and follows it. */
  seal(txs?: readonly Tx[]): Block
}

export interface RpcNodeOptions {
  readonly chain?: TestChainOptions
  readonly context?: Partial<RpcContext>
}

export function rpcNode({ chain: chainOptions, context }: RpcNodeOptions = {}): RpcNode {
  const clock = new ManualClock(1_000)
  const chain = testChain(chainOptions)
  const mempool = new Mempool({ clock, state: chain.state, baseFee: chain.nextBaseFee() ?? 0n })
  const senders = new Senders(inlineVerifier())
  const timelines = new Timelines()
  const finality = new Finality({ chain, clock, log: silentLogger })
  finality.start()
  const errors: string[] = []
  const topic = new TxTopic({
    chain,
    mempool,
    senders,
    clock,
    allowUnprotected: false,
    isSyncing: () => false,
  })
  chain.heads.on(({ added, dropped }) => {
    const returned = dropped.flatMap((block) =>
      block.transactions.map((tx, at) => ({ tx, sender: sendersOf(block)[at] ?? never() })),
    )
    const baseFee = chain.nextBaseFee() ?? 0n
    mempool.reset({ state: chain.state, baseFee, included: added, returned })
  })
  return {
    chain,
    finality,
    mempool,
    clock,
    timelines,
    errors,
    seal: (txs) => {
      const executable = [...mempool.executable(chain.nextBaseFee() ?? 0n)]
      return extend(chain, { txs: txs ?? executable.map(({ tx }) => tx) })
    },
    context: {
      chain,
      mempool,
      finality,
      network: loneNetwork(),
      senders,
      submit: async (raw) => {
        const receivedMs = clock.monotonicMs()
        const digest = keccak256Hash(raw)
        return topic.judge({
          kind: 'tx',
          data: raw,
          digest,
          from: 'rpc',
          route: 'local',
          receivedMs,
        })
      },
      timelines,
      counts: () => ({ judged: 0 }),
      expectsPeers: true,
      sealer: undefined,
      syncStatus: () => undefined,
      clock,
      clockId: 'clock-1',
      log: errorLog(errors),
      clientVersion: 'grapevine/test',
      allowUnprotected: false,
      feeCapWei: 10n ** 18n,
      adminEnabled: false,
      settings: { rpcPort: 0 },
      ...context,
    },
  }
}

export interface RpcCaller {
  /** One call; the whole answer. */
  ask(method: string, params?: unknown): Promise<RpcAnswer>
  /** One call that must succeed; its result. */
  result(method: string, ...params: unknown[]): Promise<unknown>
  /** One call that must fail; its error. */
  error(method: string, ...params: unknown[]): Promise<RpcAnswerError>
  /** Raw text in, raw text out. */
  text(body: string | Uint8Array): Promise<string | undefined>
  readonly filters: Filters
}

export interface RpcAnswerError {
  readonly code: number
  readonly message: string
  readonly data?: unknown
}

export interface RpcAnswer {
  readonly id: unknown
  readonly result?: unknown
  readonly error?: RpcAnswerError
}

/** Calls the methods without a transport. */
export function rpcCaller(node: RpcNode | RpcContext, limits: Partial<RpcLimits> = {}): RpcCaller {
  const context = 'context' in node ? node.context : node
  const all = { ...RPC_LIMITS, ...limits }
  const filters = new Filters(context, all, seededRandom(1))
  const closing = new AbortController().signal
  const call: RpcCall = { node: context, filters, closing, subscriptions: undefined }
  const dispatch: Dispatch = createDispatch({
    methods: servedMethods(context),
    limits: all,
    counters: new RpcCounters(),
    clock: context.clock,
    log: context.log,
  })
  const text = (body: string | Uint8Array): Promise<string | undefined> =>
    dispatch(typeof body === 'string' ? new TextEncoder().encode(body) : body, call)
  const ask = async (method: string, params: unknown = []): Promise<RpcAnswer> => {
    const answer = await text(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))
    return JSON.parse(answer ?? '{}') as RpcAnswer
  }
  return {
    ask,
    text,
    filters,
    result: async (method, ...params) => {
      const answer = await ask(method, params)
      if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`)
      return answer.result
    },
    error: async (method, ...params) => {
      const { error } = await ask(method, params)
      if (error === undefined) throw new Error(`${method} did not fail`)
      return error
    },
  }
}

/** A network with one peer, to which nothing is sent. */
export function loneNetwork(): Network {
  const peer = 'peer-1' as PeerId
  return {
    self: 'peer-0' as PeerId,
    subscribe: () => {},
    publish: async () => ({ recipients: [], duplicate: false }),
    peers: () => [{ id: peer, address: '/ip4/127.0.0.1/tcp/9001', direction: 'inbound' }],
    onPeer: () => () => {},
    onRouter: () => () => {},
    mesh: () => [{ topic: '/grapevine/00000000/tx/1', mesh: [peer], subscribers: [peer] }],
    scores: () => [{ peer, score: 1.5 }],
    handle: async () => {},
    request: () => {
      throw new Error('no requests here')
    },
    dial: async () => peer,
    disconnect: async () => {},
    peerRecords: async () => [],
    learnPeer: async () => undefined,
    dialPeer: async () => {},
    ping: async () => true,
    heardMs: () => undefined,
    envelopes: simEnvelopes('peer-0' as PeerId),
    addresses: () => ['/ip4/127.0.0.1/tcp/9000/p2p/peer-0'],
  }
}

function errorLog(errors: string[]): Logger {
  const log: Logger = {
    ...silentLogger,
    error: (message, fields) => errors.push(`${message} ${JSON.stringify(fields)}`),
    child: () => log,
  }
  return log
}

function never(): never {
  throw new Error('a block has a sender for each of its transactions')
}
