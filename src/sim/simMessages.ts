/** What the process that simulates and the one that started it say to each other. */
import type { Report } from '../measure/report.ts'
import type { PlannedSettings } from '../scenario/networkPlan.ts'
import type { Scenario } from '../scenario/scenarioSchema.ts'
import type { EngineName } from './engines/engineNames.ts'
import type { SimProgress } from './simulation.ts'

/** What the process that simulates is told. */
export type SimOrder =
  | {
      readonly order: 'simulate'
      readonly scenario: Scenario
      readonly engine: EngineName
      /** Of all nodes; they win over those of the scenario. */
      readonly settings: PlannedSettings
      /** RFC 3339. */
      readonly startedAt: string
      readonly command: string
      readonly isChecked: boolean
      /** How many have the nodes. */
      readonly threads: number
    }
  /** Report what has been simulated until now. */
  | { readonly order: 'end' }

/** What it answers. */
export type SimNotice =
  | { readonly notice: 'progress'; readonly progress: SimProgress; readonly wallMs: number }
  | { readonly notice: 'report'; readonly report: Report }
  | { readonly notice: 'failed'; readonly message: string }
