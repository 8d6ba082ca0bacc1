/**
 * Which messages each router has seen, in columns of all routers together in place of a map in
 * each.
 */
import type { RouterIds } from '../../p2p/router/routerInternals.ts'
import { MessageColumns } from './messageColumns.ts'

/** Beyond the time for which ids are remembered: a router forgets at its next heartbeat only. */
const SLACK_MS = 60_000

/** What the routers of one simulation have seen. */
export class SeenColumns {
  readonly #seen: MessageColumns
  /** What each router saw before then it has forgotten. */
  readonly #floorMs: Int32Array
  readonly #wallMs: () => number
  readonly #startMs: number

  constructor(nodes: number, wallMs: () => number) {
    this.#seen = new MessageColumns(nodes, SLACK_MS)
    this.#floorMs = new Int32Array(nodes)
    this.#wallMs = wallMs
    // Entries and floors are above 0, which stands for none.
    this.#startMs = wallMs() - 1
  }

  /**
   * For a router that starts now, and knows nothing of what ran on the node before it.
   * @param validMs for how long it remembers an id.
   */
  of(node: number, validMs: number): RouterIds {
    this.#floorMs[node] = this.#nowMs()
    this.#seen.keepFor(validMs + SLACK_MS)
    return new SeenByNode(this, node, validMs)
  }

  has(id: string, node: number): boolean {
    return this.#seen.get(id, node) >= (this.#floorMs[node] ?? Infinity)
  }

  put(id: string, node: number): boolean {
    if (this.has(id, node)) return true
    const nowMs = this.#nowMs()
    this.#seen.set(id, node, nowMs, nowMs)
    return false
  }

  delete(id: string, node: number): boolean {
    const isKnown = this.has(id, node)
    this.#seen.unset(id, node)
    return isKnown
  }

  prune(node: number, validMs: number): void {
    this.#floorMs[node] = Math.max(this.#floorMs[node] ?? 0, this.#nowMs() - validMs)
  }

  #nowMs(): number {
    return this.#wallMs() - this.#startMs
  }
}

/** The same by the members that the router uses of its own cache. */
class SeenByNode implements RouterIds {
  readonly #all: SeenColumns
  readonly #node: number
  readonly #validMs: number

  constructor(all: SeenColumns, node: number, validMs: number) {
    this.#all = all
    this.#node = node
    this.#validMs = validMs
  }

  /** Known to the metrics of a router alone, and simulated ones have none. */
  get size(): number {
    return 0
  }

  has(id: string): boolean {
    return this.#all.has(id, this.#node)
  }

  put(id: string): boolean {
    return this.#all.put(id, this.#node)
  }

  delete(id: string): boolean {
    return this.#all.delete(id, this.#node)
  }

  prune(): void {
    this.#all.prune(this.#node, this.#validMs)
  }

  /** A router that has ended does not come back, and the next on its node begins anew. */
  clear(): void {}
}
