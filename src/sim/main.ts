/** The process that simulates: it is told a scenario and answers with the report. */
import { virtual } from './install.ts'
import { BY_HAND, RunCut } from '../instrument/runMeasurement.ts'
import { messageOf } from '../lib/assert.ts'
import { planOf, withSettings } from '../scenario/plan.ts'
import { HeapWatch, ownHeap, type HeapAccess } from './heapWatch.ts'
import { MAX_LATER_COPIES } from './record/keptRows.ts'
import { simulate } from './simulate.ts'
import type { Crew } from './threads/crew.ts'
import type { SimNotice, SimOrder } from './simMessages.ts'

/** Between two lines of progress, real ms. */
const TELL_EVERY_MS = 200

let cut: RunCut | undefined

function tell(notice: SimNotice): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(notice, () => resolve())
  })
}

async function run(order: Extract<SimOrder, { order: 'simulate' }>): Promise<void> {
  const { scenario, engine, settings, startedAt, command, isChecked, threads } = order
  let crew: Crew | undefined
  const heap = new HeapWatch(heapOf(ownHeap(), () => crew))
  const startedMs = virtual.real.nowMs()
  let toldMs = startedMs
  const report = await simulate({
    scenario,
    plan: withSettings(planOf(scenario), settings),
    engine,
    virtual,
    asked: { startedAt, command },
    isChecked,
    settings,
    threads,
    cutBecause: ({ observations }, others) => {
      crew = others
      cut ??= cutByShortage(heap, observations.copies.listed(MAX_LATER_COPIES))
      return cut
    },
    onProgress: (progress) => {
      const nowMs = virtual.real.nowMs()
      if (nowMs - toldMs < TELL_EVERY_MS) return
      toldMs = nowMs
      void tell({ notice: 'progress', progress, wallMs: nowMs - startedMs })
    },
  })
  await tell({ notice: 'report', report })
}

/** The heaps of all threads together: they share what the machine has. */
function heapOf(own: HeapAccess, crewOf: () => Crew | undefined): HeapAccess {
  return {
    figures: () => {
      const { usedBytes, limitBytes } = own.figures()
      return { usedBytes: usedBytes + (crewOf()?.usedBytes ?? 0), limitBytes }
    },
    collect: () => {
      own.collect?.()
      crewOf()?.collect()
    },
  }
}

function cutByShortage(heap: HeapWatch, copies: number): RunCut | undefined {
  const shortage = heap.shortage(copies)
  return shortage === undefined ? undefined : new RunCut(`because ${shortage}`)
}

function endByHand(): void {
  cut ??= new RunCut(BY_HAND)
}

function start(order: Extract<SimOrder, { order: 'simulate' }>): void {
  run(order)
    .catch((error: unknown) => tell({ notice: 'failed', message: messageOf(error) }))
    .finally(() => process.exit())
}

process.on('message', (order: SimOrder) => {
  if (order.order === 'end') endByHand()
  else start(order)
})
// Who started this one says when to end. A service manager ends all processes of a service at once:
// what has been is still reported.
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {})
process.on('SIGTERM', endByHand)
process.on('disconnect', () => process.exit(1))
