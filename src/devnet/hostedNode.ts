/** A whole node on real sockets in this process: the libp2p host below, the node above it, its servers beside it. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import type { Genesis } from '../chain/genesis.ts'
import { createVerifier } from '../crypto/verifier.ts'
import { topicNames } from '../gossip/topicNames.ts'
import type { Clock } from '../lib/clock.ts'
import { thisHost, type HostClock } from '../lib/hostClock.ts'
import { JumpingClock } from '../lib/jumpingClock.ts'
import type { Logger } from '../lib/log.ts'
import { systemRandom } from '../lib/random.ts'
import { loadGenesis } from '../node/genesisSetting.ts'
import { keepChain } from '../node/keptChain.ts'
import { startMetricsServer, type MetricsServer } from '../node/metricsServer.ts'
import { registerNodeMetrics } from '../node/metrics.ts'
import { createNode, type Node } from '../node/node.ts'
import { openChain, type OpenedChain } from '../node/openChain.ts'
import { openJournal, type OpenedJournal } from '../node/openJournal.ts'
import { rpcContextOf } from '../node/rpcContext.ts'
import type { Settings } from '../node/settings.ts'
import { CLIENT_VERSION } from '../node/version.ts'
import { createLibp2pNetwork, type Libp2pNetwork } from '../p2p/libp2pNetwork.ts'
import { LinkFaults } from '../p2p/linkFaults.ts'
import { PEER_KEY_FILE } from '../p2p/peerKey.ts'
import { gossipMetrics, networkMetrics } from '../p2p/metrics.ts'
import { BLOCK_TOPIC, TRANSACTION_TOPIC, type TopicOptions } from '../p2p/topics.ts'
import { CONTROL_KINDS, type GossipTraffic } from '../p2p/traffic.ts'
import type { JsonObject } from '../rpc/json.ts'
import type { FaultHooks } from '../rpc/faultHooks.ts'
import type { RpcContext } from '../rpc/context.ts'
import { startRpcServer, type RpcServer } from '../rpc/server.ts'
import { Senders } from '../tx/senders.ts'

export interface HostedNode {
  readonly node: Node
  readonly network: Libp2pNetwork
  readonly rpc: RpcServer | undefined
  readonly metrics: MetricsServer | undefined
  /** Closes everything: no port, thread or timer is left. */
  stop(): Promise<void>
}

/** Undoes what was started, last first. */
type Undo = () => Promise<void> | void

/**
 * Starts a node; if any part cannot start, stops those that did and throws that part's one clear error. It lives by the
 * clock of this host unless another is given.
 */
export async function startHostedNode(
  settings: Settings,
  log: Logger,
  host: HostClock = thisHost(),
): Promise<HostedNode> {
  const undo: Undo[] = []
  const stop = async (): Promise<void> => {
    for (const end of undo.splice(0).toReversed()) await end()
  }
  try {
    return { ...(await startParts({ settings, log, host }, undo)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

interface Given {
  readonly settings: Settings
  readonly log: Logger
  readonly host: HostClock
}

async function startParts(
  { settings, log, host }: Given,
  undo: Undo[],
): Promise<Omit<HostedNode, 'stop'>> {
  const genesis = loadGenesis(settings.genesis)
  const registry = new Registry()
  const topics = topicsOf(topicNames(genesis.hash), settings)
  const kept = await openKept({ settings, log, host }, genesis, undo)
  const { opened, clock, ...nodeParts } = kept
  if (opened.keptIn !== undefined) keepChain(settings)
  const linkFaults = mayFail(settings) ? new LinkFaults() : undefined
  const network = await createLibp2pNetwork({
    ...networkOptions({ ...settings, dataDir: keyDirOf(settings, opened) }, topics, registry, log),
    clock: host.clock,
    ...(linkFaults && { linkFaults }),
  })
  undo.push(() => network.stop())
  const node = createNode({
    ...nodeParts,
    settings,
    genesis,
    chain: opened.chain,
    storeStatus: () => opened.status(),
    flushed: () => opened.flushed(),
    network,
    clock,
    random: systemRandom,
    log,
  })
  const context = {
    ...rpcContextOf(node, {
      clockId: host.id,
      traffic: () => trafficJson(network.traffic()),
    }),
    faults: linkFaults && faultHooks(node, linkFaults, clock),
  }
  registerMetrics(registry, node, network)
  const servers = await startServers(settings, context, registry, undo)
  undo.push(() => node.stop())
  await node.start()
  return { node, network, ...servers }
}

/** What is there before the network: the verifier, and the chain and own transactions of the data directory. */
async function openKept({ settings, log, host }: Given, genesis: Genesis, undo: Undo[]) {
  const clock = new JumpingClock(host.clock)
  const verifier = await createVerifier({ clock, log })
  undo.push(() => verifier.close())
  const opened = await openChain({
    ...settings,
    genesis,
    clock,
    log,
    observesAccounts: true,
    mayForget: true,
  })
  undo.push(() => opened.close())
  const journal = await journalOf(settings, opened, clock, log)
  undo.push(async () => journal?.journal.close())
  return { clock, verifier, senders: new Senders(verifier), opened, journal }
}

async function startServers(
  settings: Settings,
  context: RpcContext,
  registry: Registry,
  undo: Undo[],
): Promise<Pick<HostedNode, 'rpc' | 'metrics'>> {
  const { metricsHost, metricsPort } = settings
  const rpc = settings.rpc ? await startRpcServer(context, rpcOptions(settings)) : undefined
  undo.push(async () => rpc?.close())
  const metrics = settings.metrics
    ? await startMetricsServer(registry, metricsHost, metricsPort)
    : undefined
  undo.push(async () => metrics?.close())
  return { rpc, metrics }
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

function faultHooks(node: Node, links: LinkFaults, clock: JumpingClock): FaultHooks {
  return {
    cut: (peers, direction) => links.cut(peers, direction),
    heal: () => links.heal(),
    jumpClock: (byMs) => clock.jump(byMs),
    assertInvariants: () => {
      node.mempool.assertInvariants()
      node.chain.assertInvariants()
    },
  }
}

function topicsOf(
  names: ReturnType<typeof topicNames>,
  { floodPublish }: Settings,
): TopicOptions[] {
  return [
    { ...TRANSACTION_TOPIC, name: names.tx, floodPublish },
    { ...BLOCK_TOPIC, name: names.block },
  ]
}

function networkOptions(
  settings: Settings,
  topics: readonly TopicOptions[],
  registry: Registry,
  log: Logger,
): Parameters<typeof createLibp2pNetwork>[0] {
  const { host, port, dataDir, profile, mdns, meshDegree, meshLow, meshHigh, heartbeatMs } =
    settings
  return {
    topics,
    listen: [`/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/tcp/${port}`],
    ...(dataDir !== '' && { dataDir }),
    profile,
    mdns,
    agent: CLIENT_VERSION,
    router: { D: meshDegree, Dlo: meshLow, Dhi: meshHigh, heartbeatMs },
    ...(settings.metrics && { metrics: gossipMetrics(registry, topics) }),
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

function registerMetrics(registry: Registry, node: Node, network: Libp2pNetwork): void {
  registerNodeMetrics(registry, node)
  networkMetrics(registry, {
    traffic: () => network.traffic(),
    connections: () => network.connectionCounts(),
  })
}
