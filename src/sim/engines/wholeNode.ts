/**
 * One whole node of the simulation: the real router below, the real node above, virtual time around
 * both.
 */
import type { Checkpoint } from '../../chain/checkpoint.ts'
import type { Genesis } from '../../chain/genesis/genesis.ts'
import type { Address } from '../../crypto/address.ts'
import type { Hash } from '../../crypto/keccak.ts'
import { inlineVerifier } from '../../crypto/verifier.ts'
import type { CopyBytes } from '../../gossip/copyBytes.ts'
import type { PeerId } from '../../gossip/network.ts'
import type {
  BlockAnswer,
  FinalityAnswer,
  FoundAnswer,
  HeadAnswer,
  HeardClock,
  Neighbour,
  NetworkFigure,
  PeerSettings,
  PoolAnswer,
  SubmitAnswer,
  TopicMesh,
} from '../../instrument/port.ts'
import type { ItemKind } from '../../item/itemKinds.ts'
import type { Clock } from '../../lib/clock.ts'
import { JumpingClock } from '../../lib/jumpingClock.ts'
import { silentLogger } from '../../lib/log.ts'
import { createNode, type Node } from '../../node/node.ts'
import type { Settings } from '../../node/settings/settings.ts'
import { limitValues } from '../../p2p/limits.ts'
import { GossipRouter } from '../../p2p/router/gossipRouter.ts'
import type { MemberState } from '../../membership/member.ts'
import type { Roster } from '../../membership/memberList.ts'
import type { MessageIds } from '../../p2p/router/messageIds.ts'
import type { FrameReader, MessageSink } from '../../p2p/router/readingHooks.ts'
import { RouterFaults } from '../../p2p/router/routerFaults.ts'
import type { RPC } from '../../p2p/router/routerInternals.ts'
import { Conduct } from '../../peer/conduct.ts'
import { accuseAs } from '../../peer/accuser.ts'
import { equivocateAs } from '../../peer/equivocator.ts'
import { forwardWindowMs, topicsOf } from '../../peer/runningPeer.ts'
import type { Misbehaviour } from '../../rehearsal/misbehaviour.ts'
import { afterReading, CORE_COSTS } from '../links/core.ts'
import type { SimMachine } from '../links/machine.ts'
import type { RequestFrame } from '../links/requestFrame.ts'
import { componentsOf, simRouter, type SimRouter } from '../links/routerAccess.ts'
import type { InnerRouter } from '../shortcuts/innerRouter.ts'
import { readLean } from '../shortcuts/leanReading.ts'
import type { RouterShortcuts } from '../shortcuts/shortcuts.ts'
import { shownOnce, type NodeSetup } from '../nodeSettings.ts'
import { costsWith, type JudgingCosts } from './costs.ts'
import type { SimNode, SimWorld } from './engine.ts'
import { askNetwork, findInNetwork } from './networkQuestions.ts'
import type { FinalBlocks } from '../record/finalBlocks.ts'
import type { SignerMemory } from '../record/signerMemory.ts'
import { QUIET } from '../time/due.ts'
import { judgingOn, type SimJudging } from './sharedJudging.ts'
import { diskOf, type SimDisk } from './simDisk.ts'
import { SimBans } from './simBans.ts'
import { SimNetwork } from './simNetwork.ts'
import { SimRequests } from './simRequests.ts'
import { SimSenders, type KnownSenders } from './simSenders.ts'

/** What the whole nodes of a simulation share. */
export interface NodeWorld {
  readonly world: SimWorld
  readonly genesis: Genesis
  readonly names: Readonly<Record<ItemKind, string>>
  readonly ids: MessageIds
  readonly judging: SimJudging
  readonly senders: KnownSenders
  readonly costs: JudgingCosts
  /** Those that run, by machine. */
  readonly nodes: Map<number, WholeNode>
  /** What outlives them, by machine. */
  readonly disks: Map<number, SimDisk>
  /** What nodes that run from the start on hold of each other. */
  readonly roster: Roster
  /** Machines whose first life has begun: a later one finds out anew who is there. */
  readonly begun: Set<number>
  /** Nodes that the plan makes misbehave at some time. */
  readonly hostile: ReadonlySet<number>
  readonly fitted: RouterShortcuts
  readonly finals: FinalBlocks
  readonly signerMemory: SignerMemory
}

const LIMITS = limitValues('devnet')
const VERIFIER = inlineVerifier()

/** A node with its router, its requests and its conduct. */
export class WholeNode implements SimNode {
  readonly router: SimRouter
  readonly node: Node
  readonly #inner: InnerRouter
  readonly #machine: SimMachine
  readonly #shared: NodeWorld
  readonly #gossip: GossipRouter
  readonly #network: SimNetwork
  readonly #requests: SimRequests
  readonly #clock: JumpingClock
  readonly #conduct: Conduct | undefined
  readonly #settings: Settings
  readonly #read: FrameReader | undefined
  #isQuiet = false

  /** @param signerKey makes it a sealer; none if empty. */
  constructor(
    machine: SimMachine,
    shared: NodeWorld,
    { settings, router }: NodeSetup,
    signerKey: Settings['signerKey'],
  ) {
    const { world, names, genesis, judging } = shared
    const clock = world.time.clock(machine.owner)
    const routerFaults = shared.hostile.has(machine.index) ? new RouterFaults() : undefined
    this.#machine = machine
    this.#shared = shared
    this.#settings = settings
    this.#clock = new JumpingClock(clock)
    this.#gossip = this.#makeRouter(clock, { settings, router }, routerFaults)
    this.router = simRouter(this.#gossip.service(componentsOf(machine.peerId)))
    this.#inner = shared.fitted.fit(this.router, machine, router)
    this.#read = this.#reader()
    this.#requests = new SimRequests(machine, clock)
    const random = world.randomOf(machine)
    this.#network = new SimNetwork({
      world,
      machine,
      gossip: this.#gossip,
      requests: this.#requests,
      random,
      clock,
    })
    this.#conduct =
      routerFaults &&
      new Conduct({
        network: this.#network,
        txTopic: names.tx,
        chainId: genesis.config.chainId,
        clock,
        routerFaults,
        equivocate: () => equivocateAs(this.node),
        accuse: () => accuseAs(this.node),
      })
    const { txMs, recoveryMs } = costsWith(settings.validationDelayMs, shared.costs)
    const senderMs = machine.core === undefined ? recoveryMs : CORE_COSTS.txMs
    const disk = diskOf(shared, machine, settings)
    const roster = this.#roster()
    this.node = createNode({
      settings: { ...settings, validationDelayMs: txMs, targetPeers: 0, trace: false, signerKey },
      genesis,
      chain: disk.chain,
      journal: disk.openJournal(),
      senders: new SimSenders(shared.senders, clock, senderMs, machine.core),
      network: this.#conduct?.network ?? this.#network,
      roster,
      forwardWindowMs: forwardWindowMs(router.parameters),
      verifier: VERIFIER,
      judging: judgingOn(machine.core, clock, judging.nodes),
      ...(signerKey !== '' && { voteRecord: shared.signerMemory.record(machine.index) }),
      trace: world.observations.begin(machine.index),
      clock: this.#clock,
      random,
      log: silentLogger,
    })
    this.#watchMembers(roster === undefined ? 'nobody' : 'all')
    shared.nodes.set(machine.index, this)
    this.node.finality.changed.on(({ finalized }) => this.#noteFinal(finalized))
  }

  #watchMembers(knows: 'all' | 'nobody'): void {
    const { index } = this.#machine
    const { members, time, indexOf } = this.#shared.world
    members.begin(index, time.nowMs, knows)
    this.node.members.changes.on(({ member: { peer, state } }) => {
      const subject = indexOf.get(peer)
      const isThisLife = this.#shared.nodes.get(index) === this
      if (subject !== undefined && isThisLife) members.holds(index, subject, state, time.nowMs)
    })
  }

  /** Only the first life of a node that runs from the start on begins with everybody. */
  #roster(): Roster | undefined {
    const { roster, begun } = this.#shared
    const { id, index } = this.#machine
    if (begun.has(index) || !roster.members.has(id)) return undefined
    begun.add(index)
    return roster
  }

  async start(): Promise<void> {
    await this.router.start()
    this.#shared.fitted.started(this.#inner)
    await this.node.start()
  }

  end(): void {
    this.#conduct?.stop()
    this.#gossip.stop()
    this.node.stop()
    this.#shared.nodes.delete(this.#machine.index)
  }

  receive(from: SimMachine, rpc: RPC, bytes: number): unknown {
    this.#isQuiet = false
    this.#gossip.receive(from.peerId, { rpc, bytes }, this.#read)
    return this.#isQuiet ? QUIET : undefined
  }

  /** A known copy, which most frames are, leaves nothing to be run. */
  #reader(): FrameReader | undefined {
    if (!this.#shared.fitted.has('lean reading')) return undefined
    const { sink: own } = this.#gossip
    const sink: MessageSink = {
      first: (from, id, message) => own.first(from, id, message),
      duplicate: (from, id, message) => {
        own.duplicate(from, id, message)
        this.#isQuiet = true
      },
    }
    return (from, rpc) => readLean(this.#inner, sink, from, rpc)
  }

  connected(peer: SimMachine, direction: 'inbound' | 'outbound'): void {
    this.#network.connected(peer, direction)
  }

  disconnected(peer: SimMachine): void {
    this.#network.disconnected(peer)
  }

  receiveRequest({ id }: SimMachine, frame: RequestFrame): void {
    this.#requests.receive(id, frame)
  }

  dialFailed(peer: SimMachine): void {
    this.#network.dialFailed(peer)
  }

  async submit(raw: Uint8Array): Promise<SubmitAnswer> {
    this.#machine.core?.use(CORE_COSTS.submitMs, this.#shared.world.time.nowMs)
    const { verdict } = await this.node.submit(raw)
    if (verdict.action === 'accept' || verdict.action === 'hold') return { isAccepted: true }
    return { isAccepted: false, reason: verdict.reason }
  }

  misbehave(behaviour: Misbehaviour | undefined, against?: PeerId): void {
    this.#conduct?.misbehave(behaviour, against)
  }

  jumpClock(byMs: number): void {
    this.#clock.jump(byMs)
  }

  head(): HeadAnswer {
    const { header, hash } = this.node.chain.head
    return { number: Number(header.number), hash, baseFeeWei: header.baseFeePerGas ?? 0n }
  }

  block(number: number): BlockAnswer | undefined {
    const block = this.node.chain.blockByNumber(BigInt(number))
    if (block === undefined) return undefined
    return {
      number,
      hash: block.hash,
      timestampS: Number(block.header.timestamp),
      transactions: block.transactions.map(({ hash }) => hash),
    }
  }

  nextNonce(address: Address): bigint {
    return this.node.mempool.nextNonce(address)
  }

  copyBytes(): CopyBytes {
    return this.node.relay.copyBytes()
  }

  mesh(): readonly TopicMesh[] {
    return this.#network.mesh()
  }

  settings(): PeerSettings {
    return shownOnce(this.#settings)
  }

  clockSamples(): readonly HeardClock[] {
    return this.node.sync.book
      .all()
      .map(({ peer, clockSamples }) => ({ peerId: peer, exchanges: clockSamples }))
  }

  neighbours(): readonly Neighbour[] {
    const states = new Map(this.node.sync.book.all().map((state) => [state.peer, state]))
    const scores = new Map(this.#network.scores().map(({ peer, score }) => [peer, score]))
    return this.#network.peers().map(({ id, direction }) => ({
      peerId: id,
      direction,
      score: scores.get(id) ?? null,
      roundTripMs: states.get(id)?.clock.roundTripMs ?? null,
      client: states.get(id)?.status.client ?? '',
    }))
  }

  pool(): PoolAnswer {
    const { pendingCount: pending, queuedCount: queued } = this.node.mempool
    return { pending, queued }
  }

  finality(): FinalityAnswer {
    const { settled, evidence, conflict, times } = this.node.finality
    const quantiles = times.quantiles()
    return {
      justified: Number(settled.justified.number),
      finalized: Number(settled.finalized.number),
      evidence: evidence.count,
      hasConflict: conflict !== undefined,
      ...(quantiles && { times: quantiles }),
    }
  }

  ask(query: string): Promise<NetworkFigure> {
    return askNetwork(this.node, query)
  }

  find(question: string): Promise<FoundAnswer> {
    return findInNetwork(this.node, question)
  }

  gauge(name: string): readonly number[] {
    return this.node.observe(name)
  }

  knows(hash: Hash): boolean {
    const { mempool, chain } = this.node
    return mempool.get(hash) !== undefined || chain.location(hash) !== undefined
  }

  held(): number {
    return this.node.sync.held.count
  }

  leave(): Promise<void> {
    return this.node.leave()
  }

  holds(peer: string): MemberState | undefined {
    return this.node.members.get(peer as PeerId)?.state
  }

  assertInvariants(): void {
    this.node.members.members.assertInvariants()
    this.node.mempool.assertInvariants()
    this.node.chain.assertInvariants()
    this.node.sync.held.assertInvariants()
    this.#shared.finals.assertOneChain()
  }

  #noteFinal(finalized: Checkpoint): void {
    const { chain } = this.node
    this.#shared.finals.note(finalized, (number) => chain.blockByNumber(number)?.hash)
  }

  #makeRouter(
    clock: Clock,
    { settings, router }: NodeSetup,
    routerFaults: RouterFaults | undefined,
  ): GossipRouter {
    const { names, ids } = this.#shared
    const soon = afterReading(this.#machine.core, clock)
    const bans = new SimBans(this.#shared.world, this.#machine, clock)
    return new GossipRouter({
      topics: topicsOf(names, settings, router),
      profile: 'devnet',
      limits: LIMITS,
      parameters: router.parameters,
      ids,
      clock,
      log: silentLogger,
      onOffence: (peer, offence) => bans.punish(peer, offence),
      self: () => this.#machine.id,
      roundTripMs: (peer) => {
        const wire = this.#machine.wires.get(peer)
        return wire && 2 * wire.shape.latencyMs
      },
      ...(routerFaults && { routerFaults }),
      ...(soon && { soon }),
    })
  }
}
