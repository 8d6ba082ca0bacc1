/** One measurement of a network of our own. */
import { scenarioRunOptions } from '../../instrument/scenarioRun.ts'
import { runMeasurement, type Progress, type RunOptions } from '../../instrument/runMeasurement.ts'
import type { PlannedScenario } from '../../instrument/scenarioFile.ts'
import { steadyLoad } from '../../instrument/steadyLoad.ts'
import type { Devnet } from '../../devnet/devnet.ts'
import type { Report } from '../../measure/report.ts'
import { ownCommand } from '../ownCommand.ts'
import { bar, clearProgress, say, showProgress } from '../terminal/output.ts'
import { DEVNET_DEFAULTS, type DevnetFlags } from './devnetFlags.ts'

/** Transactions of a load that is made from flags, unless told. */
export const DEFAULT_TXS = 300

/** What is measured of a network, and until when. */
export interface PlannedRun {
  readonly planned: PlannedScenario | undefined
  /** Aborting ends the run before its time, with the report of what has been. */
  readonly signal: AbortSignal
}

/** Loads a network as the scenario or the flags say, and makes the report. */
export async function measureDevnet(
  devnet: Devnet,
  flags: DevnetFlags,
  { planned, signal }: PlannedRun,
): Promise<Report> {
  if (!flags.json) say(`${devnet.peers.length} peers are up and their meshes have formed`)
  const experiment =
    planned === undefined
      ? steadyExperiment(devnet, flags)
      : scenarioRunOptions(planned.scenario, planned.plan)
  const privateKeys = devnet.accounts.map(({ privateKey }) => privateKey)
  const measured = experiment.load.filter(({ atMs }) => atMs >= 0).length
  const onProgress = flags.json
    ? () => {}
    : (progress: Progress) => showProgress(progressLine(progress, measured))
  const report = await runMeasurement(devnet.port, {
    ...experiment,
    privateKeys,
    signal,
    command: ownCommand(),
    onProgress,
  })
  clearProgress()
  return report
}

/** A load by flags alone. */
function steadyExperiment(
  devnet: Devnet,
  flags: DevnetFlags,
): Omit<RunOptions, 'privateKeys' | 'command' | 'onProgress'> {
  const { txs: count = DEFAULT_TXS, rate: ratePerS = DEVNET_DEFAULTS.rate } = flags
  const load = steadyLoad({
    count,
    ratePerS,
    dataBytes: flags.size ?? flags.dataBytes ?? DEVNET_DEFAULTS.size,
    senders: devnet.accounts.length,
    targets: devnet.peers.length,
  })
  return { load, ratePerS }
}

function progressLine({ phase, submitted, included, head }: Progress, txs: number): string {
  return `${phase} ${bar(submitted + included, 2 * txs)} ${submitted}/${txs} submitted, ${included} in blocks, head ${head}`
}
