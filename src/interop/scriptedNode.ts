/**
 * A node of libp2p's gossipsub-interop: our router without anything above it, told what to do by a
 * script.
 */
import { sleep } from '../lib/clock.ts'
import { createLibp2pNetwork, type Libp2pNetwork } from '../p2p/libp2pNetwork.ts'
import { numberOfId, PrefixIds } from '../p2p/router/prefixIds.ts'
import type { TopicOptions } from '../p2p/router/topics.ts'
import { connectTo, type ConnectOptions } from './connect.ts'
import type { EventLog } from './eventLog.ts'
import { seedOfNode } from './nodeId.ts'
import type { NodeScript, Step } from './script.ts'

/** What a scripted node is made from. */
export interface ScriptedNodeOptions extends ConnectOptions {
  readonly nodeId: number
  readonly script: NodeScript
  /** Multiaddr to listen on. */
  readonly listen: string
  /** When the process began, by the monotonic clock: from then on the script counts seconds. */
  readonly startMs: number
  readonly events: EventLog
  /** For people. */
  readonly say: (line: string) => void
}

/** Starts to listen, and writes who it is. */
export async function startScriptedNode(options: ScriptedNodeOptions): Promise<ScriptedNode> {
  const { clock, events, nodeId, script, say } = options
  const { ignored } = script.router
  if (ignored.length > 0) say(`initGossipSub: this router does not take ${ignored.join(', ')}`)
  const network = await startNetwork(options)
  events.write('PeerID', clock.monotonicMs(), { id: network.self, node_id: nodeId })
  events.write('Listening', clock.monotonicMs(), { addresses: network.addresses() })
  return new ScriptedNode(network, options)
}

function startNetwork({
  script: { router, topics },
  nodeId,
  listen,
  clock,
}: ScriptedNodeOptions): Promise<Libp2pNetwork> {
  return createLibp2pNetwork({
    topics: topics.map((name, index) => topicOf(name, index, router.idontwantMinBytes)),
    router: router.parameters,
    ids: new PrefixIds(),
    keySeed: seedOfNode(nodeId),
    listen: [listen],
    clock,
  })
}

function topicOf(name: string, index: number, idontwantMinBytes: number): TopicOptions {
  return {
    name,
    kindByte: index,
    label: name,
    scoring: 'transactions',
    floodPublish: false,
    idontwantMinBytes,
    maxLingerMs: 0,
  }
}

/** A node that listens, and follows its script when it is told to. */
export class ScriptedNode {
  readonly network: Libp2pNetwork
  readonly #options: ScriptedNodeOptions
  readonly #validationMs = new Map<string, number>()

  /** Called by {@link startScriptedNode}. */
  constructor(network: Libp2pNetwork, options: ScriptedNodeOptions) {
    this.network = network
    this.#options = options
    network.onRouter((event) => {
      if (event.kind === 'duplicate') this.#received(event, event.atMs)
    })
  }

  /**
   * Resolves at the end of the script or on the signal; throws a UserError where a node cannot be
   * reached.
   */
  async run(): Promise<void> {
    const { script, signal } = this.#options
    for (const step of script.steps) if (!signal.aborted) await this.#take(step)
  }

  stop(): Promise<void> {
    return this.network.stop()
  }

  async #take(step: Step): Promise<void> {
    switch (step.type) {
      case 'connect':
        for (const id of step.connectTo) await connectTo(id, this.network, this.#options)
        break
      case 'waitUntil':
        await this.#waitUntil(step.elapsedSeconds)
        break
      case 'publish':
        await this.#publish(step)
        break
      case 'subscribeToTopic':
        this.#subscribe(step.topicID)
        break
      case 'setTopicValidationDelay':
        this.#validationMs.set(step.topicID, step.delaySeconds * 1000)
    }
  }

  /** Blocks the script alone: messages are taken and forwarded meanwhile. */
  async #waitUntil(elapsedSeconds: number): Promise<void> {
    const { clock, startMs, signal } = this.#options
    const restMs = startMs + elapsedSeconds * 1000 - clock.monotonicMs()
    if (restMs > 0) await sleep(clock, restMs, signal)
  }

  #subscribe(topic: string): void {
    const { clock, signal } = this.#options
    this.network.subscribe(topic, async (message) => {
      this.#received(message, message.receivedMs)
      const validationMs = this.#validationMs.get(topic) ?? 0
      if (validationMs > 0) await sleep(clock, validationMs, signal)
      return 'accept'
    })
  }

  /** To peers of the topic where this node is not in it. */
  async #publish({ messageID, messageSizeBytes, topicID }: PublishStep): Promise<void> {
    const data = new Uint8Array(messageSizeBytes)
    new DataView(data.buffer).setBigUint64(0, BigInt(messageID))
    const { recipients, duplicate } = await this.network.publish(topicID, data)
    const outcome = duplicate
      ? 'was published or received before'
      : `is sent to ${recipients.length} peers`
    this.#options.say(`message ${messageID} of ${topicID} ${outcome}`)
  }

  #received({ digest, from, topic }: Copy, atMs: number): void {
    this.#options.events.write('Received Message', atMs, { from, topic, id: numberOfId(digest) })
  }
}

type PublishStep = Extract<Step, { readonly type: 'publish' }>

interface Copy {
  readonly digest: string
  readonly from: string
  readonly topic: string
}
