/**
 * Starts the process that simulates and waits for its report: virtual time needs a process of its
 * own.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Report } from '../measure/report.ts'
import type { PlannedSettings } from '../scenario/networkPlan.ts'
import type { Scenario } from '../scenario/scenarioSchema.ts'
import type { EngineName } from './engines/engineNames.ts'
import { heapFor } from './memory.ts'
import type { SimNotice, SimOrder } from './simMessages.ts'
import type { SimProgress } from './simulation.ts'
import { checkSimulable } from './simulable.ts'
import { checkThreads } from './threads/threadCount.ts'

/** What to simulate, within which bounds, and who hears of it. */
export interface LaunchOptions {
  readonly scenario: Scenario
  readonly engine: EngineName
  /** By which command it was asked for. */
  readonly command: string
  /** Settings of all nodes by their names, which win over those of the scenario. */
  readonly settings?: PlannedSettings
  /** Whether what must hold in every network is checked; not unless given. */
  readonly isChecked?: boolean
  /** How many threads have the nodes; one unless given. */
  readonly threads?: number | undefined
  /** Bytes of memory that it may take; what the machine has left unless given. */
  readonly availableBytes?: number
  readonly onProgress: (progress: SimProgress, wallMs: number) => void
  /** Resolves when the run should end and report what it has. */
  readonly ended?: Promise<void>
}

/**
 * Young objects of a simulation live longer than those of a server: a larger nursery costs memory
 * and saves a tenth.
 */
const SEMI_SPACE_MIB = 64
/**
 * Garbage is collected when the heap has grown by this share over what was in use, per cent. V8's
 * own choice, three times as much where much memory is free, saves a tenth of the time and takes
 * half as much memory again.
 */
const HEAP_GROWTH_PERCENT = 100
const MIB = 1024 * 1024

/** The process of a simulation ended without a report. */
export class LostSimulation extends Error {}

/**
 * Rejects with one clear Error where the simulation cannot run, or does not fit into memory: before
 * it starts.
 */
export async function launchSimulation(options: LaunchOptions): Promise<Report> {
  const { scenario, engine, command, settings = {}, onProgress, ended } = options
  const { isChecked = false } = options
  checkSimulable(scenario, engine, { given: settings })
  const availableBytes = options.availableBytes ?? process.availableMemory()
  const threads = threadsOf(options)
  const heapBytes = heapFor(scenario, engine, availableBytes, threads)
  const child = fork(fileURLToPath(new URL('./main.js', import.meta.url)), [], {
    serialization: 'advanced',
    // Ctrl-C goes to the whole group of the terminal. This process is in another group, because it
    // still has to report: its parent says when to end.
    detached: true,
    execArgv: [
      // The watch over the heap must tell garbage from what is in use.
      '--expose-gc',
      `--max-old-space-size=${Math.round(heapBytes / MIB)}`,
      `--max-semi-space-size=${SEMI_SPACE_MIB}`,
      `--heap-growing-percent=${HEAP_GROWTH_PERCENT}`,
    ],
  })
  const order = (one: SimOrder): void => void child.send(one, () => {})
  void ended?.then(() => order({ order: 'end' }))
  let report: Report | undefined
  return new Promise((resolve, reject) => {
    child.on('message', (message) => {
      const notice = message as SimNotice
      if (notice.notice === 'progress') onProgress(notice.progress, notice.wallMs)
      if (notice.notice === 'report') report = notice.report
      if (notice.notice === 'failed') reject(new Error(notice.message))
    })
    child.once('error', reject)
    // A process that is left behind would keep this one alive until it ends; and at its exit the
    // report may not have been read yet.
    child.once('close', (code, signal) => {
      if (report === undefined) reject(new LostSimulation(endOf(code, signal)))
      else resolve(report)
    })
    const startedAt = new Date().toISOString()
    order({
      order: 'simulate',
      scenario,
      engine,
      command,
      settings,
      startedAt,
      isChecked,
      threads,
    })
  })
}

/** Throws a UserError where threads were asked for that cannot be. */
function threadsOf({ scenario, isChecked, threads = 1 }: LaunchOptions): number {
  checkThreads(threads, { scenario, isChecked })
  return Math.min(threads, scenario.nodes)
}

function endOf(code: number | null, signal: NodeJS.Signals | null): string {
  return `the simulation ended without a report (${signal ?? `exit code ${code}`}): if its memory ran out, simulate fewer nodes`
}
