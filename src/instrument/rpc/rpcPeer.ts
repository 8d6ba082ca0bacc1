/**
 * A node as the instrument sees it, over JSON-RPC: the one place where answers become what the port
 * promises.
 */
import type { z } from 'zod'
import { checkedForm } from '../../lib/checkedForm.ts'
import { UserError } from '../../lib/userError.ts'
import { RpcAnswerError, type RpcClient } from '../../rpc/client/rpcClient.ts'
import type { PeerPort, SubmitAnswer } from '../port.ts'
import { foundAnswer, gaugeAnswer, networkAnswer } from './knowledgeAnswers.ts'
import { heldStatesAnswer } from './memberAnswers.ts'
import {
  blockAnswer,
  chainIdAnswer,
  clockAnswer,
  clockSamplesAnswer,
  countsAnswer,
  finalityAnswer,
  headAnswer,
  hostAnswer,
  meshAnswer,
  neighboursAnswer,
  nonceAnswer,
  poolAnswer,
  settingsAnswer,
  sightingsAnswer,
  timelineAnswer,
} from './rpcAnswers.ts'

/** What JSON-RPC does not say of a node. */
export interface RpcPeerIdentity {
  readonly index: number
  readonly peerId: string
  /** Another value after a restart; always the same if left out. */
  readonly instance?: unknown
  /** Whether its process runs; taken for granted if left out. */
  readonly isRunning?: () => boolean
  /** By what it is asked; by what transactions are handed in too if left out. */
  readonly reads?: RpcClient
}

/** A peer that is read and controlled over its JSON-RPC. */
export function rpcPeer(rpc: RpcClient, identity: RpcPeerIdentity): PeerPort {
  const { index, peerId, instance, isRunning = () => true, reads = rpc } = identity
  const ask = async <T>(
    form: z.ZodType<T>,
    method: string,
    params: readonly unknown[] = [],
  ): Promise<T> => checked(form, await reads.call(method, params), `${rpc.url}: ${method}`)
  return {
    index,
    peerId,
    instance,
    isRunning,
    get name() {
      return rpc.url
    },
    sightings: (cursor, limit) => ask(sightingsAnswer, 'gossip_sightings', [cursor, limit]),
    heldStates: (cursor, limit) => ask(heldStatesAnswer, 'gossip_memberChanges', [cursor, limit]),
    mesh: () => ask(meshAnswer, 'gossip_mesh'),
    counters: () => ask(countsAnswer, 'gossip_counts'),
    settings: () => ask(settingsAnswer, 'gossip_settings'),
    clock: () => ask(clockAnswer, 'gossip_clock'),
    host: () => ask(hostAnswer, 'gossip_host'),
    clockSamples: () => ask(clockSamplesAnswer, 'gossip_clockSamples'),
    chainId: () => ask(chainIdAnswer, 'eth_chainId'),
    head: () => ask(headAnswer, 'eth_getHeaderByNumber', ['latest']),
    block: async (number) =>
      (await ask(blockAnswer, 'eth_getBlockByNumber', [`0x${number.toString(16)}`, false])) ??
      undefined,
    nextNonce: (address) => ask(nonceAnswer, 'eth_getTransactionCount', [address, 'pending']),
    submit: (raw) => submit(rpc, raw),
    neighbours: () => ask(neighboursAnswer, 'gossip_peers'),
    pool: () => ask(poolAnswer, 'txpool_status'),
    finality: () => ask(finalityAnswer, 'gossip_finality'),
    ask: (query) => ask(networkAnswer, 'gossip_aggregate', [query]),
    find: (question) => ask(foundAnswer, 'gossip_find', [question]),
    gauge: async (name) => (await ask(gaugeAnswer, 'gossip_gauge', [name])).values,
    timeline: async (hash) => (await ask(timelineAnswer, 'gossip_timeline', [hash])) ?? undefined,
  }
}

/**
 * The peer id of the node at a URL. Throws a UserError that names the URL if it cannot be measured.
 */
export async function peerIdAt(rpc: RpcClient): Promise<string> {
  const answer = await rpc.call('gossip_clock')
  const own = clockAnswer.safeParse(answer)
  if (!own.success) throw new UserError(`${rpc.url} is not a peer that can be measured`)
  return own.data.peerId
}

async function submit(rpc: RpcClient, raw: string): Promise<SubmitAnswer> {
  try {
    await rpc.call('eth_sendRawTransaction', [raw])
    return { isAccepted: true }
  } catch (error) {
    if (!(error instanceof RpcAnswerError)) throw error
    return { isAccepted: false, reason: error.reason === '' ? error.message : error.reason }
  }
}

function checked<T>(form: z.ZodType<T>, answer: unknown, where: string): T {
  return checkedForm(form, answer, `${where} sent an unexpected answer`)
}
