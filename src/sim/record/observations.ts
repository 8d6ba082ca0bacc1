/**
 * What the nodes of a simulation saw: every sighting goes into the trace hash and waits until a collector has read it.
 * What was read is forgotten, or the sightings of 25,000 nodes would fill the memory.
 */
import type { Hash } from '../../crypto/keccak.ts'
import type { ItemKind } from '../../item/itemKinds.ts'
import { MAX_SIGHTINGS } from '../../trace/limits.ts'
import { Timelines, type SightingBatch, type Timeline } from '../../trace/timelines.ts'
import type { Fate, Sighting, Trace } from '../../trace/trace.ts'
import { TICKS_PER_MS } from '../time/virtualTime.ts'
import { TraceHash } from './traceHash.ts'

/** Networks up to this size keep the story of each item at each node, as processes do. */
export const MAX_NODES_WITH_TIMELINES = 500
/** No node: it entered here. */
const NOBODY = -1

/** What waits for a collector at one node. */
interface Unread {
  /** Number of the first that waits: so many were read or dropped. */
  first: number
  sightings: Sighting[]
}

/** Is told of each sighting as it is noted. */
export type Watcher = (node: number, sighting: Sighting) => void

/** All that was seen in one run, by node. */
export class Observations {
  readonly hash: TraceHash
  readonly #indexOf: ReadonlyMap<string, number>
  readonly #unread: Unread[]
  readonly #timelines: (Timelines | undefined)[]
  readonly #keepsTimelines: boolean
  #watcher: Watcher | undefined

  /** @param indexOf positions of the nodes by peer id. */
  constructor(indexOf: ReadonlyMap<string, number>) {
    const nodes = indexOf.size
    this.#indexOf = indexOf
    this.hash = new TraceHash(nodes)
    this.#unread = Array.from({ length: nodes }, () => ({ first: 0, sightings: [] }))
    this.#timelines = []
    this.#keepsTimelines = nodes <= MAX_NODES_WITH_TIMELINES
  }

  /** The trace of a node's new life. What it had seen before is gone, as with a process that ends. */
  begin(node: number): Trace {
    this.#unread[node] = { first: 0, sightings: [] }
    const timelines = this.#keepsTimelines ? new Timelines() : undefined
    this.#timelines[node] = timelines
    return {
      sighting: (sighting) => {
        this.#note(node, sighting)
        timelines?.sighting(sighting)
      },
      fate: (kind: ItemKind, hash: Hash, fate: Fate, atMs: number) =>
        timelines?.fate(kind, hash, fate, atMs),
    }
  }

  /** From a cursor on; what lies before it is forgotten. */
  read(node: number, cursor: number, limit: number): SightingBatch {
    const unread = this.#unread[node]
    if (unread === undefined) return { cursor, lost: 0, sightings: [] }
    const { first, sightings } = unread
    const start = Math.max(first, Math.min(cursor, first + sightings.length))
    const batch = sightings.slice(start - first, start - first + limit)
    unread.sightings = sightings.slice(start - first + batch.length)
    unread.first = start + batch.length
    return { cursor: unread.first, lost: Math.max(0, first - cursor), sightings: batch }
  }

  /** The story of an item at a node; throws where the network is too large to keep it. */
  timeline(node: number, hash: Hash): Timeline | undefined {
    if (!this.#keepsTimelines)
      throw new Error(
        `node ${node} keeps no timelines: networks of more than ${MAX_NODES_WITH_TIMELINES} simulated nodes do not`,
      )
    return this.#timelines[node]?.timeline(hash)
  }

  /** From now on; a second one takes the place of the first. */
  watch(watcher: Watcher): void {
    this.#watcher = watcher
  }

  #note(node: number, sighting: Sighting): void {
    const { from, action, receivedMs, judgedMs, hash } = sighting
    const sender = this.#indexOf.get(from) ?? NOBODY
    this.hash.add(
      node,
      Math.imul(sender + 2, 8) + OUTCOMES[action],
      Math.round(receivedMs * TICKS_PER_MS) ^ Math.imul(Math.round(judgedMs * TICKS_PER_MS), 31),
      numberOf(hash),
    )
    this.#watcher?.(node, sighting)
    const unread = this.#unread[node]
    if (unread === undefined) return
    unread.sightings.push(sighting)
    if (unread.sightings.length <= MAX_SIGHTINGS) return
    unread.sightings.shift()
    unread.first++
  }
}

const OUTCOMES: Readonly<Record<Sighting['action'], number>> = {
  accept: 0,
  ignore: 1,
  reject: 1,
  duplicate: 2,
  hold: 3,
}

/** The first 32 bits of a hash. */
function numberOf(hash: string): number {
  return Number.parseInt(hash.slice(2, 10), 16) | 0
}
