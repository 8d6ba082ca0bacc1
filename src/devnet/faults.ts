/**
 * Makes faults happen to a devnet.
 *
 * Cuts and misbehaviour live in the nodes they were made in: a peer that is killed forgets them.
 */
import { Emitter } from '../lib/emitter.ts'
import type { Fault, PeerBandwidth } from '../scenario/fault.ts'
import type { LinkPlan } from '../scenario/networkPlan.ts'
import type { Devnet, Peer } from './devnet.ts'
import type { PeerExit } from './peerProcess.ts'

/** What a node must be started with so that its links can be cut and its clock set. */
export const FAULT_FLAGS = ['--admin', '--profile', 'devnet'] as const

const applied = new WeakMap<Devnet, Emitter<Fault>>()

/** Every fault that is made to happen to this devnet, by whomever, when it has. */
export function faultsOf(devnet: Devnet): Emitter<Fault> {
  const known = applied.get(devnet)
  if (known !== undefined) return known
  const emitter = new Emitter<Fault>()
  applied.set(devnet, emitter)
  return emitter
}

/** Makes it happen; resolves when it has. Throws where a peer is not in the state that the fault needs. */
export async function applyFault(devnet: Devnet, fault: Fault): Promise<void> {
  await makeHappen(devnet, fault)
  faultsOf(devnet).emit(fault)
}

async function makeHappen(devnet: Devnet, fault: Fault): Promise<void> {
  if ('peers' in fault) return happenToPeers(devnet, fault)
  switch (fault.kind) {
    case 'partition':
      return partition(devnet, fault.groups)
    case 'one-way':
      return cut(devnet, fault.from, fault.to, 'outgoing')
    case 'heal':
      return callAll(runningPeers(devnet), 'admin_healPeers')
    case 'shape-links':
      return shapeLinks(devnet, fault.links)
    case 'bandwidth':
      break
  }
  await Promise.all(fault.of.map((one) => setBandwidth(devnet, one)))
}

type PeerFault = Extract<Fault, { readonly peers: readonly number[] }>

async function happenToPeers(devnet: Devnet, fault: PeerFault): Promise<void> {
  const peers = (): readonly Peer[] => fault.peers.map((index) => peerOf(devnet, index))
  switch (fault.kind) {
    case 'kill':
      await Promise.all(peers().map(kill))
      return
    case 'restart':
    case 'join':
      for (const index of fault.peers) await devnet.start(index)
      return
    case 'pause':
      for (const { process } of peers()) process.signal('SIGSTOP')
      return
    case 'resume':
      for (const { process } of peers()) process.signal('SIGCONT')
      return
    case 'clock-jump':
      await callAll(peers(), 'admin_jumpClock', fault.byMs)
      return
    case 'hostile':
      await callAll(peers(), 'admin_misbehave', fault.behaviour)
      return
    case 'honest':
      await callAll(peers(), 'admin_misbehave')
  }
}

async function kill({ process }: Peer): Promise<PeerExit> {
  process.signal('SIGKILL')
  return process.exited
}

async function partition(devnet: Devnet, groups: readonly (readonly number[])[]): Promise<void> {
  const cuts = groups.map((group) => {
    const others = groups.filter((other) => other !== group).flat()
    return cut(devnet, group, others, 'both')
  })
  await Promise.all(cuts)
}

async function cut(
  devnet: Devnet,
  from: readonly number[],
  to: readonly number[],
  direction: 'both' | 'outgoing',
): Promise<void> {
  const ids = to.map((index) => peerOf(devnet, index).process.info.peerId)
  const peers = from.map((index) => peerOf(devnet, index))
  await callAll(peers, 'admin_cutPeers', ids, direction)
}

/** Both ends of each link are told, where they run: each shapes what it sends. */
async function shapeLinks(devnet: Devnet, links: readonly LinkPlan[]): Promise<void> {
  const peers = runningPeers(devnet)
  const idOf = new Map(peers.map(({ process: { info } }) => [info.index, info.peerId]))
  const told = peers.map(async ({ process, rpc }) => {
    const { index } = process.info
    const shapes = links.flatMap(({ a, b, shape }) => {
      const other = a === index ? b : b === index ? a : undefined
      const peer = other === undefined ? undefined : idOf.get(other)
      return peer === undefined ? [] : [{ peer, ...shape }]
    })
    if (shapes.length > 0) await rpc.call('admin_shapeLinks', [shapes])
  })
  await Promise.all(told)
}

async function setBandwidth(
  devnet: Devnet,
  { peer, upBytesPerS, downBytesPerS }: PeerBandwidth,
): Promise<void> {
  await peerOf(devnet, peer).rpc.call('admin_setBandwidth', [upBytesPerS, downBytesPerS])
}

async function callAll(
  peers: readonly Peer[],
  method: string,
  ...params: readonly unknown[]
): Promise<void> {
  await Promise.all(peers.map(({ rpc }) => rpc.call(method, params)))
}

function runningPeers(devnet: Devnet): readonly Peer[] {
  return devnet.peers.filter(({ process }) => process.isRunning())
}

function peerOf(devnet: Devnet, index: number): Peer {
  const peer = devnet.peers.find(({ process }) => process.info.index === index)
  if (peer === undefined) throw new Error(`peer ${index} has not been started`)
  return peer
}
