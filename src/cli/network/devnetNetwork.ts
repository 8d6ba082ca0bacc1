/** The network of a command: started, used, ended whatever happens. */
import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startDevnet, type Devnet, type DevnetOptions } from '../../devnet/devnet.ts'
import { slowdown } from '../../devnet/loadPatience.ts'
import { meshesFormed } from '../../devnet/meshesFormed.ts'
import { loadPerCore } from '../../lib/machineClock.ts'
import { sharedEnvironmentSettings } from '../../node/settings/resolvedSettings.ts'
import { messageOf } from '../../lib/assert.ts'
import { systemClock } from '../../lib/clock.ts'
import { endsWithin } from '../../lib/deadline.ts'
import { makeDirectory } from '../../lib/files/makeDirectory.ts'
import { UserError } from '../../lib/userError.ts'
import { fundedAccounts } from '../options/accounts.ts'
import { dashboardPeerSettings, withDashboard } from './dashboard.ts'
import { DEVNET_DEFAULTS, sharedProcesses, type DevnetFlags } from './devnetFlags.ts'
import { makeTemporaryFolder } from '../../devnet/temporaryFolder.ts'
import { untilStopRequested } from '../terminal/lifetime.ts'
import { bar, clearProgress, showProgress } from '../terminal/output.ts'
import type { ScenarioPlan } from '../../scenario/plan.ts'
import type { PlannedScenario } from '../../instrument/scenarioFile.ts'

/** What who uses a network is told besides. */
export interface NetworkUse {
  /** Resolves when the user wants it to end. */
  readonly ended: Promise<void>
  /** Aborted then: what is under way comes to its end soon, or is cut off. */
  readonly signal: AbortSignal
  readonly dashboardUrl: string | undefined
}

/** What is done with a network while it runs. */
export type UseNetwork = (devnet: Devnet, use: NetworkUse) => Promise<void>

/**
 * Who is asked to end has so long for the report of what has been, on a machine that does nothing
 * else.
 */
const LAST_REPORT_MS = 20_000

/**
 * Runs `use` on a network and ends the network whatever happens, also when asked to end in the
 * middle. Asked before the network is ready, it does not come to `use`.
 */
export async function withDevnet(
  flags: DevnetFlags,
  planned: PlannedScenario | undefined,
  use: UseNetwork,
): Promise<void> {
  const dir = flags.dir === undefined ? makeTemporaryFolder() : directoryOf(flags.dir)
  const abort = new AbortController()
  const ended = untilStopRequested().then(() => abort.abort())
  try {
    const devnet = await start(flags, planned, dir, abort.signal)
    try {
      await withDashboard(devnet, flags, async (dashboardUrl) => {
        showUnlessJson(flags, 'waiting for the meshes to form')
        await meshesFormed(devnet)
        clearProgress()
        if (abort.signal.aborted) return
        const using = use(devnet, { ended, signal: abort.signal, dashboardUrl })
        const isOver = ended.then(() =>
          endsWithin(systemClock, LAST_REPORT_MS * slowdown(loadPerCore()), using),
        )
        await Promise.race([using, isOver])
      })
    } finally {
      clearProgress()
      await devnet.stop()
    }
  } catch (error) {
    if (!abort.signal.aborted) throw error
  } finally {
    if (flags.dir === undefined) rmSync(dir, { recursive: true, force: true })
  }
}

/**
 * A scenario always has a seed; without one, the keys of the peers are new unless a seed is given.
 */
function keySeedOf(
  { seed }: DevnetFlags,
  planned: PlannedScenario | undefined,
): { readonly keySeed?: number } {
  const keySeed = planned?.scenario.seed ?? seed
  return keySeed === undefined ? {} : { keySeed }
}

function start(
  flags: DevnetFlags,
  planned: PlannedScenario | undefined,
  dir: string,
  signal: AbortSignal,
): Promise<Devnet> {
  const { nodes = DEVNET_DEFAULTS.nodes, period: periodS = DEVNET_DEFAULTS.period } = flags
  const network = planned === undefined ? { nodes, periodS } : scenarioNetwork(planned.plan)
  const processes = sharedProcesses(flags, network.nodes, planned?.plan.network.processes)
  const said = (ready: number): void =>
    showUnlessJson(flags, `starting ${network.nodes} peers ${bar(ready, network.nodes)}`)
  said(0)
  return startDevnet({
    ...network,
    ...(processes !== undefined && { processes }),
    program: fileURLToPath(new URL('../main.js', import.meta.url)),
    chainId: flags.chainId,
    funded: fundedAccounts(flags),
    ...keySeedOf(flags, planned),
    dir,
    defaults: sharedEnvironmentSettings(),
    settings: {
      ...(flags.logLevel !== undefined && { logLevel: flags.logLevel }),
      ...(flags.admin && { admin: true }),
      ...dashboardPeerSettings(flags),
      ...flags.set,
    },
    clock: systemClock,
    signal,
    onPeer: said,
  })
}

/** The network that a scenario runs on. */
function scenarioNetwork(
  plan: ScenarioPlan,
): Pick<DevnetOptions, 'nodes' | 'late' | 'signers' | 'periodS' | 'gasLimit' | 'senders' | 'plan'> {
  const { network, chain, lateNodes, senders } = plan
  return { nodes: network.nodes.length, late: lateNodes, senders, plan: network, ...chain }
}

function directoryOf(dir: string): string {
  try {
    makeDirectory(resolve(dir))
    return resolve(dir)
  } catch (error) {
    throw new UserError(`--dir: cannot use ${dir}: ${messageOf(error)}`)
  }
}

function showUnlessJson({ json }: DevnetFlags, line: string): void {
  if (!json) showProgress(line)
}
