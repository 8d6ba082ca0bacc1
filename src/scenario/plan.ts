/**
 * The whole plan of a run: pure, so that the same scenario and seed give the same one everywhere.
 */
import { uptimeOf } from './downtime.ts'
import type { TimedFault } from './fault.ts'
import { lateNodes, timesOf } from './faultTimes.ts'
import type { NetworkPlan, PlannedSettings } from './networkPlan.ts'
import { placementOf } from './placement.ts'
import { planFaults } from './planFaults.ts'
import { gasLimitOf, planLoad, type TxPlan } from './planLoad.ts'
import { planNetwork } from './planNetwork.ts'
import type { ScenarioQuestion, TimedQuestion } from './questions.ts'
import type { GeoPoint } from './regions/regionTable.ts'
import type { Scenario } from './scenarioSchema.ts'

/** All that a scenario comes to: network, load, faults and chain. */
export interface ScenarioPlan {
  readonly seed: number
  readonly network: NetworkPlan
  /** Of the nodes, the last so many that come in by a fault of kind join. */
  readonly lateNodes: number
  /** Where the regions are, by name; those without a place left out. */
  readonly places: Readonly<Record<string, GeoPoint>>
  readonly chain: ChainPlan
  /** Accounts that sign. */
  readonly senders: number
  readonly load: readonly TxPlan[]
  readonly faults: readonly TimedFault[]
  readonly questions: readonly TimedQuestion[]
  readonly warmupMs: number
  readonly durationMs: number
}

/** What the chain of a run needs: its block period, signers and gas limit. */
export interface ChainPlan {
  readonly periodS: number
  readonly signers: number
  readonly gasLimit: number
}

/** Needs a scenario that was parsed: one whose parts fit together. */
export function planOf(scenario: Scenario): ScenarioPlan {
  const placement = placementOf(scenario)
  const network = planNetwork(scenario, placement)
  const faults = planFaults(scenario, network, placement)
  const late = lateNodes(scenario)
  const load = planLoad(scenario, placement, uptimeOf(scenario.nodes, late, faults))
  const { periodS, signers } = scenario.workload.blocks
  const places = (placement.table?.regions ?? []).flatMap(({ name, place }) =>
    place === undefined ? [] : [[name, place] as const],
  )
  return {
    seed: scenario.seed,
    network,
    lateNodes: late,
    places: Object.fromEntries(places),
    chain: {
      periodS,
      signers: Math.min(signers, scenario.nodes - late),
      gasLimit: gasLimitOf(scenario, load),
    },
    senders: 1 + load.reduce((most, { sender }) => Math.max(most, sender), 0),
    load,
    faults,
    questions: planQuestions(scenario),
    warmupMs: scenario.warmupS * 1000,
    durationMs: scenario.durationS * 1000,
  }
}

/** The same plan with these settings of every node, which win over those of the scenario. */
export function withSettings(plan: ScenarioPlan, settings: PlannedSettings): ScenarioPlan {
  const { network } = plan
  const nodes = network.nodes.map((node) => ({
    ...node,
    settings: { ...node.settings, ...settings },
  }))
  return { ...plan, network: { ...network, nodes } }
}

/** All questions in order of time. */
function planQuestions({ questions, durationS }: Scenario): TimedQuestion[] {
  return questions
    .flatMap((question) =>
      timesOf(question, durationS).map((atMs) => ({ atMs, ...asked(question) })),
    )
    .toSorted((a, b) => a.atMs - b.atMs)
}

function asked({ ask, find = '', node, within }: ScenarioQuestion): Omit<TimedQuestion, 'atMs'> {
  const limit = within === undefined ? {} : { within }
  return ask === undefined
    ? { kind: 'find', words: find, node, ...limit }
    : { kind: 'ask', words: ask, node, ...limit }
}
