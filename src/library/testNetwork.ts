/**
 * A devnet as a test has it: started in one call, asked and disturbed by plain calls, ended
 * whatever happens.
 */
import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseHash, type Hash } from '../crypto/keccak.ts'
import type { DevnetAccount } from '../devnet/accounts.ts'
import { startDevnet, type Devnet, type DevnetOptions } from '../devnet/devnet.ts'
import { peerOf, type Peer } from '../devnet/devnetPeer.ts'
import { FAULT_SETTINGS } from '../devnet/faultSettings.ts'
import { meshesFormed } from '../devnet/meshesFormed.ts'
import { makeTemporaryFolder } from '../devnet/temporaryFolder.ts'
import { Recording } from '../instrument/recording.ts'
import { runMeasurement } from '../instrument/runMeasurement.ts'
import { decodeTx, isTxDefect } from '../tx/decodeTx.ts'
import { messageOf } from '../lib/assert.ts'
import { parseHex, type Hex } from '../lib/bytes.ts'
import { systemClock } from '../lib/clock.ts'
import { UserError } from '../lib/userError.ts'
import type { Report } from '../measure/report.ts'
import { settingsForAll } from '../node/settings/givenSettings.ts'
import { RpcAnswerError } from '../rpc/client/rpcClient.ts'
import type { TxPlan } from '../scenario/planLoad.ts'
import { MAX_REAL_NODES } from '../scenario/scenarioSchema.ts'
import { timelineOf, untilEverywhere, type NetworkTimeline } from './spread.ts'
import { Transfers, type Transfer } from './transfers.ts'

/** What a devnet is made of; everything has a default. */
export interface TestNetworkOptions {
  /** How many peers, 1 to 100; 4 unless given. */
  readonly nodes?: number
  /** Seconds between two blocks; 1 unless given. */
  readonly blockTime?: number
  /** 1337 unless given. */
  readonly chainId?: number
  /** Peers that seal blocks, the first ones; as many as there are, at most 4, unless given. */
  readonly signers?: number
  /** Funded accounts; 10 unless given. */
  readonly accounts?: number
  /**
   * Whether every peer is a process of its own, as in production. Unless given, all peers share one
   * process, which starts in a fraction of the time; they are whole nodes with sockets of their own
   * all the same.
   */
  readonly processPerPeer?: boolean
  /** Settings of all peers by name, as in docs/settings.md, such as `{ meshDegree: 4 }`. */
  readonly settings?: Readonly<Record<string, string | number | boolean | readonly string[]>>
  /**
   * The same seed gives the peers the same keys, and so the same ids; they are new each time unless
   * given.
   */
  readonly seed?: number
  /**
   * Where genesis, peer directories and logs are kept; a temporary folder that goes with the
   * network unless given.
   */
  readonly dir?: string
  /** Aborting ends a start that is under way. */
  readonly signal?: AbortSignal
}

/** One peer of the devnet. */
export interface TestPeer {
  readonly index: number
  readonly peerId: string
  /** JSON-RPC over HTTP, such as `http://127.0.0.1:41234`. */
  readonly rpcUrl: string
  /** JSON-RPC over WebSocket: the same server. */
  readonly wsUrl: string
  readonly multiaddrs: readonly string[]
  readonly isRunning: boolean
}

/** A load to measure: each row is a transfer of an account, at its time, to its peer. */
export interface OwnLoad {
  /** In order of time. */
  readonly load: readonly TxPlan[]
  /** Transactions per second that the report names as asked for; those of the load unless given. */
  readonly ratePerS?: number
  /** Aborting ends it before its time. */
  readonly signal?: AbortSignal
}

/**
 * A network that runs. Its end is {@link TestNetwork.stop}, or the end of the block that it was
 * bound in by `await using`.
 */
export interface TestNetwork extends AsyncDisposable {
  readonly chainId: number
  /** Those that were started, killed ones included. */
  readonly peers: readonly TestPeer[]
  /** JSON-RPC URLs of the peers that run. */
  readonly urls: readonly string[]
  /** Who has funds. The keys are publicly known: never use them elsewhere. */
  readonly accounts: readonly DevnetAccount[]
  /**
   * Hands a signed transaction to a peer, the first unless told, and answers its hash. Throws an
   * {@link RpcAnswerError} with the stable `reason` where the peer refuses it.
   */
  submit(raw: Hex, to?: number): Promise<Hash>
  /** Signs a transfer with the next nonce of its account and submits it. */
  transfer(transfer?: Transfer, to?: number): Promise<Hash>
  /**
   * Resolves when every peer that runs has accepted the transaction or block. Throws a UserError
   * that names those that lack it after `timeoutMs`, 30,000 unless given.
   */
  waitForAll(hash: Hex, options?: { readonly timeoutMs?: number }): Promise<NetworkTimeline>
  /** How an item has spread so far: who had it when, from whom, and what each peer did with it. */
  timeline(hash: Hex): Promise<NetworkTimeline>
  /** Ends a peer at once: its sockets are reset, and it says goodbye to nobody. */
  kill(peer: number): Promise<void>
  /** Asks a peer to stop: it tells the network that it leaves, and is gone when this resolves. */
  leave(peer: number): Promise<void>
  /** Starts a peer that was killed or left, with its id, its data and its ports. */
  restart(peer: number): Promise<void>
  /**
   * Cuts all links between two groups of peers, until {@link TestNetwork.heal}. A peer that
   * restarts has forgotten it.
   */
  cut(some: readonly number[], others: readonly number[]): Promise<void>
  /** Undoes all cuts. */
  heal(): Promise<void>
  /** The propagation report of everything since the start, whoever sent it. */
  report(): Promise<Report>
  /** Sends a load of one's own and answers the report of it alone. */
  measure(load: OwnLoad): Promise<Report>
  /** Ends all peers; no process, port or temporary file is left. */
  stop(): Promise<void>
}

const DEFAULTS = { nodes: 4, blockTime: 1, chainId: 1337 } as const
const DEFAULT_TIMEOUT_MS = 30_000

/**
 * Starts a devnet and resolves when its meshes have formed. Throws a UserError for options that
 * cannot be, and the end of the log of a peer that does not start; nothing is left running then.
 */
export async function startTestNetwork(options: TestNetworkOptions = {}): Promise<TestNetwork> {
  const checked = checkedOptions(options)
  const dir = options.dir === undefined ? makeTemporaryFolder() : resolve(options.dir)
  const remove = (): void => {
    if (options.dir === undefined) rmSync(dir, { recursive: true, force: true })
  }
  try {
    const devnet = await startDevnet({ ...checked, dir })
    return await ready(devnet, remove)
  } catch (error) {
    remove()
    throw error
  }
}

async function ready(devnet: Devnet, remove: () => void): Promise<TestNetwork> {
  try {
    await meshesFormed(devnet)
    return new RunningTestNetwork(devnet, await Recording.begin(devnet.port), remove)
  } catch (error) {
    await devnet.stop()
    throw error
  }
}

function checkedOptions(options: TestNetworkOptions): Omit<DevnetOptions, 'dir'> {
  const { nodes, blockTime, chainId, accounts, signers, seed } = { ...DEFAULTS, ...options }
  whole('nodes', nodes, 1, MAX_REAL_NODES)
  whole('blockTime', blockTime, 1, 3_600)
  whole('chainId', chainId, 1, Number.MAX_SAFE_INTEGER)
  if (signers !== undefined) whole('signers', signers, 1, nodes)
  if (accounts !== undefined) whole('accounts', accounts, 1, 900)
  return {
    program: fileURLToPath(new URL('../cli/main.js', import.meta.url)),
    nodes,
    chainId,
    periodS: blockTime,
    ...(signers !== undefined && { signers }),
    ...(accounts !== undefined && { funded: { count: accounts } }),
    ...(seed !== undefined && { keySeed: seed }),
    ...(options.processPerPeer !== true && { processes: 1 }),
    settings: { ...FAULT_SETTINGS, ...settingsForAll(options.settings ?? {}, 'settings') },
    clock: systemClock,
    signal: options.signal ?? new AbortController().signal,
  }
}

function whole(name: string, value: number, least: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > most)
    throw new UserError(`${name}: expected a whole number from ${least} to ${most}, got ${value}`)
}

class RunningTestNetwork implements TestNetwork {
  readonly #devnet: Devnet
  readonly #recording: Recording
  readonly #transfers: Transfers
  readonly #remove: () => void
  #stopping: Promise<void> | undefined

  constructor(devnet: Devnet, recording: Recording, remove: () => void) {
    this.#devnet = devnet
    this.#recording = recording
    this.#remove = remove
    this.#transfers = new Transfers(devnet.accounts, devnet.options.chainId)
  }

  get chainId(): number {
    return this.#devnet.options.chainId
  }

  get peers(): readonly TestPeer[] {
    return this.#devnet.peers.map(testPeer)
  }

  get urls(): readonly string[] {
    return this.peers.filter(({ isRunning }) => isRunning).map(({ rpcUrl }) => rpcUrl)
  }

  get accounts(): readonly DevnetAccount[] {
    return this.#devnet.accounts
  }

  async submit(raw: Hex, to = 0): Promise<Hash> {
    const { rpc, port } = peerOf(this.#devnet.peers, to)
    const sent = { hash: hashOf(raw), url: port.name, lateMs: 0 }
    try {
      const hash = hashFrom(await rpc.call('eth_sendRawTransaction', [raw]))
      this.#recording.note({ ...sent, hash, status: 'accepted', reason: '' })
      return hash
    } catch (error) {
      const isRefused = error instanceof RpcAnswerError
      const reason = isRefused && error.reason !== '' ? error.reason : messageOf(error)
      this.#recording.note({ ...sent, status: isRefused ? 'refused' : 'unanswered', reason })
      throw error
    }
  }

  async transfer(transfer: Transfer = {}, to = 0): Promise<Hash> {
    const { port } = peerOf(this.#devnet.peers, to)
    const raw = await this.#transfers.sign(transfer, port)
    try {
      return await this.submit(raw, to)
    } catch (error) {
      this.#transfers.forget(transfer.from)
      throw error
    }
  }

  async waitForAll(
    hash: Hex,
    { timeoutMs = DEFAULT_TIMEOUT_MS }: { readonly timeoutMs?: number } = {},
  ): Promise<NetworkTimeline> {
    return untilEverywhere(() => this.#ports(), hashFrom(hash), { clock: systemClock, timeoutMs })
  }

  async timeline(hash: Hex): Promise<NetworkTimeline> {
    return timelineOf(this.#ports(), hashFrom(hash))
  }

  async kill(peer: number): Promise<void> {
    await this.#recording.read(peer)
    await this.#devnet.faults.apply({ kind: 'kill', peers: [peer] })
  }

  async leave(peer: number): Promise<void> {
    await this.#recording.read(peer)
    await this.#devnet.faults.apply({ kind: 'leave', peers: [peer] })
  }

  restart(peer: number): Promise<void> {
    return this.#devnet.faults.apply({ kind: 'restart', peers: [peer] })
  }

  cut(some: readonly number[], others: readonly number[]): Promise<void> {
    return this.#devnet.faults.apply({ kind: 'partition', groups: [some, others] })
  }

  heal(): Promise<void> {
    return this.#devnet.faults.apply({ kind: 'heal' })
  }

  report(): Promise<Report> {
    return this.#recording.report()
  }

  measure({ load, ratePerS, signal }: OwnLoad): Promise<Report> {
    const spanS = (load.at(-1)?.atMs ?? 0) / 1000
    return runMeasurement(this.#devnet.port, {
      load,
      ratePerS: ratePerS ?? (spanS > 0 ? load.length / spanS : load.length),
      privateKeys: this.accounts.map(({ privateKey }) => privateKey),
      command: null,
      ...(signal && { signal }),
      onProgress: () => {},
    })
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#end()
    return this.#stopping
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #end(): Promise<void> {
    this.#recording.end()
    await this.#devnet.stop()
    this.#remove()
  }

  #ports(): Devnet['port']['peers'] {
    return this.#devnet.port.peers
  }
}

function testPeer({ process }: Peer): TestPeer {
  const { index, peerId, rpcUrl, multiaddrs } = process.info
  const wsUrl = rpcUrl.replace(/^http/, 'ws')
  return { index, peerId, rpcUrl, wsUrl, multiaddrs, isRunning: process.isRunning() }
}

/** What is no transaction has no hash: it is told apart by its bytes. */
function hashOf(raw: Hex): Hex {
  const bytes = parseHex(raw)
  const tx = bytes && decodeTx(bytes)
  return tx === undefined || isTxDefect(tx) ? raw : tx.hash
}

function hashFrom(value: unknown): Hash {
  const hash = parseHash(value)
  if (hash !== undefined) return hash
  throw new UserError(`expected a hash of 32 bytes as 0x hex, got ${String(value)}`)
}
