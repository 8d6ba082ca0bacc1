/**
 * What the nodes of a simulation saw: every sighting goes into the trace hash and waits until a
 * collector takes it. What was taken is forgotten, or the sightings of 25,000 nodes would fill the
 * memory.
 */
import type { Hash } from '../../crypto/keccak.ts'
import type { ItemKind } from '../../item/itemKinds.ts'
import { Timelines, type Timeline } from '../../trace/timelines.ts'
import type { Fate, Sighting, Trace } from '../../trace/trace.ts'
import { TICKS_PER_MS } from '../time/virtualTime.ts'
import { CopyQueue } from './copyQueue.ts'
import { TraceHash, type HashMemory } from './traceHash.ts'

/** Networks up to this size keep the story of each item at each node, as processes do. */
export const MAX_NODES_WITH_TIMELINES = 500
/** No node: it entered here. */
const NOBODY = -1
/** Hashes whose numbers are remembered: copies of one item come close together. */
const MAX_NUMBERS = 65_536

/** Is told of each sighting as it is noted. */
export type Watcher = (node: number, sighting: Sighting) => void

/** All that was seen in one run, by node. */
export class Observations {
  readonly hash: TraceHash
  /** What waits to be taken. */
  readonly copies = new CopyQueue()
  readonly #indexOf: ReadonlyMap<string, number>
  readonly #timelines: (Timelines | undefined)[]
  readonly #keepsTimelines: boolean
  readonly #numbers = new Map<string, number>()
  #watcher: Watcher | undefined

  /** @param indexOf positions of the nodes by peer id. */
  constructor(indexOf: ReadonlyMap<string, number>, memory: HashMemory) {
    const nodes = indexOf.size
    this.#indexOf = indexOf
    this.hash = new TraceHash(memory)
    this.#timelines = []
    this.#keepsTimelines = nodes <= MAX_NODES_WITH_TIMELINES
  }

  /**
   * The trace of a node's new life; the stories that it kept before are gone, as with a process
   * that ends.
   */
  begin(node: number): Trace {
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

  /** The first 32 bits of a hash. */
  #numberOf(hash: string): number {
    const known = this.#numbers.get(hash)
    if (known !== undefined) return known
    if (this.#numbers.size >= MAX_NUMBERS) this.#numbers.clear()
    const number = Number.parseInt(hash.slice(2, 10), 16) | 0
    this.#numbers.set(hash, number)
    return number
  }

  #note(node: number, sighting: Sighting): void {
    const { from, action, receivedMs, judgedMs, hash } = sighting
    const sender = this.#indexOf.get(from)
    this.hash.add(
      node,
      Math.imul((sender ?? NOBODY) + 2, 8) + OUTCOMES[action],
      Math.round(receivedMs * TICKS_PER_MS) ^ Math.imul(Math.round(judgedMs * TICKS_PER_MS), 31),
      this.#numberOf(hash),
    )
    this.#watcher?.(node, sighting)
    this.copies.add(node, sender, sighting)
  }
}

const OUTCOMES: Readonly<Record<Sighting['action'], number>> = {
  accept: 0,
  ignore: 1,
  reject: 1,
  duplicate: 2,
  hold: 3,
}
