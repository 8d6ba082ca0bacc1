import type { Pair } from './pair.ts'
import type { Quartiles } from './quartiles.ts'

/** What a figure has to reach; for a paired figure it is the ratio that counts. */
export interface Goal {
  readonly bound: 'at least' | 'below'
  readonly value: number
}

/** One row of the result. */
export interface Figure {
  readonly name: string
  readonly unit: string
  readonly measured: Quartiles
  /** The paired baseline, in the same unit. */
  readonly baseline?: { readonly name: string; readonly measured: Quartiles }
  /** Measured over baseline, pair by pair. */
  readonly ratio?: Quartiles
  readonly goal?: Goal
}

export interface Effort {
  /** Fewer turns, shorter runs: to see that it works, not to quote. */
  readonly quick: boolean
  /**
   * A moment of each: only to see that it ends with figures, which say nothing. Implies `quick`.
   */
  readonly smoke: boolean
  /** The long forms too, minutes of them. */
  readonly full: boolean
  /** No simulation of more nodes than this, and no goals for smaller ones. */
  readonly size?: number
  /** The program of geth, where there is one to be compared with. */
  readonly geth?: string
}

export interface Benchmark {
  readonly name: string
  /** What is compared with what. */
  readonly sentence: string
  /** Without it this benchmark is not among all. */
  readonly needs?: 'geth'
  run(effort: Effort): Promise<readonly Figure[]>
}

/** How often, how long or how many: what fits the effort. */
export function amount(
  { quick, smoke }: Effort,
  amounts: { readonly usual: number; readonly quick: number; readonly smoke?: number },
): number {
  if (smoke) return amounts.smoke ?? 1
  return quick ? amounts.quick : amounts.usual
}

/** A figure of operations per second against a baseline. */
export function pairedFigure(
  name: string,
  pair: Pair,
  baselineName: string,
  rest: { readonly unit?: string; readonly goal?: Goal } = {},
): Figure {
  return {
    name,
    unit: '1/s',
    measured: pair.subjectPerS,
    baseline: { name: baselineName, measured: pair.baselinePerS },
    ratio: pair.ratio,
    ...rest,
  }
}

/** A figure without spread. */
export function plainFigure(name: string, value: number, unit: string, goal?: Goal): Figure {
  const measured = { q1: value, median: value, q3: value }
  return goal === undefined ? { name, unit, measured } : { name, unit, measured, goal }
}

/** Whether the goal is met; `undefined` where there is none. */
export function isMet({ goal, ratio, measured }: Figure): boolean | undefined {
  if (goal === undefined) return undefined
  const value = (ratio ?? measured).median
  return goal.bound === 'at least' ? value >= goal.value : value < goal.value
}
