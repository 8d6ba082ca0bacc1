/**
 * Reports of runs that were made before, so that an experiment that was interrupted goes on where
 * it stopped.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { scenarioRecord } from '../../instrument/scenarioRun.ts'
import { shortfallsOf } from '../../measure/outcome.ts'
import type { Report } from '../../measure/report.ts'
import type { ScenarioRecord } from '../../measure/scenarioRecord.ts'
import { UserError } from '../../lib/userError.ts'
import { readReportFile } from './reportFiles.ts'
import type { PlannedScenario } from '../../instrument/scenarioFile.ts'

const REAL = 'real'

/** What a saved report must be of, to stand for a run. */
export interface WantedRun {
  readonly scenario: ScenarioRecord | null
  readonly nodes: number
  readonly ratePerS: number
  /** The engine that simulates it, or `real`, which it is unless told. */
  readonly carrier?: string
}

/** The run that a scenario asks for, to find its report by. */
export function wantedScenario({ scenario, plan }: PlannedScenario): WantedRun {
  return {
    scenario: scenarioRecord(scenario, plan),
    nodes: scenario.nodes,
    ratePerS: scenario.workload.transactionsPerS,
  }
}

/**
 * The report of this run in a directory; `undefined` without one, and for a run that was ended by
 * hand, which is made again. Throws a UserError where the directory holds the report of another
 * run.
 */
export async function savedRun(
  dir: string | undefined,
  wanted: WantedRun,
): Promise<Report | undefined> {
  if (dir === undefined) return undefined
  const file = join(dir, 'report.json')
  if (!existsSync(file)) return undefined
  const report = await readReportFile(file)
  const carrier = report.simulation?.engine ?? REAL
  if (identityOf({ ...report, carrier }) !== identityOf(wanted))
    throw new UserError(
      `${file} is the report of another run: choose another --report-dir, or remove it`,
    )
  return isInterrupted(report) ? undefined : report
}

/** Whether the run was ended before its time: by hand, or because its memory was full. */
export function isInterrupted(report: Report): boolean {
  return interruptionOf(report) !== undefined || report.simulation?.isCut === true
}

/**
 * Why a run was ended before its time, one sentence without a full stop; `undefined` if it was not.
 */
export function interruptionOf(report: Report): string | undefined {
  return shortfallsOf(report).find(({ kind }) => kind === 'interrupted')?.text
}

function identityOf({ scenario, nodes, ratePerS, carrier = REAL }: WantedRun): string {
  const { definition = null, seed = null } = scenario ?? {}
  return JSON.stringify([definition, seed, nodes, ratePerS, carrier])
}
