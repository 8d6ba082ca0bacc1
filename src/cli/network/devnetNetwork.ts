/** The network of a command: started, used, ended whatever happens. */
import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { meshesFormed, startDevnet, type Devnet, type DevnetOptions } from '../../devnet/devnet.ts'
import { messageOf } from '../../lib/assert.ts'
import { systemClock } from '../../lib/clock.ts'
import { makeDirectory } from '../../lib/makeDirectory.ts'
import { UserError } from '../../lib/userError.ts'
import { fundedAccounts } from '../accounts.ts'
import { dashboardPeerFlags, withDashboard } from './dashboard.ts'
import { DEVNET_DEFAULTS, sharedProcesses, type DevnetFlags } from './devnetFlags.ts'
import { makeTemporaryFolder } from './temporaryFolder.ts'
import { untilAskedToEnd } from '../terminal/lifetime.ts'
import { bar, clearProgress, showProgress } from '../terminal/output.ts'
import type { ScenarioPlan } from '../../scenario/plan.ts'
import type { PlannedScenario } from './scenario.ts'

export type UseNetwork = (
  devnet: Devnet,
  ended: Promise<void>,
  dashboardUrl?: string,
) => Promise<void>

/** Runs `use` on a network and ends the network whatever happens, also when asked to end in the middle. */
export async function withDevnet(
  flags: DevnetFlags,
  planned: PlannedScenario | undefined,
  use: UseNetwork,
): Promise<void> {
  const dir = flags.dir === undefined ? makeTemporaryFolder() : directoryOf(flags.dir)
  const abort = new AbortController()
  const ended = untilAskedToEnd().then(() => abort.abort())
  try {
    const devnet = await start(flags, planned, dir, abort.signal)
    try {
      await withDashboard(devnet, flags, async (dashboardUrl) => {
        showUnlessJson(flags, 'waiting for the meshes to form')
        await meshesFormed(devnet)
        clearProgress()
        await Promise.race([use(devnet, ended, dashboardUrl), ended])
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

/** A scenario always has a seed; without one, the keys of the peers are new unless a seed is given. */
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
  const processes = sharedProcesses(flags, network.nodes)
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
    flags: [
      '--log-level',
      flags.logLevel,
      ...(flags.admin ? ['--admin'] : []),
      ...dashboardPeerFlags(flags),
    ],
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
