/**
 * Foresees that the heap of a simulation runs out: V8 ends a process whose heap is full, and all
 * that was simulated would be lost. A run that would come to that ends before it, and reports what
 * it has.
 */
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8'

/** The share of the heap up to which a simulation goes on. */
const MAX_SHARE = 0.9
/**
 * The least by which the heap must have grown since garbage was collected in vain, as a share,
 * before it is tried again.
 */
const RETRY_SHARE = 0.02
/**
 * What one copy that is kept takes while the report is made of it, bytes (x86-64, Node 20). Nodes
 * are let go before that, so that their memory is free for it.
 */
export const REPORT_BYTES_PER_COPY = 480
const MIB = 1024 * 1024

/** The heap as V8 tells it, bytes. */
export interface HeapFigures {
  /** Garbage that has not been collected yet is part of it. */
  readonly usedBytes: number
  readonly limitBytes: number
}

/** How the heap is looked at. */
export interface HeapAccess {
  figures(): HeapFigures
  /** Collects all garbage; absent where the process may not. */
  readonly collect?: () => void
}

/**
 * The flag that bounds what outlives its youth, MiB; V8's own limit counts room for the young
 * beside it.
 */
const OLD_SPACE_FLAG = /^--max-old-space-size=(\d+)$/

/**
 * The heap of this process, less its young objects: a process ends when the others have no room,
 * and long before that it does little else than to collect garbage.
 */
export function ownHeap(): HeapAccess {
  const collect = globalThis.gc
  const limitBytes = oldSpaceLimitBytes()
  return {
    figures: () => ({ usedBytes: oldSpaceUsedBytes(), limitBytes }),
    ...(collect !== undefined && { collect: () => collect() }),
  }
}

function oldSpaceLimitBytes(): number {
  const given = process.execArgv.flatMap((flag) => OLD_SPACE_FLAG.exec(flag)?.[1] ?? []).at(-1)
  return given === undefined ? getHeapStatistics().heap_size_limit : Number(given) * MIB
}

function oldSpaceUsedBytes(): number {
  return getHeapSpaceStatistics().reduce(
    (sum, { space_name: name, space_used_size: bytes }) =>
      name.startsWith('new_') ? sum : sum + bytes,
    0,
  )
}

/** Looks at the heap now and then. */
export class HeapWatch {
  readonly #heap: HeapAccess
  /** Below this nothing is looked into: the last look found the heap full of garbage. */
  #quietBytes = 0

  constructor(heap: HeapAccess) {
    this.#heap = heap
  }

  /**
   * Why the run should end now, one clause; `undefined` while there is room. `copies` are those
   * that a report would list.
   */
  shortage(copies: number): string | undefined {
    const { usedBytes, limitBytes } = this.#heap.figures()
    const allowedBytes = MAX_SHARE * limitBytes
    if (copies * REPORT_BYTES_PER_COPY > allowedBytes)
      return `its report would fill its heap of ${Math.round(limitBytes / MIB)} MiB`
    if (usedBytes < Math.max(allowedBytes, this.#quietBytes)) return undefined
    this.#heap.collect?.()
    const liveBytes = this.#heap.figures().usedBytes
    this.#quietBytes = liveBytes + RETRY_SHARE * limitBytes
    if (liveBytes < allowedBytes) return undefined
    return `its heap of ${Math.round(limitBytes / MIB)} MiB was nearly full`
  }
}
