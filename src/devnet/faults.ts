/**
 * Faults as data: what may be made to happen to a devnet, each with named fields, so that a schedule of them can be
 * written down, printed and repeated. Peers are named by index.
 *
 * Cuts live in the processes they were made in: a peer that is killed forgets them.
 */
import { Emitter } from '../lib/emitter.ts'
import type { Devnet, Peer } from './devnet.ts'
import type { PeerExit } from './peerProcess.ts'

export type Fault =
  /** SIGKILL, at once: nothing is closed or written. */
  | { readonly kind: 'kill'; readonly peers: readonly number[] }
  /** With the same identity, data directory and ports. */
  | { readonly kind: 'restart'; readonly peers: readonly number[] }
  /** A late peer is started for the first time. */
  | { readonly kind: 'join'; readonly peers: readonly number[] }
  /** SIGSTOP: the sockets stay open and nobody reads them. */
  | { readonly kind: 'pause'; readonly peers: readonly number[] }
  | { readonly kind: 'resume'; readonly peers: readonly number[] }
  /** No link between peers of different groups. Peers in no group keep theirs. */
  | { readonly kind: 'partition'; readonly groups: readonly (readonly number[])[] }
  /** Nothing that `from` sends to `to` arrives; what `to` sends does. */
  | { readonly kind: 'one-way'; readonly from: readonly number[]; readonly to: readonly number[] }
  /** Every partition and one-way link ends. */
  | { readonly kind: 'heal' }
  /** The calendar of these peers is set forward, or back if negative. */
  | { readonly kind: 'clock-jump'; readonly peers: readonly number[]; readonly byMs: number }

export type FaultKind = Fault['kind']

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
  switch (fault.kind) {
    case 'kill':
      await Promise.all(fault.peers.map((index) => kill(peerOf(devnet, index))))
      return
    case 'restart':
    case 'join':
      for (const index of fault.peers) await devnet.start(index)
      return
    case 'pause':
      for (const index of fault.peers) peerOf(devnet, index).process.signal('SIGSTOP')
      return
    case 'resume':
      for (const index of fault.peers) peerOf(devnet, index).process.signal('SIGCONT')
      return
    case 'partition':
      await partition(devnet, fault.groups)
      return
    case 'one-way':
      await cut(devnet, fault.from, fault.to, 'outgoing')
      return
    case 'heal':
      await callAll(runningPeers(devnet), 'admin_healPeers')
      return
    case 'clock-jump':
      await callAll(
        fault.peers.map((index) => peerOf(devnet, index)),
        'admin_jumpClock',
        fault.byMs,
      )
  }
}

/** One line for a log or a report. */
export function describeFault(fault: Fault): string {
  if (fault.kind === 'heal') return 'heal every link'
  if (fault.kind === 'partition')
    return `partition ${fault.groups.map((group) => group.join(',')).join(' | ')}`
  if (fault.kind === 'one-way')
    return `nothing from ${peersText(fault.from)} to ${peersText(fault.to)}`
  const what = `${fault.kind} ${peersText(fault.peers)}`
  return fault.kind === 'clock-jump' ? `${what} by ${fault.byMs / 1000} s` : what
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
  await callAll(
    from.map((index) => peerOf(devnet, index)),
    'admin_cutPeers',
    ids,
    direction,
  )
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

function peersText(peers: readonly number[]): string {
  return `${peers.length === 1 ? 'peer' : 'peers'} ${peers.join(',')}`
}
