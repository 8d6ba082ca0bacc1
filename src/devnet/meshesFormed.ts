/** Waits until the meshes of a network have formed. */
import { loadPerCore } from '../lib/machineClock.ts'
import { sleep, type Clock } from '../lib/clock.ts'
import { ROUTER_DEFAULTS } from '../p2p/router/routerDefaults.ts'
import type { Devnet } from './devnet.ts'
import type { Peer } from './devnetPeer.ts'
import { LoadPatience, retry } from './loadPatience.ts'
import { missingMeshPeers, meshAim, meshesOf, type MeshAim, type MeshedPeer } from './meshes.ts'
import { lastLogLines, logFileOf } from './peerProcess.ts'

/** A network whose meshes form. */
export interface FormingNetwork {
  readonly clock: Clock
  readonly loadPerCore: () => number
  /** Aborting ends the wait. */
  readonly signal: AbortSignal
  /** What every peer says now. */
  readonly read: () => Promise<readonly MeshedPeer[]>
  /** With no mesh growing for so long something is wrong, on a machine that does nothing else. */
  readonly patienceMs: number
}

const POLL_MS = 100
/** Meshes form within some heartbeats; more peers need more dials before. */
const MESH_PATIENCE_MS = 30_000
const MESH_PATIENCE_PER_PEER_MS = 1_000

/**
 * Waits until every peer's mesh on every topic holds as many peers as it tries to hold, or as many
 * as it could have. Throws as {@link untilMeshesForm} does, and an Error that names a peer that has
 * ended meanwhile.
 */
export async function meshesFormed(devnet: Devnet): Promise<void> {
  const { clock, signal, nodes } = devnet.options
  const aims = await Promise.all(
    devnet.peers.map((peer) =>
      asked(devnet, peer, async () => meshAim(await peer.port.settings())),
    ),
  )
  await untilMeshesForm({
    clock,
    loadPerCore,
    signal,
    patienceMs: MESH_PATIENCE_MS + MESH_PATIENCE_PER_PEER_MS * nodes,
    read: () =>
      Promise.all(
        devnet.peers.map((peer, i) => asked(devnet, peer, () => meshedPeer(devnet, peer, aims[i]))),
      ),
  })
}

/**
 * An answer that does not come in time is asked for again; that of a peer that has ended never
 * comes.
 */
async function asked<T>(
  { options: { clock, signal } }: Devnet,
  { process }: Peer,
  question: () => Promise<T>,
): Promise<T> {
  const isPossible = (): boolean => process.isRunning()
  try {
    const patienceMs = MESH_PATIENCE_MS
    return await retry({ clock, loadPerCore, patienceMs, signal, isPossible }, question)
  } catch (error) {
    if (process.isRunning()) throw error
    const { index, dataDir } = process.info
    throw new Error(
      `peer ${index} ended before the meshes had formed: ${lastLogLines(logFileOf(dataDir))}`,
      { cause: error },
    )
  }
}

async function meshedPeer(
  devnet: Devnet,
  { process: { info }, port }: Peer,
  aim: MeshAim = ROUTER_DEFAULTS,
): Promise<MeshedPeer> {
  const { index, peerId } = info
  const neighbours = devnet.neighbours(index).map((peer) => peer.process.info.peerId)
  const planned = devnet.options.plan && neighbours
  return { index, peerId, aim, planned, meshes: await meshesOf(port) }
}

/**
 * Waits until every peer's mesh on every topic holds as many peers as it tries to hold, or as many
 * as it could have. Throws an Error that counts the peers whose mesh is short, and names the first,
 * when no mesh has grown for `patienceMs`, or for as many times as long as processes wait for a
 * core; and what `read` throws.
 */
export async function untilMeshesForm({
  clock,
  loadPerCore,
  signal,
  read,
  patienceMs,
}: FormingNetwork): Promise<void> {
  const patience = new LoadPatience({ clock, loadPerCore, patienceMs })
  let fewestLacking = Infinity
  for (;;) {
    const peers = await read()
    const short = shortOf(peers)
    if (short.length === 0) return
    signal.throwIfAborted()
    const sum = short.reduce((total, { lacks }) => total + lacks, 0)
    if (sum < fewestLacking) patience.progress()
    fewestLacking = Math.min(fewestLacking, sum)
    if (patience.isOver) throw meshError(short, patience.waitedMs, loadPerCore())
    await sleep(clock, POLL_MS, signal)
  }
}

interface ShortPeer {
  readonly index: number
  readonly lacks: number
}

function shortOf(peers: readonly MeshedPeer[]): readonly ShortPeer[] {
  const byId = new Map(peers.map((peer) => [peer.peerId, peer]))
  return peers
    .map((peer) => ({ index: peer.index, lacks: missingMeshPeers(peer, byId) }))
    .filter(({ lacks }) => lacks > 0)
}

function meshError(short: readonly ShortPeer[], waitedMs: number, load: number): Error {
  const [first] = short
  const many =
    short.length === 1 ? '' : `the meshes of ${short.length} peers are short, the first: `
  return new Error(
    `${many}peer ${first?.index} has ${first?.lacks} mesh peers too few, and no mesh has grown for ${Math.round(waitedMs / 1000)} s (load: ${load} for each core)`,
  )
}
