/** A network of real peers on this machine: processes, ports, genesis, meshes. */
import type { Clock } from '../lib/clock.ts'
import { Emitter } from '../lib/emitter.ts'
import type { NetworkPlan } from '../scenario/networkPlan.ts'
import { inParallel } from '../lib/inParallel.ts'
import { Life } from '../measure/life.ts'
import type { NetworkPort } from '../instrument/port.ts'
import { rpcPeer } from '../instrument/rpc/rpcPeer.ts'
import { loadPerCore } from '../lib/machineClock.ts'
import { thisMachine } from '../lib/machineClock.ts'
import { devnetAccounts, signersOf, type DevnetAccount, type FundedAccounts } from './accounts.ts'
import { peerOf, type Peer } from './devnetPeer.ts'
import { FAULT_SETTINGS } from './faultSettings.ts'
import { settingsForAll, type GivenSettings } from '../node/settings/givenSettings.ts'
import { DevnetFaults } from './faults.ts'
import { openNetworkFolder, peerFolder, type NetworkFolder } from './networkFolder.ts'
import { SharedProcess } from './sharedProcess.ts'
import { placePeerKey } from './peerKeys.ts'
import { startPeer, type PeerExit, type PeerInfo, type PeerPlan } from './peerProcess.ts'
import { PlannedLinks, type LinkedPeer } from './plannedLinks.ts'
import { batchedClient, rpcClient } from '../rpc/client/rpcClient.ts'
import { LOOPBACK_ORIGINS } from '../rpc/server/access.ts'

/** What a devnet is made of. */
export interface DevnetOptions {
  /** The compiled `cli/main.js` that the peers run. */
  readonly program: string
  readonly nodes: number
  /**
   * Of them, the last so many that are started later, by {@link Devnet.start}; none unless given.
   */
  readonly late?: number
  /** Clique signers, one of each of the first peers; four unless given. */
  readonly signers?: number
  readonly chainId: number
  /** Seconds between blocks (Clique period). */
  readonly periodS: number
  /** Gas limit of blocks; that of the built-in genesis unless given. */
  readonly gasLimit?: number
  /** Accounts that sign the load and have funds; ten unless more are asked for. */
  readonly senders?: number
  /** Who else has funds, and how much; as in the built-in genesis unless given. */
  readonly funded?: FundedAccounts
  /**
   * The keys of the peers, and so their ids, follow from it; they are new at each run unless given.
   */
  readonly keySeed?: number
  /** Directory for genesis, peer directories and logs. */
  readonly dir: string
  /** Settings that all peers have unless the plan gives a node another. */
  readonly defaults?: GivenSettings
  /** Settings that all peers have, whatever the plan says. */
  readonly settings: GivenSettings
  /**
   * Who is linked to whom and how: nobody dials but along it. Without it all peers find each other.
   */
  readonly plan?: NetworkPlan
  /** All peers share so many processes; a process each if left out. */
  readonly processes?: number
  readonly clock: Clock
  /** Aborting ends a start that is under way. */
  readonly signal: AbortSignal
  /** Called for each peer that is ready, in any order. */
  readonly onPeer?: (ready: number, nodes: number) => void
}

/** A network of peers on this machine that runs. */
export interface Devnet {
  readonly options: DevnetOptions
  /** Those that were started, by index. One that went away stays, until it is started again. */
  readonly peers: readonly Peer[]
  readonly accounts: readonly DevnetAccount[]
  readonly genesisFile: string
  /** What the instrument sees of it. */
  readonly port: NetworkPort
  /** Makes faults happen, and tells of those that have. */
  readonly faults: DevnetFaults
  /** Called when a peer goes away before {@link Devnet.stop}. */
  onExit(listener: (exit: PeerExit) => void): void
  /** Those that run and that this one is to be linked to: by the plan, or all. */
  neighbours(index: number): readonly Peer[]
  /**
   * Starts a late peer, or one that went away: with the identity, data directory and ports that it
   * had. Throws if it runs, and what {@link startPeer} throws.
   */
  start(index: number): Promise<Peer>
  /** Ends every peer; none is left when it resolves. */
  stop(): Promise<void>
}

/** Peers that start at a time: each that is a process keeps a core busy for about a second. */
const START_CONCURRENCY = 4
/** A registry of metrics for each of many nodes costs more than anybody reads from it. */
const NO_METRICS: GivenSettings = { metrics: false }

/**
 * Starts all peers but the late ones; on any failure ends those that run and throws the first
 * error.
 */
export async function startDevnet(options: DevnetOptions): Promise<Devnet> {
  checkPlan(options)
  const devnet = new RunningDevnet(options, await openNetworkFolder(options))
  const launch = async (index: number): Promise<void> => {
    await devnet.launch(index)
    options.onPeer?.(devnet.peers.length, options.nodes)
  }
  try {
    await devnet.openProcesses()
    await launch(0)
    const early = Array.from({ length: options.nodes - (options.late ?? 0) }, (_, index) => index)
    await inParallel(early.slice(1), START_CONCURRENCY, launch)
    await devnet.link(early)
    devnet.joined(early)
  } catch (error) {
    await devnet.stop()
    throw error
  }
  return devnet
}

class RunningDevnet implements Devnet {
  readonly options: DevnetOptions
  readonly accounts: readonly DevnetAccount[]
  readonly genesisFile: string
  readonly #folder: NetworkFolder
  readonly #peers = new Map<number, Peer>()
  readonly faults: DevnetFaults
  readonly port: NetworkPort
  readonly #exits = new Emitter<PeerExit>()
  readonly #life: Life
  readonly #links: PlannedLinks | undefined
  #processes: readonly SharedProcess[] = []
  #isStopping = false

  constructor(options: DevnetOptions, folder: NetworkFolder) {
    this.options = options
    this.accounts = devnetAccounts(options.senders, options.funded)
    this.genesisFile = folder.genesisFile
    this.#folder = folder
    this.#links =
      options.plan && new PlannedLinks(options.plan, { clock: options.clock, loadPerCore })
    this.#life = new Life(options.clock)
    this.faults = new DevnetFaults(this)
    this.port = this.#portOf()
  }

  get peers(): readonly Peer[] {
    return [...this.#peers.values()].toSorted(byIndex)
  }

  onExit(listener: (exit: PeerExit) => void): void {
    this.#exits.on(listener)
  }

  neighbours(index: number): readonly Peer[] {
    const linked = this.#links?.neighbours(index)
    return this.peers.filter(({ process }) => {
      const other = process.info.index
      return other !== index && process.isRunning() && (linked?.includes(other) ?? true)
    })
  }

  async start(index: number): Promise<Peer> {
    const peer = await this.launch(index)
    try {
      await this.link([index])
    } finally {
      this.joined([index])
    }
    return peer
  }

  /** Resolves when it is gone. Throws if it does not run. */
  async kill(index: number): Promise<void> {
    const { process } = peerOf(this.peers, index)
    if (!process.signal('SIGKILL')) throw new Error(`peer ${index} does not run`)
    this.#life.note(index, 'gone')
    await process.exited
  }

  /**
   * Asks its process to stop, and ends it where it does not; resolves when it is gone. Throws if it
   * does not run.
   */
  async leave(index: number): Promise<void> {
    const { process } = peerOf(this.peers, index)
    if (!process.isRunning()) throw new Error(`peer ${index} does not run`)
    this.#life.note(index, 'gone', { saidSo: true })
    await process.stop()
  }

  /**
   * Stops its process, whose sockets stay open. Throws if it does not run, or shares its process.
   */
  pause(index: number): void {
    if (!peerOf(this.peers, index).process.signal('SIGSTOP'))
      throw new Error(`peer ${index} does not run`)
    this.#life.note(index, 'paused')
  }

  /** One that is not paused goes on as it did. */
  resume(index: number): void {
    peerOf(this.peers, index).process.signal('SIGCONT')
    if (this.#life.stateOf(index) === 'paused') this.#life.note(index, 'up')
  }

  /** These run and have the links that they could get: from now on they are live. */
  joined(indices: readonly number[]): void {
    for (const index of indices)
      if (peerOf(this.peers, index).process.isRunning()) this.#life.note(index, 'up')
  }

  /** The processes that peers share, if they do. */
  async openProcesses(): Promise<void> {
    const { processes = 0, dir } = this.options
    const names = Array.from({ length: processes }, (_, index) => `process-${index}`)
    this.#processes = await Promise.all(
      names.map((name) => SharedProcess.start({ ...this.options, loadPerCore, dir, name })),
    )
  }

  /** Builds the planned links of these peers to all that run. */
  async link(indices: readonly number[]): Promise<void> {
    const running = new Map<number, LinkedPeer>()
    for (const { process, rpc } of this.peers)
      if (process.isRunning())
        running.set(process.info.index, {
          info: process.info,
          rpc,
          isRunning: () => process.isRunning(),
        })
    await this.#links?.build(indices, running, this.options.signal)
  }

  /** Starts a peer, without its links. */
  async launch(index: number): Promise<Peer> {
    const before = this.#peers.get(index)
    if (before?.process.isRunning()) throw new Error(`peer ${index} runs already`)
    const plan = planOf(this.options, index, this.genesisFile, {
      bootnodes: this.#bootnodesFor(index),
      ports: before === undefined ? {} : portsOf(before.process.info),
    })
    if (this.options.keySeed !== undefined)
      await placePeerKey(plan.dataDir, this.options.keySeed, index)
    const shared = this.#processes[index % this.#processes.length]
    const process = await (shared?.startPeer(plan) ??
      startPeer(this.options.program, plan, { ...this.options, loadPerCore }))
    const rpc = before?.rpc ?? rpcClient(process.info.rpcUrl)
    const port = rpcPeer(rpc, {
      index,
      peerId: process.info.peerId,
      instance: process.info,
      isRunning: () => process.isRunning(),
      reads: batchedClient(rpc.url),
    })
    const peer = { process, rpc, port }
    this.#peers.set(index, peer)
    void process.exited.then((exit) => this.#left(exit))
    return peer
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    const isShared = this.#processes.length > 0
    const ends = isShared ? this.#processes : this.peers.map(({ process }) => process)
    await Promise.all(ends.map((one) => one.stop()))
    await this.#folder.release()
  }

  #left(exit: PeerExit): void {
    if (this.#isStopping) return
    this.#life.note(exit.index, 'gone', { how: exit.signal ?? `exit code ${exit.code}` })
    this.#exits.emit(exit)
  }

  #portOf(): NetworkPort {
    const { nodes, clock, chainId, periodS } = this.options
    const portsNow = (): NetworkPort['peers'] => this.peers.map(({ port }) => port)
    return {
      get peers() {
        return portsNow()
      },
      nodes,
      clock,
      clockId: thisMachine().id,
      chainId,
      periodS,
      life: this.#life,
      faults: this.faults,
    }
  }

  /** The first peer; the first peer itself, should it come back, joins by the next. */
  #bootnodesFor(index: number): readonly string[] {
    if (this.options.plan !== undefined) return []
    const other = this.peers.find((peer) => peer.process.info.index !== index)
    return other?.process.info.multiaddrs ?? []
  }
}

function checkPlan({ plan, nodes, processes = 1 }: DevnetOptions): void {
  if (plan !== undefined && plan.nodes.length !== nodes)
    throw new Error(`the plan has ${plan.nodes.length} nodes and the devnet ${nodes}`)
  if (processes < 1) throw new Error('peers need at least one process')
}

interface PeerEndpoints {
  readonly bootnodes: readonly string[]
  /** Those it had before; none where any will do. */
  readonly ports: GivenSettings
}

/** A devnet without a plan: peers that each dials. */
const MOST_DIALLED = 16

/** The first peers seal, one signer each. */
function planOf(
  options: DevnetOptions,
  index: number,
  genesis: string,
  { bootnodes, ports }: PeerEndpoints,
): PeerPlan {
  const signer = signersOf(options)[index]
  const dataDir = peerFolder(options.dir, index)
  const { plan } = options
  const chosen: GivenSettings = {
    targetPeers: Math.min(options.nodes - 1, MOST_DIALLED),
    ...(options.processes !== undefined && NO_METRICS),
    ...options.defaults,
    ...settingsForAll(plan?.nodes[index]?.settings ?? {}, `node ${index} of the plan`),
    ...options.settings,
  }
  return {
    index,
    dataDir,
    settings: {
      ...chosen,
      ...(plan !== undefined && { ...FAULT_SETTINGS, targetPeers: 0 }),
      rpcOrigins: [...LOOPBACK_ORIGINS, ...(chosen.rpcOrigins ?? [])],
      genesis,
      dataDir,
      ...ports,
      bootnodes,
      ...(signer && { signerKey: signer.privateKey }),
    },
  }
}

function portsOf({ multiaddrs, rpcUrl, metricsUrl }: PeerInfo): GivenSettings {
  return {
    port: Number(/\/tcp\/(\d+)/.exec(multiaddrs[0] ?? '')?.[1] ?? 0),
    rpcPort: Number(new URL(rpcUrl).port),
    ...(metricsUrl !== undefined && { metricsPort: Number(new URL(metricsUrl).port) }),
  }
}

function byIndex(a: Peer, b: Peer): number {
  return a.process.info.index - b.process.info.index
}
