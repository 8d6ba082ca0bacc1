/** Engine `router`: the gossip router of each node with its real options, and a judge that accepts everything. */
import type { PeerId as Libp2pPeerId } from '@libp2p/interface'
import { TopicValidatorResult, type GossipsubMessage } from '@chainsafe/libp2p-gossipsub'
import { keccak256Hash } from '../../crypto/keccak.ts'
import { seededRandom } from '../../lib/random.ts'
import { limitValues } from '../../p2p/limits.ts'
import { createRouter } from '../../p2p/router/gossipsub.ts'
import type { ReceivedMessageResult, RPC } from '../../p2p/router/routerInternals.ts'
import { replaceMethods } from '../links/replaceMethods.ts'
import type { Settings } from '../../node/settings.ts'
import type { NodeSetup } from '../nodeSettings.ts'
import { topicOptions, type TopicOptions } from '../../p2p/router/topics.ts'
import { ITEM_KINDS } from '../../item/itemKinds.ts'
import { topicNames } from '../../gossip/topicNames.ts'
import type { Misbehaviour } from '../../rehearsal/misbehaviour.ts'
import type { TxPlan } from '../../scenario/planLoad.ts'
import type { Host } from '../links/host.ts'
import { componentsOf, simRouter, type SimRouter } from '../links/routerAccess.ts'
import type { Engine, SimItem, SimNode, SimSubmission, SimWorld } from './engine.ts'
import { hashOfText } from '../../p2p/router/messageIds.ts'
import { SharedIds } from './sharedIds.ts'

/** Envelope of a transfer of type 2: what a transaction weighs beside its calldata, bytes. */
const ENVELOPE_BYTES = 115
/** The network of a simulation without a chain. */
const NO_CHAIN = keccak256Hash(new TextEncoder().encode('grapevine simulation'))

/** The world, the load and the settings that the routers are made for. */
export interface RouterEngineOptions {
  readonly world: SimWorld
  readonly load: readonly TxPlan[]
  readonly seed: number
  readonly setupOf: (host: Host) => NodeSetup
}

/** The engine for one run. */
export function routerEngine(options: RouterEngineOptions): Engine {
  const topic = topicNames(NO_CHAIN).tx
  const topics = topicOptions(topic, ITEM_KINDS.tx)
  const ids = new SharedIds([topics])
  const items = new Map<number, SimItem>()
  return {
    name: 'router',
    topics: { tx: topic },
    costs: {},
    itemOf: (index) => {
      const item = items.get(index) ?? makeItem(options, index)
      items.set(index, item)
      return item
    },
    makeNode: (host) => new RouterNode(host, options, ids, topics),
    isIncluded: () => false,
    close: async () => {},
  }
}

/** Bytes of the size of the transaction, never the same twice. */
function makeItem({ load, seed }: RouterEngineOptions, index: number): SimItem {
  const data = new Uint8Array(ENVELOPE_BYTES + (load[index]?.dataBytes ?? 0))
  const random = seededRandom(seed ^ Math.imul(index + 1, 0x9e3779b9))
  new DataView(data.buffer).setUint32(0, index)
  for (let at = 4; at < data.length; at++) data[at] = random.int(256)
  return { data, hash: keccak256Hash(data) }
}

class RouterNode implements SimNode {
  readonly router: SimRouter
  readonly #host: Host
  readonly #world: SimWorld
  readonly #topic: string
  readonly #settings: Settings
  #isMute = false

  constructor(
    host: Host,
    { world, setupOf }: RouterEngineOptions,
    ids: SharedIds,
    topic: TopicOptions,
  ) {
    const { settings, router } = setupOf(host)
    const { parameters, idontwantMinBytes } = router
    this.#host = host
    this.#world = world
    this.#topic = topic.name
    this.#settings = settings
    const make = createRouter(
      {
        topics: [{ ...topic, idontwantMinBytes: idontwantMinBytes.tx }],
        profile: 'devnet',
        limits: LIMITS,
        parameters,
      },
      ids,
      () => {},
    )
    this.router = simRouter(make(componentsOf(host.peerId)))
    hookDuplicates(this.router, (from, id, bytes) => this.#onDuplicate(from, id, bytes))
  }

  async start(): Promise<void> {
    await this.router.start()
    this.router.addEventListener('gossipsub:message', (event: CustomEvent<GossipsubMessage>) =>
      this.#onMessage(event.detail),
    )
    this.router.subscribe(this.#topic)
  }

  receive(from: Host, rpc: RPC): void {
    void this.router.handleReceivedRpc(from.peerId, rpc)
  }

  connected(): void {}

  disconnected(): void {}

  refuses(): boolean {
    return false
  }

  async submit({ hash, data }: SimItem): Promise<SimSubmission> {
    const nowMs = this.#world.time.nowMs
    this.#note({
      hash,
      bytes: data.length,
      from: undefined,
      receivedMs: nowMs,
      outcome: 'accepted',
    })
    const { floodPublish } = this.#settings
    await this.router
      .publish(this.#topic, data, { floodPublish, batchPublish: true })
      .catch(() => undefined)
    return { isAccepted: true }
  }

  /** A router alone can only be mute: other scenarios are refused before they start. */
  misbehave(behaviour: Misbehaviour | undefined): void {
    this.#isMute = behaviour === 'mute'
  }

  jumpClock(): void {}

  head(): undefined {
    return undefined
  }

  assertInvariants(): void {}

  #onMessage({ msg, msgId, propagationSource }: GossipsubMessage): void {
    const { time } = this.#world
    const receivedMs = time.nowMs
    const judge = (): void => {
      this.#note({
        hash: hashOfText(msgId),
        bytes: msg.data.length,
        from: propagationSource.toString(),
        receivedMs,
        outcome: 'accepted',
      })
      this.router.reportMessageValidationResult(
        msgId,
        propagationSource.toString(),
        this.#isMute ? TopicValidatorResult.Ignore : TopicValidatorResult.Accept,
      )
    }
    const { validationDelayMs } = this.#settings
    if (validationDelayMs === 0) queueMicrotask(judge)
    else time.after(validationDelayMs, { owner: this.#host.owner, run: judge })
  }

  #onDuplicate(from: string, id: string, bytes: number): void {
    const receivedMs = this.#world.time.nowMs
    this.#note({ hash: hashOfText(id), bytes, from, receivedMs, outcome: 'duplicate' })
  }

  #note(seen: {
    readonly hash: string
    readonly bytes: number
    readonly from: string | undefined
    readonly receivedMs: number
    readonly outcome: 'accepted' | 'duplicate'
  }): void {
    const { observations, time, indexOf } = this.#world
    const { from, ...rest } = seen
    observations.note({
      ...rest,
      kind: 'tx',
      node: this.#host.index,
      from: from === undefined ? undefined : indexOf.get(from),
      judgedMs: time.nowMs,
      queuedMs: 0,
      road: from === undefined ? 'local' : 'push',
    })
  }
}

const LIMITS = limitValues('devnet')

type OnDuplicate = (from: string, id: string, bytes: number) => void

const listeners = new WeakMap<SimRouter, OnDuplicate>()
const hooked = new WeakSet<object>()

/** Set once on the class of the router, so that a router costs no function of its own. */
function hookDuplicates(router: SimRouter, onDuplicate: OnDuplicate): void {
  listeners.set(router, onDuplicate)
  const prototype: object = Object.getPrototypeOf(router) as object
  if (hooked.has(prototype)) return
  hooked.add(prototype)
  const validate = Reflect.get(prototype, 'validateReceivedMessage') as Validate
  replaceMethods(prototype, {
    async validateReceivedMessage(this: SimRouter, from: Libp2pPeerId, message: RPC.Message) {
      const result = await validate.call(this, from, message)
      if (result.code === 'duplicate')
        listeners.get(this)?.(from.toString(), result.msgIdStr ?? '', message.data?.length ?? 0)
      return result
    },
  })
}

type Validate = (
  this: SimRouter,
  from: Libp2pPeerId,
  message: RPC.Message,
) => Promise<ReceivedMessageResult>
