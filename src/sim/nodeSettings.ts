/** The settings of simulated nodes, checked and read as those of real ones are. */
import { resolveSettings, sharedSettingTexts } from '../node/config.ts'
import type { Settings } from '../node/settings.ts'
import { routerSetting, type RouterSetting } from '../peer/routerSetting.ts'
import type { NodePlan } from '../scenario/networkPlan.ts'

/** How one node is set. */
export interface NodeSetup {
  readonly settings: Settings
  readonly router: RouterSetting
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
  const texts = sharedSettingTexts(planned, `node ${index} of the plan`)
  const { settings } = resolveSettings(texts, {}, '')
  return { settings, router: routerSetting(settings) }
}
