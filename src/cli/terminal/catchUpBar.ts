import type { Cancel, Clock } from '../../lib/clock.ts'
import type { CatchUpProgress } from '../../sync/catchUp/catchUpRun.ts'
import { bar, clearProgress, isWatched, showProgress } from './output.ts'

const INTERVAL_MS = 200
/** Before that, what is left cannot be told from what has been done. */
const SETTLED_MS = 2_000

/** For the person at the terminal: a bar while the node catches up, nothing before and after. */
export function showCatchUp(clock: Clock, read: () => CatchUpProgress | undefined): Cancel {
  if (!isWatched()) return () => {}
  let began: { readonly atMs: number; readonly block: bigint } | undefined
  const cancel = clock.every(INTERVAL_MS, () => {
    const progress = read()
    if (progress === undefined) {
      if (began !== undefined) clearProgress()
      began = undefined
      return
    }
    began ??= { atMs: clock.monotonicMs(), block: progress.currentBlock }
    const done = Number(progress.currentBlock - began.block)
    showProgress(catchUpLine(progress, done, clock.monotonicMs() - began.atMs))
  })
  return () => {
    cancel()
    clearProgress()
  }
}

/** @param done blocks in the last `ms`. */
export function catchUpLine(
  { startingBlock, currentBlock, highestBlock }: CatchUpProgress,
  done: number,
  ms: number,
): string {
  const [at, all] = [Number(currentBlock - startingBlock), Number(highestBlock - startingBlock)]
  const where = `catching up ${bar(at, all)}  block ${currentBlock} of ${highestBlock}`
  if (ms < SETTLED_MS || done === 0) return where
  const perS = (done * 1000) / ms
  const leftS = Math.ceil(Number(highestBlock - currentBlock) / perS)
  return `${where}, ${Math.round(perS)} a second, ${duration(leftS)} left`
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.ceil(seconds / 60)} min`
  return `${Math.ceil(seconds / 3_600)} h`
}
