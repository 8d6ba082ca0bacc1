/** The runs of an experiment in their order, and how a batch of machines divides them. */
import type { ExperimentCase } from './experiment.ts'

/** One run of an experiment. */
export interface ExperimentRun {
  readonly one: ExperimentCase
  /** Position of the case in the experiment. */
  readonly caseIndex: number
  /** Which run of the case it is, from 0. */
  readonly round: number
}

/** A part of the runs: the `index`th of `count`, from 1. */
export interface Shard {
  readonly index: number
  readonly count: number
}

/** More parts than any experiment has runs. */
const MAX_SHARDS = 10_000

/**
 * Round by round all cases, so that an early end has something of every case. `casesOf` answers
 * those of a round.
 */
export function experimentRuns(
  rounds: number,
  casesOf: (round: number) => readonly ExperimentCase[],
): ExperimentRun[] {
  return Array.from({ length: rounds }, (_, round) => round).flatMap((round) =>
    casesOf(round).map((one, caseIndex) => ({ one, caseIndex, round })),
  )
}

/** The runs of a part: every run is in exactly one, and parts differ by one run at most. */
export function runsOfShard<T>(runs: readonly T[], { index, count }: Shard): T[] {
  return runs.filter((_run, at) => at % count === index - 1)
}

/** Reads `2/5`. Throws an Error that says what was expected. */
export function readShard(text: string): Shard {
  const [, index = 0, count = 0] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).map(Number)
  if (index < 1 || index > count || count > MAX_SHARDS)
    throw new Error(
      `expected the part and how many there are, from 1/1 to ${MAX_SHARDS}/${MAX_SHARDS}, such as 2/5`,
    )
  return { index, count }
}
