/**
 * Gives memory back when this process comes to rest. V8 keeps the room that a start or a load took
 * for young objects until it collects all garbage again, and a process that does little may not
 * come to that for many minutes. One collection when the load is over frees it: 15 of 95 MB in a
 * peer that has started, for 30 ms of processor time.
 */
import { Session } from 'node:inspector/promises'
import { getHeapSpaceStatistics } from 'node:v8'
import { messageOf } from '../lib/assert.ts'
import { systemClock, type Cancel, type Clock } from '../lib/clock.ts'
import { processCpuMs } from '../lib/eventLoop.ts'
import type { Logger } from '../lib/log.ts'

const TICK_MS = 5_000
/** A process that had the processor for less than this share of a tick was at rest. */
const REST_SHARE = 0.1
const MIB = 1024 * 1024
/** Less room for young objects is not worth a collection. */
const MIN_YOUNG_BYTES = 4 * MIB
/** A larger heap is left to V8: one collection would hold up the event loop for too long. */
const MAX_OLD_BYTES = 128 * MIB

/** How the process and its heap are looked at. */
export interface RestOptions {
  readonly log: Logger
  readonly clock?: Clock
  /** Time for which this process had a processor, ms; only differences count. */
  readonly cpuMs?: () => number
  readonly heap?: RestHeap
}

/** The heap, bytes. */
export interface RestHeap {
  /** Room that is taken for young objects, used or not. */
  youngBytes(): number
  /** What the other objects take. */
  oldBytes(): number
  /** Collects all garbage, and gives back the room that is free then. */
  collect(): Promise<void>
}

/** Collects garbage once at every end of a load, until the answer is called. One for a process. */
export function giveMemoryBackAtRest(options: RestOptions): Cancel {
  const { log, clock = systemClock, cpuMs = processCpuMs, heap = nodeHeap() } = options
  let [sinceMs, cpuBeforeMs] = [clock.monotonicMs(), cpuMs()]
  // The start is a load.
  let hadLoad = true
  return clock.every(TICK_MS, () => {
    const [nowMs, cpuNowMs] = [clock.monotonicMs(), cpuMs()]
    const isAtRest = cpuNowMs - cpuBeforeMs < REST_SHARE * (nowMs - sinceMs)
    if (!isAtRest) hadLoad = true
    else if (hadLoad && isWorthIt(heap)) {
      hadLoad = false
      heap.collect().catch((error: unknown) => {
        log.debug('no memory was given back', { error: messageOf(error) })
      })
    }
    ;[sinceMs, cpuBeforeMs] = [clock.monotonicMs(), cpuMs()]
  })
}

function isWorthIt(heap: RestHeap): boolean {
  return heap.youngBytes() >= MIN_YOUNG_BYTES && heap.oldBytes() <= MAX_OLD_BYTES
}

/** The heap of this process. */
export function nodeHeap(): RestHeap {
  return {
    youngBytes: () => bytesOf('physical_space_size', (name) => name.startsWith('new_')),
    oldBytes: () => bytesOf('space_used_size', (name) => !name.startsWith('new_')),
    collect: async () => {
      // As `gc()`, which needs a flag and keeps the room.
      const session = new Session()
      session.connect()
      try {
        await session.post('HeapProfiler.collectGarbage')
      } finally {
        session.disconnect()
      }
    },
  }
}

function bytesOf(
  figure: 'physical_space_size' | 'space_used_size',
  isMeant: (space: string) => boolean,
): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name: name }) => isMeant(name))
    .reduce((sum, space) => sum + space[figure], 0)
}
