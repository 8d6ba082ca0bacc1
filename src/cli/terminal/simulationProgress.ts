/** How far a simulation has come, for the person who waits. */
import type { SimProgress } from '../../sim/simulation.ts'
import { bar, isWatched, say, showProgress } from './output.ts'

/**
 * Where nobody watches a bar, a line for each phase and now and then: in a log, a line a second
 * would bury the rest.
 */
const LINE_EVERY_MS = 5_000

/** On a terminal a bar, elsewhere plain lines on standard error. */
export class SimulationProgress {
  #saidMs = 0
  #saidPhase: SimProgress['phase'] | undefined

  starting(nodes: number): void {
    showProgress(`starting ${nodes} nodes`)
  }

  at(progress: SimProgress, wallMs: number): void {
    const line = progressLine(progress, wallMs)
    if (isWatched()) {
      showProgress(`${bar(progress.virtualMs, progress.endMs)}  ${line}`)
      return
    }
    if (progress.phase === this.#saidPhase && wallMs - this.#saidMs < LINE_EVERY_MS) return
    this.#saidMs = wallMs
    this.#saidPhase = progress.phase
    say(`${percent(progress)} %  ${line}`)
  }
}

/** `submitting  12.3 of 31.5 s virtual, 8 s real, 310,000 events/s, about 12 s left` */
export function progressLine(progress: SimProgress, wallMs: number): string {
  const { phase, virtualMs, endMs, events } = progress
  const perS = Math.round(events / Math.max(0.001, wallMs / 1000)).toLocaleString('en')
  const leftS = Math.ceil((((endMs - virtualMs) / Math.max(1, virtualMs)) * wallMs) / 1000)
  const left = leftS > 0 ? `, about ${leftS} s left` : ''
  return `${phase}  ${seconds(virtualMs)} of ${seconds(endMs)} s virtual, ${Math.round(wallMs / 1000)} s real, ${perS} events/s${left}`
}

function percent({ virtualMs, endMs }: SimProgress): number {
  return Math.min(100, Math.round((100 * virtualMs) / Math.max(1, endMs)))
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}
