/**
 * Faults as data: what may be made to happen to a network, each with named fields, so that a
 * schedule of them can be written down, printed and repeated. Nodes are named by index.
 */
import { maxOf, minOf } from '../lib/extremes.ts'
import { MISBEHAVIOUR_SENTENCES, type Misbehaviour } from '../rehearsal/misbehaviour.ts'
import type { LinkPlan } from './networkPlan.ts'

/** One thing that is made to happen to a network. */
export type Fault =
  /** SIGKILL, at once: nothing is closed or written. */
  | { readonly kind: 'kill'; readonly peers: readonly number[] }
  /** They say that they leave, and stop in good order. */
  | { readonly kind: 'leave'; readonly peers: readonly number[] }
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
  /** These links carry bytes in this way from now on. */
  | { readonly kind: 'shape-links'; readonly links: readonly LinkPlan[] }
  | { readonly kind: 'bandwidth'; readonly of: readonly PeerBandwidth[] }
  /** The calendar of these peers is set forward, or back if negative. */
  | { readonly kind: 'clock-jump'; readonly peers: readonly number[]; readonly byMs: number }
  | {
      readonly kind: 'hostile'
      readonly peers: readonly number[]
      readonly behaviour: Misbehaviour
      /** Whom they censor. */
      readonly against?: number
    }
  /** They behave again. */
  | { readonly kind: 'honest'; readonly peers: readonly number[] }

/** The names of all kinds of faults. */
export type FaultKind = Fault['kind']

/** Bytes per second over all links of a peer together; `null` is unbounded. */
export interface PeerBandwidth {
  readonly peer: number
  readonly upBytesPerS: number | null
  readonly downBytesPerS: number | null
}

/** Whether those it happens to answer nobody until something undoes it. */
export function isAbsence(fault: Fault): fault is FaultOf<'kill' | 'leave' | 'pause'> {
  return fault.kind === 'kill' || fault.kind === 'leave' || fault.kind === 'pause'
}

type FaultOf<Kind extends FaultKind> = Extract<Fault, { readonly kind: Kind }>

/** A fault of a schedule. */
export interface TimedFault {
  /** After the start of the measurement. */
  readonly atMs: number
  /** When what undoes it is due, if anything does. */
  readonly untilMs?: number
  readonly fault: Fault
}

/** The nodes that a fault names, each once; `undefined` for one of all links. */
export function nodesOfFault(fault: Fault): readonly number[] | undefined {
  if ('peers' in fault) return fault.peers
  switch (fault.kind) {
    case 'partition':
      return [...new Set(fault.groups.flat())]
    case 'one-way':
      return [...new Set([...fault.from, ...fault.to])]
    case 'shape-links':
      return [...new Set(fault.links.flatMap(({ a, b }) => [a, b]))]
    case 'bandwidth':
      return fault.of.map(({ peer }) => peer)
    case 'heal':
      break
  }
  return undefined
}

/** One line for a log or a report. */
export function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case 'heal':
      return 'heal every link'
    case 'partition':
      return `partition ${fault.groups.map((group) => group.join(',')).join(' | ')}`
    case 'one-way':
      return `nothing from ${peersText(fault.from)} to ${peersText(fault.to)}`
    case 'shape-links':
      return shapesText(fault.links)
    case 'bandwidth':
      return fault.of.map(bandwidthText).join('; ')
    case 'clock-jump':
      return `clock-jump ${peersText(fault.peers)} by ${fault.byMs / 1000} s`
    case 'hostile':
      return `${fault.behaviour}${fault.against === undefined ? '' : ` (against ${fault.against})`} ${peersText(fault.peers)}: ${MISBEHAVIOUR_SENTENCES[fault.behaviour]}`
    case 'kill':
    case 'leave':
    case 'restart':
    case 'join':
    case 'pause':
    case 'resume':
    case 'honest':
      break
  }
  return `${fault.kind} ${peersText(fault.peers)}`
}

/** Links that a line names one by one. */
const NAMED_LINKS = 8

function shapesText(links: readonly LinkPlan[]): string {
  const names = links.slice(0, NAMED_LINKS).map(({ a, b }) => `${a}-${b}`)
  const more = links.length > names.length ? ` and ${links.length - names.length} more` : ''
  const latencies = links.map(({ shape }) => shape.latencyMs)
  const [least, most] = [minOf(latencies), maxOf(latencies)]
  const range = least === most ? `${least}` : `${least} to ${most}`
  return `${links.length === 1 ? 'link' : 'links'} ${names.join(',')}${more} now ${range} ms`
}

function bandwidthText({ peer, upBytesPerS, downBytesPerS }: PeerBandwidth): string {
  return `peer ${peer} has ${mbitText(upBytesPerS)} up, ${mbitText(downBytesPerS)} down`
}

function mbitText(bytesPerS: number | null): string {
  return bytesPerS === null ? 'any bandwidth' : `${(bytesPerS * 8) / 1e6} Mbit/s`
}

function peersText(peers: readonly number[]): string {
  return `${peers.length === 1 ? 'peer' : 'peers'} ${peers.join(',')}`
}
