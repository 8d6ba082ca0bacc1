/** `grapevine measure --simulate`: the same measurement under virtual time. */
import { UserError } from '../../lib/userError.ts'
import type { Report } from '../../measure/report.ts'
import { parseScenario } from '../../scenario/parseScenario.ts'
import { planOf } from '../../scenario/plan.ts'
import type { Scenario } from '../../scenario/scenarioSchema.ts'
import { bar, showProgress } from '../terminal/output.ts'
import { CHANGE_OPTIONS, DEVNET_DEFAULTS, type DevnetFlags } from './devnetFlags.ts'
import { simulateUntilEnded } from './simulateUntilEnded.ts'
import type { PlannedScenario } from '../../instrument/scenarioFile.ts'

/** Simulates a scenario with the settings of the flags, as {@link simulateUntilEnded} does. */
export async function measureSimulated(
  scenario: Scenario,
  { engine = 'node', threads, json, set }: DevnetFlags,
): Promise<Report | undefined> {
  if (!json) showProgress(`simulating ${scenario.nodes} nodes`)
  return simulateUntilEnded({
    scenario,
    engine,
    threads,
    ...(set && { settings: set }),
    onProgress: ({ phase, virtualMs, endMs }, wallMs) => {
      const times = `${seconds(virtualMs)} of ${seconds(endMs)} s virtual, ${seconds(wallMs)} s real`
      if (!json) showProgress(`simulating ${bar(virtualMs, endMs)} ${phase}, ${times}`)
    },
  })
}

/**
 * A scenario of nothing but what the flags say: so many transactions at a rate, without a warm-up.
 */
export function steadyScenario(flags: DevnetFlags & { readonly txs: number }): PlannedScenario {
  const { nodes, rate, size, period } = DEVNET_DEFAULTS
  const { rate: transactionsPerS = rate, txs } = flags
  const { scenario, problems } = parseScenario(
    JSON.stringify({
      name: 'measure',
      shows: 'A steady load, as the options say.',
      workload: {
        dataBytes: flags.size ?? flags.dataBytes ?? size,
        blocks: { periodS: flags.period ?? period },
      },
      warmupS: 0,
    }),
    {
      nodes: flags.nodes ?? nodes,
      ...(flags.seed !== undefined && { seed: flags.seed }),
      transactionsPerS,
      // Half a gap less than all gaps: so many are due, whatever the rounding.
      durationS: (txs - 0.5) / transactionsPerS,
    },
    { ...CHANGE_OPTIONS, durationS: '--txs over --rate, seconds' },
  )
  if (scenario === undefined)
    throw new UserError(problems.map((problem) => problem.replace(/^line 1: /, '')).join('; '))
  return { scenario, plan: planOf(scenario) }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}
