/**
 * Engine `router`: the gossip router of each node with its real options, and a judge that accepts
 * everything.
 */
import type { PeerId as Libp2pPeerId } from '@libp2p/interface'
import { TopicValidatorResult, type GossipsubMessage } from '@chainsafe/libp2p-gossipsub'
import { keccak256Hash, type Hash } from '../../crypto/keccak.ts'
import type { PeerId } from '../../gossip/network.ts'
import { CopyByteCounters, type CopyBytes } from '../../gossip/copyBytes.ts'
import type {
  FoundAnswer,
  Neighbour,
  NetworkFigure,
  PeerSettings,
  SubmitAnswer,
  TopicMesh,
} from '../../instrument/port.ts'
import { AskedMessages } from '../../p2p/router/askedMessages.ts'
import { limitValues } from '../../p2p/limits.ts'
import { createRouter } from '../../p2p/router/gossipsub.ts'
import type { MessageSink } from '../../p2p/router/readingHooks.ts'
import type { ReceivedMessageResult, RPC } from '../../p2p/router/routerInternals.ts'
import { replaceMethods } from '../links/replaceMethods.ts'
import type { Settings } from '../../node/settings/settings.ts'
import { shownOnce, type NodeSetup } from '../nodeSettings.ts'
import { topicOptions, type TopicOptions } from '../../p2p/router/topics.ts'
import { ITEM_KINDS } from '../../item/itemKinds.ts'
import { topicNames } from '../../gossip/topics/topicNames.ts'
import type { Misbehaviour } from '../../rehearsal/misbehaviour.ts'
import type { SimMachine } from '../links/machine.ts'
import { componentsOf, simRouter, type SimRouter } from '../links/routerAccess.ts'
import type { Route } from '../../item/route.ts'
import type { Sighting, Trace } from '../../trace/trace.ts'
import { Chainless, NO_CHAIN } from './chainless.ts'
import { distantRouter } from './distantNodes.ts'
import type { Engine, SimNode, SimWorld } from './engine.ts'
import { SIM_CHAIN_ID } from './nodeEngine.ts'
import { RouterConduct } from './routerConduct.ts'
import { textOf } from '../../p2p/router/messageIds.ts'
import { SharedIds } from './sharedIds.ts'
import { sampleRouter } from './sampleRouter.ts'
import type { InnerRouter } from '../shortcuts/innerRouter.ts'
import { readLean } from '../shortcuts/leanReading.ts'
import { RouterShortcuts, type Shortcuts } from '../shortcuts/shortcuts.ts'
import type { Partition } from '../threads/partition.ts'
import { QUIET } from '../time/due.ts'

/** The world and the settings that the routers are made for. */
export interface RouterEngineOptions {
  readonly world: SimWorld
  /** Nodes that the plan makes misbehave at some time. */
  readonly hostile: ReadonlySet<number>
  readonly setupOf: (machine: SimMachine) => NodeSetup
  readonly shortcuts: Shortcuts
  /** The nodes that are made here; all unless given. */
  readonly partition?: Partition | undefined
}

/** The engine for one run. */
export function routerEngine(options: RouterEngineOptions): Engine {
  const topic = topicNames(NO_CHAIN).tx
  const topics = topicOptions(topic, ITEM_KINDS.tx)
  const ids = new SharedIds([topics])
  const { world, shortcuts } = options
  const fitted = new RouterShortcuts(shortcuts, {
    sample: sampleRouter(),
    time: world.time,
    nodes: world.machines.length,
    partition: options.partition,
  })
  const shared: Shared = { ...options, ids, topic: topics, fitted, makers: new Map() }
  return {
    name: 'router',
    chainId: SIM_CHAIN_ID,
    periodS: 0,
    costs: {},
    makeNode: (machine) => new RouterNode(machine, shared),
    standIn: (machine, questions) =>
      distantRouter(machine.index, options.setupOf(machine).settings, questions),
    close: async () => fitted.undo(),
  }
}

/** What the routers of a simulation share. */
interface Shared extends RouterEngineOptions {
  readonly ids: SharedIds
  readonly topic: TopicOptions
  readonly fitted: RouterShortcuts
  /** Routers that are set alike are made from the same options. */
  readonly makers: Map<NodeSetup, ReturnType<typeof createRouter>>
}

function makerOf({ makers, topic, ids }: Shared, setup: NodeSetup) {
  const known = makers.get(setup)
  if (known !== undefined) return known
  const { parameters, idontwantMinBytes } = setup.router
  const options = {
    topics: [{ ...topic, idontwantMinBytes: idontwantMinBytes.tx }],
    profile: 'devnet',
    limits: LIMITS,
    parameters,
  } as const
  const made = createRouter(options, ids)
  makers.set(setup, made)
  return made
}

const ASKS_NOTHING = 'a router alone asks the network nothing'

class RouterNode extends Chainless implements SimNode, MessageSink {
  readonly router: SimRouter
  readonly #inner: InnerRouter
  readonly #machine: SimMachine
  readonly #shared: Shared
  readonly #settings: Settings
  readonly #trace: Trace
  readonly #bytes = new CopyByteCounters()
  readonly #conduct: RouterConduct | undefined
  /** Made when the first message is asked for. */
  #asked: AskedMessages | undefined

  constructor(machine: SimMachine, shared: Shared) {
    super()
    const { world, setupOf, hostile, ids, fitted } = shared
    const setup = setupOf(machine)
    this.#machine = machine
    this.#shared = shared
    this.#settings = setup.settings
    this.#trace = world.observations.begin(machine.index)
    const make = makerOf(shared, setup)
    this.router = simRouter(make(componentsOf(machine.peerId)))
    this.#inner = fitted.fit(this.router, machine, make)
    this.#conduct = hostile.has(machine.index)
      ? new RouterConduct(this.router, ids, world.time.clock(machine.owner))
      : undefined
    hookRouter(this.router, this)
  }

  get #topic(): string {
    return this.#shared.topic.name
  }

  async start(): Promise<void> {
    await this.router.start()
    this.#shared.fitted.started(this.#inner)
    this.router.addEventListener('gossipsub:message', (event: CustomEvent<GossipsubMessage>) => {
      const { msg, msgId, propagationSource } = event.detail
      this.first(propagationSource.toString(), msgId, msg)
    })
    this.router.subscribe(this.#topic)
  }

  end(): void {
    this.#conduct?.misbehave(undefined)
  }

  receive(from: SimMachine, rpc: RPC): unknown {
    if (this.#shared.fitted.has('lean reading') && readLean(this.#inner, this, from.id, rpc))
      return QUIET
    return this.router.handleReceivedRpc(from.peerId, rpc)
  }

  connected(): void {}

  disconnected(): void {}

  /** A router alone asks nothing, and dials nobody of its own accord. */
  receiveRequest(): void {}

  dialFailed(): void {}

  async submit(raw: Uint8Array): Promise<SubmitAnswer> {
    const receivedMs = this.#shared.world.time.nowMs
    const hash = keccak256Hash(raw)
    const { length: bytes } = raw
    this.#note({ hash, bytes, from: OWN, route: 'local', receivedMs, action: 'accept' })
    this.#conduct?.remember(this.#topic, raw)
    const { floodPublish } = this.#settings
    await this.router
      .publish(this.#topic, raw, { floodPublish, batchPublish: true })
      .catch(() => undefined)
    return { isAccepted: true }
  }

  misbehave(behaviour: Misbehaviour | undefined, against?: PeerId): void {
    this.#conduct?.misbehave(behaviour, against)
  }

  /** Nothing that a router does follows the calendar. */
  jumpClock(): void {}

  copyBytes(): CopyBytes {
    return this.#bytes.snapshot()
  }

  mesh(): readonly TopicMesh[] {
    const { router } = this
    return router.getTopics().map((topic) => ({
      topic,
      mesh: [...(router.mesh.get(topic) ?? [])],
      subscribers: router.getSubscribers(topic).map(String),
    }))
  }

  settings(): PeerSettings {
    return shownOnce(this.#settings)
  }

  neighbours(): readonly Neighbour[] {
    return [...this.#machine.wires.values()].map(({ to, direction }) => ({
      peerId: to.id,
      direction,
      score: this.router.getScore(to.id),
      roundTripMs: null,
      client: '',
    }))
  }

  async ask(): Promise<NetworkFigure> {
    throw new Error(ASKS_NOTHING)
  }

  async find(): Promise<FoundAnswer> {
    throw new Error(ASKS_NOTHING)
  }

  knows(hash: Hash): boolean {
    return this.router.seenCache.has(textOf(hash, ITEM_KINDS.tx.byte))
  }

  held(): number {
    return 0
  }

  async leave(): Promise<void> {}

  /** A router alone knows no members. */
  holds(): undefined {
    return undefined
  }

  assertInvariants(): void {}

  first(from: string, id: string, { data }: { readonly data: Uint8Array }): void {
    const { time } = this.#shared.world
    const receivedMs = time.nowMs
    const { length: bytes } = data
    const route = this.#routeOf(from, id)
    this.#bytes.arrived(bytes)
    const judge = (): void => {
      this.#note({
        hash: this.#shared.ids.hashOf(id),
        bytes,
        from,
        route,
        receivedMs,
        action: 'accept',
      })
      this.#conduct?.remember(this.#topic, data)
      this.router.reportMessageValidationResult(
        id,
        from,
        this.#conduct?.forwards(from) === false
          ? TopicValidatorResult.Ignore
          : TopicValidatorResult.Accept,
      )
    }
    const { validationDelayMs } = this.#settings
    if (validationDelayMs === 0) judge()
    else time.after(validationDelayMs, { owner: this.#machine.owner, run: judge })
  }

  duplicate(from: string, id: string, { data }: Pick<RPC.Message, 'data'>): void {
    const bytes = data?.length ?? 0
    const receivedMs = this.#shared.world.time.nowMs
    const route = this.#routeOf(from, id)
    this.#bytes.arrived(bytes)
    this.#note({
      hash: this.#shared.ids.hashOf(id),
      bytes,
      from,
      route,
      receivedMs,
      action: 'duplicate',
    })
  }

  asked(from: string, iwant: readonly RPC.ControlIWant[]): void {
    this.#asked ??= new AskedMessages(LIMITS.gossipMaxAskedIds)
    this.#asked.sent(from, iwant)
  }

  #routeOf(from: string, id: string): Route {
    return this.#asked?.takeAnswer(from, id) === true ? 'iwant' : 'push'
  }

  #note(seen: Pick<Sighting, 'hash' | 'bytes' | 'from' | 'route' | 'receivedMs' | 'action'>): void {
    const judgedMs = this.#shared.world.time.nowMs
    this.#bytes.concluded(seen)
    const { hash, from, route, receivedMs, action, bytes } = seen
    this.#trace.sighting({
      kind: 'tx',
      hash,
      from,
      route,
      receivedMs,
      judgedMs,
      queuedMs: 0,
      action,
      reason: '',
      bytes,
    })
  }
}

/** Where a transaction comes from that was handed to the node. */
const OWN = 'rpc'
const LIMITS = limitValues('devnet')

const listeners = new WeakMap<SimRouter, RouterNode>()
const hooked = new WeakSet<object>()

/** Set once on the class of the router, so that a router costs no function of its own. */
function hookRouter(router: SimRouter, listener: RouterNode): void {
  listeners.set(router, listener)
  const prototype: object = Object.getPrototypeOf(router) as object
  if (hooked.has(prototype)) return
  hooked.add(prototype)
  const validate = Reflect.get(prototype, 'validateReceivedMessage') as Validate
  const handleIHave = Reflect.get(prototype, 'handleIHave') as HandleIHave
  replaceMethods(prototype, {
    async validateReceivedMessage(this: SimRouter, from: Libp2pPeerId, message: RPC.Message) {
      const result = await validate.call(this, from, message)
      if (result.code === 'duplicate')
        listeners.get(this)?.duplicate(from.toString(), result.msgIdStr ?? '', message)
      return result
    },
    handleIHave(this: SimRouter, from: string, ihave: readonly RPC.ControlIHave[]) {
      const iwant = handleIHave.call(this, from, ihave)
      if (iwant.length > 0) listeners.get(this)?.asked(from, iwant)
      return iwant
    },
  })
}

type Validate = (
  this: SimRouter,
  from: Libp2pPeerId,
  message: RPC.Message,
) => Promise<ReceivedMessageResult>

type HandleIHave = (
  this: SimRouter,
  from: string,
  ihave: readonly RPC.ControlIHave[],
) => RPC.ControlIWant[]
