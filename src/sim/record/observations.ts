/** What the nodes of a simulation saw, in columns: a row of objects for each copy at 25,000 nodes would fill the memory. */
import type { Delivery } from '../../measure/delivery.ts'
import { ROADS, type Road } from '../../measure/reportTerms.ts'
import type { ItemKind } from '../../item/itemKinds.ts'
import { TICKS_PER_MS } from '../time/virtualTime.ts'
import { CopyBytes } from './copyBytes.ts'
import { TraceHash } from './traceHash.ts'

/** Copies after the first that are kept one by one, over all items; of the rest their number is. */
const MAX_LATER_COPIES = 200_000
/** No node: it entered here. */
const NOBODY = -1

/** One copy of one item at one node. Times are virtual ms. */
export interface Copy {
  readonly kind: ItemKind
  readonly hash: string
  readonly node: number
  /** The node that sent it; `undefined` where it entered the network. */
  readonly from: number | undefined
  readonly receivedMs: number
  readonly judgedMs: number
  readonly queuedMs: number
  readonly road: Road
  readonly outcome: Delivery['outcome'] | 'held'
  readonly bytes: number
}

/** How one item spread. */
export interface ItemRecord {
  readonly kind: ItemKind
  readonly hash: string
  readonly number: number
  bytes: number
  /** Where it entered first; `undefined` while only copies are known. */
  origin: number | undefined
  originMs: number
  /** By node, when its first accepted copy came and was judged; NaN for none. */
  readonly receivedMs: Float64Array
  readonly judgedMs: Float64Array
  readonly queuedMs: Float32Array
  readonly from: Int32Array
  /** Positions in `ROADS`. */
  readonly road: Uint8Array
  accepted: number
  laterCount: number
  /** The first of them: node, from, received. */
  readonly later: [node: number, from: number, receivedMs: number][]
}

/** All that was seen in one run. */
export class Observations {
  readonly hash: TraceHash
  readonly items = new Map<string, ItemRecord>()
  readonly copyBytes: CopyBytes
  readonly #nodes: number
  #laterKept = 0
  #txCopies = 0

  constructor(nodes: number) {
    this.#nodes = nodes
    this.hash = new TraceHash(nodes)
    this.copyBytes = new CopyBytes(nodes)
  }

  /** Copies of transactions, first and later ones. */
  get txCopies(): number {
    return this.#txCopies
  }

  /** Copies that were counted and not kept. */
  get laterDropped(): number {
    let all = 0
    for (const { laterCount } of this.items.values()) all += laterCount
    return all - this.#laterKept
  }

  note(copy: Copy): void {
    const item = this.#item(copy)
    const { node, from, receivedMs, judgedMs, outcome, bytes } = copy
    const sender = from ?? NOBODY
    this.hash.add(
      node,
      Math.imul(sender + 2, 8) + OUTCOMES.indexOf(outcome),
      Math.round(receivedMs * TICKS_PER_MS) ^ Math.imul(Math.round(judgedMs * TICKS_PER_MS), 31),
      item.number,
    )
    if (outcome === 'held') return
    if (copy.kind === 'tx') this.#txCopies++
    if (from !== undefined) this.copyBytes.add(node, copy.road, outcome, bytes)
    if (outcome === 'accepted') this.#accept(item, copy)
    if (outcome === 'duplicate') this.#later(item, node, sender, receivedMs)
  }

  #item({ kind, hash, bytes }: Copy): ItemRecord {
    const known = this.items.get(hash)
    if (known !== undefined) return known
    const item: ItemRecord = {
      kind,
      hash,
      number: numberOf(hash),
      bytes,
      origin: undefined,
      originMs: NaN,
      receivedMs: new Float64Array(this.#nodes).fill(NaN),
      judgedMs: new Float64Array(this.#nodes).fill(NaN),
      queuedMs: new Float32Array(this.#nodes),
      from: new Int32Array(this.#nodes).fill(NOBODY),
      road: new Uint8Array(this.#nodes),
      accepted: 0,
      laterCount: 0,
      later: [],
    }
    this.items.set(hash, item)
    return item
  }

  #accept(item: ItemRecord, copy: Copy): void {
    const { node, from, receivedMs, judgedMs, queuedMs, road, bytes } = copy
    if (from === undefined && item.origin === undefined) {
      item.origin = node
      item.originMs = receivedMs
      item.bytes = bytes
    }
    if (!Number.isNaN(item.judgedMs[node])) return
    item.accepted++
    item.receivedMs[node] = receivedMs
    item.judgedMs[node] = judgedMs
    item.queuedMs[node] = queuedMs
    item.from[node] = from ?? NOBODY
    item.road[node] = ROADS.indexOf(road)
  }

  #later(item: ItemRecord, node: number, from: number, receivedMs: number): void {
    item.laterCount++
    if (this.#laterKept >= MAX_LATER_COPIES) return
    this.#laterKept++
    item.later.push([node, from, receivedMs])
  }
}

const OUTCOMES: readonly Copy['outcome'][] = ['accepted', 'refused', 'duplicate', 'held']

/** The first 32 bits of a hash. */
function numberOf(hash: string): number {
  return Number.parseInt(hash.slice(2, 10), 16) | 0
}
