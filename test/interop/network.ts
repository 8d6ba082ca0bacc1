/** A network of ours that peers of other implementations join, and what its nodes say of them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_CHECKPOINT_INTERVAL } from '../../src/chain/limits.ts'
import { startDevnet, type Devnet } from '../../src/devnet/devnet.ts'
import { peerOf, type Peer } from '../../src/devnet/devnetPeer.ts'
import { FAULT_SETTINGS } from '../../src/devnet/faultSettings.ts'
import type { ControlKind } from '../../src/item/controlKinds.ts'
import { sleep, systemClock } from '../../src/lib/clock.ts'
import { isRecord } from '../../src/lib/records.ts'
import { linkPlan, nodePlan } from '../builders/plan.ts'
import { MAIN } from '../builders/program.ts'
import { beginWait } from '../builders/waiting.ts'
import type { Line } from './referencePeer.ts'

export interface JoinedNetwork {
  readonly devnet: Devnet
  /** What a peer must know of the network, as the reference peers read it. */
  readonly networkFile: string
  readonly stop: () => Promise<void>
}

/**
 * The nodes that are linked to each other; those after them have the links alone that a test gives
 * them.
 */
const LINKED = 3
/** Accounts with funds. */
const SENDERS = 13
const POLL_MS = 50

/** Three nodes that seal and are linked to each other, and so many that are linked to nobody. */
export async function startMixedNetwork(lone: number, late: number): Promise<JoinedNetwork> {
  const dir = mkdtempSync(join(tmpdir(), 'grapevine-interop-'))
  const nodes = LINKED + lone + late
  const links = [linkPlan(0, 1, 0), linkPlan(1, 2, 0), linkPlan(0, 2, 0)]
  const devnet = await startDevnet({
    program: MAIN,
    nodes,
    late,
    signers: LINKED,
    senders: SENDERS,
    chainId: 1337,
    periodS: 2,
    dir,
    settings: FAULT_SETTINGS,
    plan: { nodes: Array.from({ length: nodes }, (_, index) => nodePlan(index)), links },
    processes: 2,
    clock: systemClock,
    signal: new AbortController().signal,
  })
  const stop = async (): Promise<void> => {
    await devnet.stop()
    rmSync(dir, { recursive: true, force: true })
  }
  return { devnet, networkFile: await writeNetworkFile(devnet, dir), stop }
}

/** The genesis block as RLP and the configuration in the format of geth. */
async function writeNetworkFile(devnet: Devnet, dir: string): Promise<string> {
  const genesis: unknown = JSON.parse(readFileSync(devnet.genesisFile, 'utf8'))
  const genesisBlock = await nodeAt(devnet, 0).rpc.call('debug_getRawBlock', ['0x0'])
  const config = isRecord(genesis) ? genesis['config'] : undefined
  const checkpointInterval = DEFAULT_CHECKPOINT_INTERVAL
  const file = join(dir, 'network.json')
  writeFileSync(file, JSON.stringify({ genesisBlock, config, checkpointInterval }))
  return file
}

export function nodeAt(devnet: Devnet, index: number): Peer {
  return peerOf(devnet.peers, index)
}

/**
 * Asks again and again until `read` answers something; a test that fails meanwhile says `what` it
 * waited for.
 */
export async function until<T>(what: string, read: () => Promise<T | undefined>): Promise<T> {
  const endWait = beginWait(() => what)
  for (;;) {
    const found = await read().catch(() => undefined)
    if (found !== undefined) {
      endWait()
      return found
    }
    await sleep(systemClock, POLL_MS)
  }
}

/** The lists and objects that methods answer. */
export async function listFrom(node: Peer, method: string): Promise<readonly Line[]> {
  const answer = await node.rpc.call(method)
  return Array.isArray(answer) ? answer.filter(isRecord) : []
}

/** Waits until a node has this peer and its status, and answers what it says of it. */
export function knownTo(node: Peer, peer: string): Promise<Line> {
  return until(`the status of ${peer}`, async () => {
    const peers = await listFrom(node, 'gossip_peers')
    return peers.find((one) => one['peer'] === peer && one['client'] !== undefined)
  })
}

/** Waits until a node pushes everything of this kind to the peer. */
export function meshedWith(node: Peer, peer: string, kind = 'tx'): Promise<true> {
  return until(`${peer} in the mesh of ${kind}`, () => isListed(node, peer, { kind, list: 'mesh' }))
}

/** Waits until a node knows that the peer wants transactions. */
export function subscribed(node: Peer, peer: string): Promise<true> {
  const wanted = { kind: 'tx', list: 'subscribers' }
  return until(`the subscription of ${peer}`, () => isListed(node, peer, wanted))
}

async function isListed(
  node: Peer,
  peer: string,
  { kind, list }: { readonly kind: string; readonly list: string },
): Promise<true | undefined> {
  const topics = await listFrom(node, 'gossip_mesh')
  const topic = topics.find((one) => String(one['topic']).split('/')[3] === kind)
  const peers = topic?.[list]
  return Array.isArray(peers) && peers.includes(peer) ? true : undefined
}

/** Waits until a node has the item, and answers from whom it came first. */
export function cameFrom(node: Peer, hash: string): Promise<unknown> {
  return until(`the item ${hash}`, async () => {
    const timeline = await node.rpc.call('gossip_timeline', [hash])
    const firstSeen = isRecord(timeline) ? timeline['firstSeen'] : undefined
    return isRecord(firstSeen) ? firstSeen['from'] : undefined
  })
}

/** Waits until a block of this node includes the transaction, and answers its number. */
export function includedAt(node: Peer, hash: string): Promise<number> {
  return until(`the receipt of ${hash}`, async () => {
    const receipt = await node.rpc.call('eth_getTransactionReceipt', [hash])
    return isRecord(receipt) ? Number(receipt['blockNumber']) : undefined
  })
}

/**
 * Waits until nodes have the transaction in one and the same block: two signers may each seal one
 * of a height.
 */
export function agreedBlock(nodes: readonly Peer[], hash: string): Promise<string> {
  return until(`one block of ${hash}`, async () => {
    const asked = nodes.map((node) => node.rpc.call('eth_getTransactionReceipt', [hash]))
    const receipts = (await Promise.all(asked)).filter(isRecord)
    const blocks = new Set(receipts.map(({ blockHash }) => String(blockHash)))
    return receipts.length === nodes.length && blocks.size === 1 ? [...blocks][0] : undefined
  })
}

/** Waits until the pool of a node holds so many transactions that wait for earlier ones. */
export function queuedAt(node: Peer, count: number): Promise<true> {
  return until(`${count} queued transactions`, async () => {
    const status = await node.rpc.call('txpool_status')
    return isRecord(status) && Number(status['queued']) >= count ? true : undefined
  })
}

/** Waits until the head of a node is another one. */
export async function untilNextBlock(node: Peer): Promise<void> {
  const before = await node.rpc.call('eth_blockNumber')
  await until('the next block', async () =>
    (await node.rpc.call('eth_blockNumber')) === before ? undefined : true,
  )
}

export async function scoreOf(node: Peer, peer: string): Promise<number | undefined> {
  const scores = await listFrom(node, 'gossip_scores')
  const found = scores.find((one) => one['peer'] === peer)
  return found === undefined ? undefined : Number(found['score'])
}

export async function isConnected(node: Peer, peer: string): Promise<boolean> {
  const peers = await listFrom(node, 'gossip_peers')
  return peers.some((one) => one['peer'] === peer)
}

/**
 * How many control messages of this kind the node sent or received; nothing where there was none.
 */
export async function controlOf(
  node: Peer,
  kind: ControlKind,
  way: 'sent' | 'received',
): Promise<number | undefined> {
  const { controlSent, controlReceived } = await node.port.counters()
  const count = (way === 'sent' ? controlSent : controlReceived)[kind]
  return count > 0 ? count : undefined
}
