/**
 * The setting `router`: parameters of the gossip router by name, checked against those there are.
 */
import { SettingsError } from '../node/settings/settingsError.ts'
import type { NumbersByName } from '../node/settings/settingForms.ts'
import { SETTINGS, type Settings } from '../node/settings/settings.ts'
import { forEachKind, ITEM_KINDS, KINDS, type ItemKind } from '../item/itemKinds.ts'
import { messageOf } from '../lib/assert.ts'
import {
  ROUTER_DEFAULTS,
  routerParameters,
  type RouterParameters,
} from '../p2p/router/routerDefaults.ts'

/** What the setting `router` comes to. */
export interface RouterSetting {
  readonly parameters: RouterParameters
  /** From this size up an item of the kind is announced by IDONTWANT, bytes. */
  readonly idontwantMinBytes: Readonly<Record<ItemKind, number>>
}

type RouterSettings = Pick<
  Settings,
  'router' | 'meshDegree' | 'meshLow' | 'meshHigh' | 'heartbeatMs'
>

/** The parameter that sets the threshold of IDONTWANT for each kind. */
const THRESHOLD_NAMES: Readonly<Record<ItemKind, string>> = {
  tx: 'idontwantTxBytes',
  block: 'idontwantBlockBytes',
  member: 'idontwantMemberBytes',
  vote: 'idontwantVoteBytes',
}

const PARAMETER_NAMES = Object.keys(ROUTER_DEFAULTS)
const NAMES: ReadonlySet<string> = new Set([...PARAMETER_NAMES, ...Object.values(THRESHOLD_NAMES)])

/**
 * All parameters of the router. Throws a {@link SettingsError} for a name there is not and for
 * values that do not fit.
 */
export function routerSetting(settings: RouterSettings): RouterSetting {
  const given = settings.router
  checkNames(given)
  const overrides = Object.fromEntries(
    Object.entries(given).filter(([name]) => PARAMETER_NAMES.includes(name)),
  ) as Partial<RouterParameters>
  try {
    return {
      parameters: routerParameters({ ...singleSettings(settings), ...overrides }),
      idontwantMinBytes: forEachKind(
        (kind) => given[THRESHOLD_NAMES[kind]] ?? ITEM_KINDS[kind].idontwantMinBytes,
        KINDS,
      ),
    }
  } catch (error) {
    throw new SettingsError(`--router: ${messageOf(error)}`)
  }
}

function checkNames(given: NumbersByName): void {
  const unknown = Object.keys(given).find((name) => !NAMES.has(name))
  if (unknown !== undefined)
    throw new SettingsError(`--router: no parameter ${unknown}; there are ${[...NAMES].join(', ')}`)
}

/**
 * Those left at their default are left out, so that they follow the degree where that alone is
 * given.
 */
function singleSettings(settings: RouterSettings): Partial<RouterParameters> {
  const { meshDegree, meshLow, meshHigh, heartbeatMs } = settings
  return {
    ...(meshDegree !== SETTINGS.meshDegree.fallback && { D: meshDegree }),
    ...(meshLow !== SETTINGS.meshLow.fallback && { Dlo: meshLow }),
    ...(meshHigh !== SETTINGS.meshHigh.fallback && { Dhi: meshHigh }),
    heartbeatMs,
  }
}
