/**
 * A node in the process of who starts it: with rules and topics of their own, which a process of
 * its own could not be given.
 */
import { parseHex, type Hex } from '../lib/bytes.ts'
import type { Hash } from '../crypto/keccak.ts'
import type { TxRuleFacts } from '../gossip/rules/txRules.ts'
import type { Rule } from '../gossip/rules/rule.ts'
import type { Verdict } from '../gossip/rules/verdict.ts'
import { createLogger } from '../lib/log.ts'
import { UserError } from '../lib/userError.ts'
import {
  completeSettings,
  settingsOfDocument,
  type GivenSettings,
} from '../node/settings/givenSettings.ts'
import type { RunningPeer } from '../peer/runningPeer.ts'
import type { OwnTopic } from '../peer/ownTopics.ts'
import type { Timeline } from '../trace/timelines.ts'
import type { Tx } from '../tx/tx.ts'

/**
 * A rule for transactions that the owner of a node adds. It is asked after all others that need no
 * account.
 */
export interface OwnRule {
  /** What is demanded, as one sentence: who is refused reads it. */
  readonly sentence: string
  /**
   * What a transaction gets that breaks it: `ignore` drops it, `reject` also costs whoever sent it
   * score. Choose `reject` only where all nodes of the network have the rule.
   */
  readonly otherwise: 'ignore' | 'reject'
  readonly holds: (tx: Tx) => boolean
}

/** What a node is started with; everything has a default. */
export interface OwnNodeOptions {
  /** By name, as in docs/settings.md. Neither the environment nor `.env` is read. */
  readonly settings?: GivenSettings
  readonly rules?: readonly OwnRule[]
  readonly topics?: readonly OwnTopic[]
  /** Is given each line of the log, JSON; nothing is logged unless given. */
  readonly onLog?: (line: string) => void
}

/** What became of a transaction that was handed to a node. */
export interface Submitted {
  readonly hash: Hash
  /** `accept`, or the stable reason of the refusal and a sentence. */
  readonly verdict: Verdict
}

/** A node that runs in this process. */
export interface OwnNode extends AsyncDisposable {
  readonly peerId: string
  /** Where others reach it: the `bootnodes` of the next. */
  readonly multiaddrs: readonly string[]
  /** `undefined` with `rpc: false`. */
  readonly rpcUrl: string | undefined
  readonly chainId: bigint
  /** Peers that it is connected to, by id. */
  readonly peers: readonly string[]
  /** Judges a signed transaction as a stranger's, and publishes it if it is accepted. */
  submit(raw: Hex): Promise<Submitted>
  /**
   * Sends a message on a topic of its own. Throws a UserError where the topic's judge does not
   * accept it.
   */
  publish(topic: string, data: Uint8Array): Promise<void>
  /** The story of an item at this node; `undefined` where it does not know the item. */
  timeline(hash: Hex): Timeline | undefined
  /** Who gets what this node publishes on a topic of its own or of the network, by peer id. */
  mesh(topic: string): readonly string[]
  stop(): Promise<void>
}

/**
 * Starts a node and resolves when it takes connections. Throws a UserError for a setting, rule or
 * topic that cannot be. It shares the event loop of this process: what blocks that delays the node.
 */
export async function startOwnNode(options: OwnNodeOptions = {}): Promise<OwnNode> {
  const { rules = [], topics = [], onLog = () => {} } = options
  const settings = completeSettings(settingsOfDocument(options.settings ?? {}, 'settings'))
  /** libp2p is half a second to load: who only reads reports does not need it. */
  const [{ runPeer }, { checkSettings }, { checkOwnTopics }] = await Promise.all([
    import('../peer/runningPeer.ts'),
    import('../peer/checkedSettings.ts'),
    import('../peer/ownTopics.ts'),
  ])
  checkSettings(settings)
  checkOwnTopics(topics)
  const hosted = await runPeer(settings, createLogger(settings.logLevel, {}, onLog), undefined, {
    txRules: rules.map(asRule),
    topics,
  })
  return new RunningOwnNode(hosted)
}

function asRule({ sentence, otherwise, holds }: OwnRule): Rule<Tx, TxRuleFacts> {
  if (sentence === '') throw new UserError('rules: a rule needs a sentence')
  return { reason: 'own-rule', otherwise, sentence, source: 'the owner of this node', holds }
}

class RunningOwnNode implements OwnNode {
  readonly #hosted: RunningPeer
  #stopping: Promise<void> | undefined

  constructor(hosted: RunningPeer) {
    this.#hosted = hosted
  }

  get peerId(): string {
    return this.#hosted.network.self
  }

  get multiaddrs(): readonly string[] {
    return this.#hosted.network.addresses()
  }

  get rpcUrl(): string | undefined {
    return this.#hosted.rpc?.url
  }

  get chainId(): bigint {
    return this.#hosted.node.chain.chainId
  }

  get peers(): readonly string[] {
    return this.#hosted.network.peers().map(({ id }) => id)
  }

  async submit(raw: Hex): Promise<Submitted> {
    const bytes = parseHex(raw)
    if (bytes === undefined) throw new UserError('expected a signed transaction as 0x hex')
    const { hash, verdict } = await this.#hosted.node.submit(bytes)
    return { hash, verdict }
  }

  publish(topic: string, data: Uint8Array): Promise<void> {
    return this.#hosted.ownTopics.publish(topic, data)
  }

  timeline(hash: Hex): Timeline | undefined {
    return this.#hosted.timelines?.timeline(hash as Hash)
  }

  mesh(topic: string): readonly string[] {
    const named = this.#hosted.network.mesh().find((one) => one.topic.split('/')[3] === topic)
    return named?.mesh ?? []
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#hosted.stop()
    return this.#stopping
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}
