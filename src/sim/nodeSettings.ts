/** The settings of simulated nodes, checked as those of real ones are. */
import { completeSettings, settingsForAll } from '../node/settings/givenSettings.ts'
import type { Settings } from '../node/settings/settings.ts'
import { shownSettings } from '../node/settings/shownSettings.ts'
import { routerSetting, type RouterSetting } from '../peer/routerSetting.ts'
import type { NodePlan } from '../scenario/networkPlan.ts'

/** How one node is set. */
export interface NodeSetup {
  readonly settings: Settings
  readonly router: RouterSetting
}

const shown = new WeakMap<Settings, ReturnType<typeof shownSettings>>()

/** What may be told of settings: one object for all nodes that are set alike. */
export function shownOnce(settings: Settings): ReturnType<typeof shownSettings> {
  const known = shown.get(settings)
  if (known !== undefined) return known
  const made = shownSettings(settings)
  shown.set(settings, made)
  return made
}

/** Answers the setup of each node; nodes that are set alike share one. */
export function nodeSetups(): (node: NodePlan) => NodeSetup {
  const known = new Map<string, NodeSetup>()
  return (node) => {
    const key = JSON.stringify(node.settings)
    const setup = known.get(key) ?? setupOf(node)
    known.set(key, setup)
    return setup
  }
}

function setupOf({ index, settings: planned }: NodePlan): NodeSetup {
  const settings = completeSettings(settingsForAll(planned, `node ${index} of the plan`))
  return { settings, router: routerSetting(settings) }
}
