/**
 * The clocks of a network from what pairs of them say of each other.
 *
 * A sample says that clock `to` is ahead of clock `from` by `offsetMs`, off by at most `errorMs`.
 * From an exchange of messages that holds whatever the two delays were: the truth lies within half
 * of the round trip (RFC 5905, section 8).
 *
 * Estimate: weighted least squares over the graph of pairs, each weighted by 1 / error^2, the
 * reference at 0. It is the best guess where delays are about the same both ways.
 *
 * Bound: not from the least squares, whose covariance bounds nothing when delays differ by
 * direction. Every sample is a pair of constraints x_to - x_from <= offset + error and x_from -
 * x_to <= error - offset. The shortest paths over these constraints are the tightest limits that
 * the samples imply for the difference of any two clocks, those without a sample of their own
 * included (Halpern, Megiddo, Munshi: Optimal Precision in the Presence of Uncertainty, 1985). The
 * error of a difference is how far the estimate is from the farther of its two limits: the truth is
 * never farther as long as the samples hold.
 */

/** One comparison of two clocks, by their numbers. */
export interface ClockOffset {
  readonly from: number
  readonly to: number
  /** Clock `to` minus clock `from`, ms. */
  readonly offsetMs: number
  /** Half of the width of the interval around it, ms. */
  readonly errorMs: number
}

/** The offsets of all clocks, and how far they may be wrong. */
export interface ClockSolution {
  /**
   * Each clock minus the reference, ms; `undefined` where no samples lead from the reference to it.
   */
  readonly offsetsMs: readonly (number | undefined)[]
  /**
   * Bound on the error of the difference of two clocks, ms; Infinity if nothing leads from one to
   * the other.
   */
  readonly errorMs: (a: number, b: number) => number
  /**
   * How far a sample is from the solution at most, ms: what the samples disagree by among
   * themselves.
   */
  readonly residualMs: number
}

/**
 * Below it a sample would weigh without bound, ms: no clock is read better than to a microsecond.
 */
const LEAST_ERROR_MS = 0.001

/**
 * Solves `clocks` clocks, numbered from 0. Cubic in their number: a second for a thousand of them.
 */
export function solveClocks(
  clocks: number,
  samples: readonly ClockOffset[],
  reference: number,
): ClockSolution {
  const usable = samples.filter(({ from, to }) => from !== to)
  const limits = shortestPaths(clocks, usable)
  const limit = (a: number, b: number): number => limits[a * clocks + b] ?? Infinity
  const isSolved = Array.from({ length: clocks }, (_, at) => Number.isFinite(limit(reference, at)))
  const estimates = leastSquares(isSolved, usable, reference)
  const offsetsMs = estimates.map((offset, at) => (isSolved[at] ? offset : undefined))
  return {
    offsetsMs,
    errorMs: (a, b) => {
      if (a === b) return 0
      const [one, other] = [offsetsMs[a], offsetsMs[b]]
      if (one === undefined || other === undefined) return Infinity
      return Math.max(Math.abs(limit(a, b) - (other - one)), Math.abs(limit(b, a) - (one - other)))
    },
    residualMs: usable.reduce((most, { from, to, offsetMs }) => {
      const [one, other] = [offsetsMs[from], offsetsMs[to]]
      if (one === undefined || other === undefined) return most
      return Math.max(most, Math.abs(other - one - offsetMs))
    }, 0),
  }
}

/**
 * By `a * clocks + b`, the most that clock b can be ahead of clock a (Floyd-Warshall). Samples that
 * contradict each other make a circle of negative length; the diagonal stays 0 then, and the limits
 * around it are not to be relied on.
 */
function shortestPaths(clocks: number, samples: readonly ClockOffset[]): Float64Array {
  const most = new Float64Array(clocks * clocks).fill(Infinity)
  const tighten = (a: number, b: number, ms: number): void => {
    most[a * clocks + b] = Math.min(most[a * clocks + b] as number, ms)
  }
  for (let at = 0; at < clocks; at++) tighten(at, at, 0)
  for (const { from, to, offsetMs, errorMs } of samples) {
    tighten(from, to, offsetMs + errorMs)
    tighten(to, from, errorMs - offsetMs)
  }
  for (let via = 0; via < clocks; via++)
    for (let a = 0; a < clocks; a++) relax(most, clocks, a, via)
  return most
}

function relax(most: Float64Array, clocks: number, a: number, via: number): void {
  const first = most[a * clocks + via] as number
  if (first === Infinity || a === via) return
  for (let b = 0; b < clocks; b++) {
    const ms = first + (most[via * clocks + b] as number)
    if (a !== b && ms < (most[a * clocks + b] as number)) most[a * clocks + b] = ms
  }
}

/** The weighted least squares of the solved clocks, the reference at 0; 0 for the others. */
function leastSquares(
  isSolved: readonly boolean[],
  samples: readonly ClockOffset[],
  reference: number,
): number[] {
  const unknowns = isSolved.flatMap((solved, at) => (solved && at !== reference ? [at] : []))
  const rowOf = new Map(unknowns.map((clock, row) => [clock, row]))
  const matrix = unknowns.map(() => new Float64Array(unknowns.length + 1))
  const add = (row: number | undefined, column: number | undefined, value: number): void => {
    const cells = row === undefined ? undefined : matrix[row]
    if (cells !== undefined && column !== undefined) cells[column] = (cells[column] ?? 0) + value
  }
  const right = unknowns.length
  for (const { from, to, offsetMs, errorMs } of samples) {
    const weight = 1 / Math.max(errorMs, LEAST_ERROR_MS) ** 2
    const [a, b] = [rowOf.get(from), rowOf.get(to)]
    add(a, a, weight)
    add(b, b, weight)
    add(a, b, -weight)
    add(b, a, -weight)
    add(a, right, -weight * offsetMs)
    add(b, right, weight * offsetMs)
  }
  const solution = eliminated(matrix)
  return isSolved.map((_, clock) => solution[rowOf.get(clock) ?? -1] ?? 0)
}

/**
 * Solves a positive definite system in place, the right side in its last column (Gauss; needs no
 * pivots then).
 */
function eliminated(matrix: readonly Float64Array[]): number[] {
  const size = matrix.length
  for (const [at, pivot] of matrix.entries())
    for (const row of matrix.slice(at + 1)) {
      const factor = (row[at] as number) / (pivot[at] as number)
      if (factor === 0) continue
      for (let column = at; column <= size; column++)
        row[column] = (row[column] as number) - factor * (pivot[column] as number)
    }
  const values = matrix.map(() => 0)
  for (let at = size - 1; at >= 0; at--) {
    const row = matrix[at] as Float64Array
    let rest = row[size] as number
    for (let column = at + 1; column < size; column++)
      rest -= (row[column] as number) * (values[column] as number)
    values[at] = rest / (row[at] as number)
  }
  return values
}
