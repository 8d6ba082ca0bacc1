/**
 * What each router's score knows of each message, in columns of all routers together: its verdict.
 * Who sent a copy is kept only until there is a verdict; after it, it counts for nobody where
 * deliveries have no weight.
 */
import { MessageColumns } from './messageColumns.ts'

/**
 * Verdicts by the router's own numbers (score/message-deliveries.js), plus one: 0 stands for no
 * record.
 */
export const VERDICTS = { unknown: 1, valid: 2, invalid: 3, ignored: 4 } as const
/** One of {@link VERDICTS}; 0 for none. */
export type VerdictCode = 0 | (typeof VERDICTS)[keyof typeof VERDICTS]

/** How long the router's score keeps a record, ms (gossipsub 17.1.1, TimeCacheDuration). */
const LIFE_MS = 120_000
const SLACK_MS = 60_000
const NOBODY: ReadonlySet<string> = new Set()

/** The records of all routers of a simulation. A cell is a time and a verdict: ms x 8 + verdict. */
export class VerdictColumns {
  readonly #cells: MessageColumns
  readonly #floorMs: Int32Array
  readonly #wallMs: () => number
  readonly #startMs: number

  constructor(nodes: number, wallMs: () => number) {
    this.#cells = new MessageColumns(nodes, LIFE_MS + SLACK_MS)
    this.#floorMs = new Int32Array(nodes)
    this.#wallMs = wallMs
    this.#startMs = wallMs() - 1
  }

  of(node: number): NodeVerdicts {
    this.#floorMs[node] = this.#nowMs()
    return new NodeVerdicts(this, node)
  }

  get(id: string, node: number): VerdictCode {
    const cell = this.#cells.get(id, node)
    return cell >>> 3 >= (this.#floorMs[node] ?? 0) ? ((cell & 7) as VerdictCode) : 0
  }

  /** The record keeps the age it has. */
  set(id: string, node: number, verdict: VerdictCode): void {
    const nowMs = this.#nowMs()
    const bornMs = this.get(id, node) === 0 ? nowMs : this.#cells.get(id, node) >>> 3
    this.#cells.set(id, node, (bornMs << 3) | verdict, nowMs)
  }

  prune(node: number): void {
    this.#floorMs[node] = Math.max(this.#floorMs[node] ?? 0, this.#nowMs() - LIFE_MS)
  }

  #nowMs(): number {
    return this.#wallMs() - this.#startMs
  }
}

/** The records of one router. */
export class NodeVerdicts {
  readonly #all: VerdictColumns
  readonly #node: number
  /** Who sent copies of messages that have no verdict yet. */
  #senders: Map<string, Set<string>> | undefined

  constructor(all: VerdictColumns, node: number) {
    this.#all = all
    this.#node = node
  }

  get(id: string): VerdictCode {
    return this.#all.get(id, this.#node)
  }

  set(id: string, verdict: VerdictCode): void {
    this.#all.set(id, this.#node, verdict)
  }

  /** The peer sent a copy while there was no verdict. */
  noteSender(id: string, peer: string): void {
    this.#senders ??= new Map()
    const senders = this.#senders.get(id)
    if (senders === undefined) this.#senders.set(id, new Set([peer]))
    else senders.add(peer)
  }

  /** Those of {@link noteSender}, who are forgotten with it. */
  takeSenders(id: string): ReadonlySet<string> {
    const senders = this.#senders?.get(id)
    if (senders === undefined) return NOBODY
    this.#senders?.delete(id)
    return senders
  }

  /** Called by the router's score once per decay interval. */
  gc(): void {
    this.#all.prune(this.#node)
  }

  /** Known to the metrics of a router alone. */
  getRecord(): undefined {
    return undefined
  }

  clear(): void {
    this.#senders = undefined
  }
}
