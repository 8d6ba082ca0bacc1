/**
 * A whole node on real sockets in this process: libp2p below, the node above it, its servers beside
 * it.
 */
import { CONTROL_KINDS } from '../item/controlKinds.ts'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Genesis } from '../chain/genesis/genesis.ts'
import { createVerifier, defaultThreads, type Verifier } from '../crypto/verifier.ts'
import { topicNames } from '../gossip/topics/topicNames.ts'
import { ITEM_KINDS, KINDS, type ItemKind } from '../item/itemKinds.ts'
import type { Clock } from '../lib/clock.ts'
import { thisMachine, type MachineClock } from '../lib/machineClock.ts'
import { JumpingClock } from '../lib/jumpingClock.ts'
import type { Logger } from '../lib/log.ts'
import { systemRandom } from '../lib/random.ts'
import { loadRunnableGenesis } from '../node/genesisSetting.ts'
import { keepChain } from '../node/keptChain.ts'
import type { MetricsServer } from '../node/metricsServer.ts'
import { createNode, type Node, type NodeParts } from '../node/node.ts'
import { openChain, type OpenedChain } from '../node/openChain.ts'
import { openFinality } from '../node/openFinality.ts'
import { openJournal, type OpenedJournal } from '../node/openJournal.ts'
import { rpcContextOf } from '../node/rpcContext.ts'
import type { Settings } from '../node/settings/settings.ts'
import { CLIENT_VERSION } from '../node/version.ts'
import type { PeerMetrics, ServerAddress } from './peerMetrics.ts'
import { warnOfExposure } from './exposure.ts'
import { listenAddress } from '../p2p/peers/announced.ts'
import { createLibp2pNetwork, type Libp2pNetwork } from '../p2p/libp2pNetwork.ts'
import { limitValues } from '../p2p/limits.ts'
import { LinkFaults } from '../p2p/links/linkFaults.ts'
import { LinkShaper } from '../p2p/links/linkShaper.ts'
import { PEER_KEY_FILE } from '../p2p/peers/peerKey.ts'
import { RouterFaults } from '../p2p/router/routerFaults.ts'
import { topicOptions, type TopicOptions } from '../p2p/router/topics.ts'
import type { GossipTraffic } from '../p2p/traffic.ts'
import type { JsonObject } from '../rpc/server/json.ts'
import type { FaultHooks } from '../rpc/faultHooks.ts'
import type { RpcContext } from '../rpc/context.ts'
import { healthOf, type Health } from '../rpc/server/health.ts'
import { startRpcServer, type RpcServer } from '../rpc/server/server.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import type { Timelines } from '../trace/timelines.ts'
import { Senders } from '../tx/senders.ts'
import { accuseAs } from './accuser.ts'
import { Conduct } from './conduct.ts'
import { equivocateAs } from './equivocator.ts'
import { joinOwnTopics, ownTopicOptions, type OwnTopic, type OwnTopics } from './ownTopics.ts'
import { nodeTrace } from './nodeTrace.ts'
import { routerSetting, type RouterSetting } from './routerSetting.ts'

/** A node with its network and servers, as a process runs it. */
export interface RunningPeer {
  readonly node: Node
  readonly network: Libp2pNetwork
  /** What the node's trace remembers; `undefined` where the node does not trace. */
  readonly timelines: Timelines | undefined
  /** Its export of spans; `undefined` where no collector is set. */
  readonly telemetry: Telemetry | undefined
  readonly rpc: RpcServer | undefined
  readonly metrics: MetricsServer | undefined
  /**
   * The directory that keeps the chain; `undefined` where the settings name none, or one that
   * cannot be used.
   */
  readonly keptIn: string | undefined
  /** The topics that its owner added. */
  readonly ownTopics: OwnTopics
  /** Closes everything: no port, thread or timer is left. */
  stop(): Promise<void>
  /**
   * The same, but peers see what they see of a process that is killed: sockets that are reset and
   * no goodbye.
   */
  kill(): Promise<void>
}

/** What the process of a node gives it beside its settings. */
export interface SharedParts {
  /** Shared with other nodes, and not closed with this one. */
  readonly verifier?: Verifier
  /** Rules for transactions after those of the network; none unless given. */
  readonly txRules?: NodeParts['txRules']
  /** Topics beside those of the network; none unless given. */
  readonly topics?: readonly OwnTopic[]
}

/** Undoes what was started, last first. */
type Undo = () => Promise<void> | void

/**
 * Starts a node; if any part cannot start, stops those that did and throws that part's one clear
 * error. It lives by the clock of this machine unless another is given.
 */
export async function runPeer(
  settings: Settings,
  log: Logger,
  machine: MachineClock = thisMachine(),
  shared: SharedParts = {},
): Promise<RunningPeer> {
  const undo: Undo[] = []
  const end = async (): Promise<void> => {
    for (const undoOne of undo.splice(0).toReversed()) await undoOne()
  }
  try {
    const parts = await startParts({ settings, log, machine, shared }, undo)
    const stop = async (): Promise<void> => {
      await parts.node.leave()
      await parts.telemetry?.flush()
      await end()
    }
    const kill = (): Promise<void> => {
      parts.network.sever()
      return end()
    }
    return { ...parts, stop, kill }
  } catch (error) {
    await end()
    throw error
  }
}

interface Inputs {
  readonly settings: Settings
  readonly log: Logger
  readonly machine: MachineClock
  readonly shared: SharedParts
}

type StartedParts = Omit<RunningPeer, 'stop' | 'kill'>

async function startParts(given: Inputs, undo: Undo[]): Promise<StartedParts> {
  const { settings, log, machine, shared } = given
  const { txRules, topics: own = [] } = shared
  const genesis = loadRunnableGenesis(settings)
  warnOfExposure(settings, log)
  for (const note of genesis.notes) log.warn('the genesis has an unknown key', { note })
  const router = routerSetting(settings)
  const topics = allTopics(genesis, settings, router, own)
  const kept = await openKept(given, genesis, undo)
  const { opened, clock, ...nodeParts } = kept
  if (opened.keptIn !== undefined) keepChain(settings)
  const links = mayFail(settings) ? rehearsalLinks(machine) : undefined
  const metrics = settings.metrics ? await loadMetrics(topics) : undefined
  const network = await createLibp2pNetwork({
    ...networkOptions({ ...settings, dataDir: keyDirOf(settings, opened) }, topics, log),
    ...(metrics && { metrics: metrics.router }),
    router: router.parameters,
    clock: machine.clock,
    ...links,
  })
  undo.push(() => network.stop())
  const rehearsal = links && {
    ...links,
    conduct: new Conduct({
      network,
      txTopic: topicNames(genesis.hash).tx,
      chainId: opened.chain.chainId,
      clock: machine.clock,
      routerFaults: links.routerFaults,
      equivocate: () => equivocateAs(node),
      accuse: () => accuseAs(node),
    }),
  }
  undo.push(() => rehearsal?.conduct.stop())
  const { timelines, telemetry, trace } = nodeTrace(settings, { peerId: network.self, clock, log })
  undo.push(() => telemetry?.close())
  const node = createNode({
    ...nodeParts,
    trace,
    spanCounts: telemetry && (() => telemetry.counts()),
    ...(txRules && { txRules }),
    settings,
    genesis,
    chain: opened.chain,
    storeStatus: () => opened.status(),
    flushed: () => opened.flushed(),
    network: rehearsal?.conduct.network ?? network,
    forwardWindowMs: forwardWindowMs(router.parameters),
    clock,
    clockId: machine.id,
    random: systemRandom,
    log,
  })
  const context = {
    ...rpcContextOf(node, {
      clockId: machine.id,
      timelines,
      traffic: () => trafficJson(network.traffic()),
    }),
    faults: rehearsal && faultHooks(node, rehearsal, clock),
  }
  const serveMetrics = metrics && measured(metrics, node, network)
  const servers = await startServers(settings, context, undo, serveMetrics)
  undo.push(() => node.stop())
  await node.start()
  const ownTopics = joinOwnTopics(node.parts.network, genesis.hash, own, log)
  return { node, network, timelines, telemetry, keptIn: opened.keptIn, ownTopics, ...servers }
}

/**
 * What is there before the network: the verifier, and the chain and own transactions of the data
 * directory.
 */
async function openKept(
  { settings, log, machine, shared }: Inputs,
  genesis: Genesis,
  undo: Undo[],
) {
  const clock = new JumpingClock(machine.clock)
  const verifier =
    shared.verifier ??
    (await createVerifier({ clock, log, threads: threadsOf(settings), startsWhenNeeded: true }))
  if (shared.verifier === undefined) undo.push(() => verifier.close())
  const opened = await openChain({
    ...settings,
    checkpointInterval: settings.finalityInterval,
    genesis,
    clock,
    log,
    observesAccounts: true,
    mayForget: true,
  })
  undo.push(() => opened.close())
  const journal = await journalOf(settings, opened, clock, log)
  undo.push(async () => journal?.journal.close())
  const finality = await openFinality(settings, opened, log)
  undo.push(async () => finality.finalityKeeper?.close())
  return { clock, verifier, senders: new Senders(verifier), opened, journal, ...finality }
}

/** How many threads recover signatures. */
function threadsOf({ verifierThreads }: Pick<Settings, 'verifierThreads'>): number {
  return verifierThreads === 0 ? defaultThreads(availableParallelism()) : verifierThreads
}

function allTopics(
  { hash }: Genesis,
  settings: Settings,
  router: RouterSetting,
  own: NonNullable<SharedParts['topics']>,
): readonly TopicOptions[] {
  return [...topicsOf(topicNames(hash), settings, router), ...ownTopicOptions(hash, own)]
}

type ServeMetrics = (health: () => Health, at: ServerAddress) => Promise<MetricsServer>

async function startServers(
  settings: Settings,
  context: RpcContext,
  undo: Undo[],
  serveMetrics: ServeMetrics | undefined,
): Promise<Pick<RunningPeer, 'rpc' | 'metrics'>> {
  const { metricsHost: host, metricsPort: port } = settings
  const rpc = settings.rpc ? await startRpcServer(context, rpcOptions(settings)) : undefined
  undo.push(async () => rpc?.close())
  const metrics = await serveMetrics?.(() => healthOf(context), { host, port })
  undo.push(async () => metrics?.close())
  return { rpc, metrics }
}

async function loadMetrics(topics: readonly TopicOptions[]): Promise<PeerMetrics> {
  const { peerMetrics } = await import('./peerMetrics.ts')
  return peerMetrics(topics)
}

function measured(metrics: PeerMetrics, node: Node, network: Libp2pNetwork): ServeMetrics {
  const counts = {
    traffic: () => network.traffic(),
    connections: () => network.connectionCounts(),
  }
  return (health, at) => metrics.serve({ node, counts, health }, at)
}

async function journalOf(
  { journalSync }: Settings,
  { keptIn }: OpenedChain,
  clock: Clock,
  log: Logger,
): Promise<OpenedJournal | undefined> {
  if (keptIn === undefined) return undefined
  return openJournal({ dataDir: keptIn, sync: journalSync, clock, log })
}

/** A directory that cannot be written may still hold the key that makes this peer who it was. */
function keyDirOf({ dataDir }: Settings, { keptIn }: OpenedChain): string {
  if (keptIn !== undefined) return keptIn
  return dataDir !== '' && existsSync(join(dataDir, PEER_KEY_FILE)) ? dataDir : ''
}

/** Only who may administer a node of a devnet may make it fail. */
function mayFail({ admin, profile }: Settings): boolean {
  return admin && profile === 'devnet'
}

/** What makes a node fail. */
type Rehearsal = ReturnType<typeof rehearsalLinks> & { readonly conduct: Conduct }

function rehearsalLinks({ clock }: MachineClock) {
  const limits = limitValues('devnet')
  return {
    linkFaults: new LinkFaults(),
    routerFaults: new RouterFaults(),
    linkShaper: new LinkShaper({ clock, random: systemRandom, limits }),
  }
}

function faultHooks(
  node: Node,
  { linkFaults, linkShaper, conduct }: Rehearsal,
  clock: JumpingClock,
): FaultHooks {
  return {
    cut: (peers, direction) => linkFaults.cut(peers, direction),
    heal: () => linkFaults.heal(),
    shapeLinks: (links) => linkShaper.shape(links),
    setBandwidth: (upBytesPerS, downBytesPerS) =>
      linkShaper.setBandwidth({ upBytesPerS, downBytesPerS }),
    misbehave: (behaviour, against) => conduct.misbehave(behaviour, against),
    jumpClock: (byMs) => clock.jump(byMs),
    assertInvariants: () => {
      node.mempool.assertInvariants()
      node.chain.assertInvariants()
    },
  }
}

/** The topics of a node as its router is to treat them. */
export function topicsOf(
  names: Readonly<Record<ItemKind, string>>,
  settings: Pick<Settings, 'floodPublish'>,
  { idontwantMinBytes }: Omit<RouterSetting, 'parameters'>,
): TopicOptions[] {
  return KINDS.map((kind) => {
    const row = ITEM_KINDS[kind]
    const floodPublish = row.floodPublish && settings.floodPublish
    return topicOptions(names[kind], row, {
      floodPublish,
      idontwantMinBytes: idontwantMinBytes[kind],
    })
  })
}

/** The window of the router less the heartbeat that is under way. */
export function forwardWindowMs({
  mcacheHeartbeats,
  heartbeatMs,
}: RouterSetting['parameters']): number {
  return Math.max(0, mcacheHeartbeats - 1) * heartbeatMs
}

function networkOptions(
  settings: Settings,
  topics: readonly TopicOptions[],
  log: Logger,
): Parameters<typeof createLibp2pNetwork>[0] {
  const { host, port, announce, dataDir, profile, mdns } = settings
  return {
    topics,
    listen: host.map((address) => listenAddress(address, port)),
    announce,
    ...(dataDir !== '' && { dataDir }),
    profile,
    mdns,
    agent: CLIENT_VERSION,
    log,
  }
}

function rpcOptions({
  rpcHost,
  rpcPort,
  rpcOrigins,
  rpcHosts,
}: Settings): Parameters<typeof startRpcServer>[1] {
  return { host: rpcHost, port: rpcPort, origins: rpcOrigins, hosts: rpcHosts }
}

/** The router's counters as JSON-RPC answers them. */
function trafficJson({ control, ...counters }: GossipTraffic): JsonObject {
  const byKind = CONTROL_KINDS.map((kind) => [kind, { ...control[kind] }] as const)
  return { ...counters, control: Object.fromEntries(byKind) }
}
