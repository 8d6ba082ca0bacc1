import type { RealLoop } from './virtualTime.ts'

/** After so long the process looks at its signals and messages, real ms. */
const SLICE_MS = 25

/**
 * Does something again and again; between slices of wall time the loop does what it has. It begins
 * with the loop's next turn, so that a module may ask for it while it is evaluated.
 */
export function inSlices({ nowMs, setImmediate }: RealLoop, turn: () => void): void {
  const slice = (): void => {
    const endMs = nowMs() + SLICE_MS
    do turn()
    while (nowMs() < endMs)
    setImmediate(slice)
  }
  setImmediate(slice)
}
