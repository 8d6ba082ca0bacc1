/** The setting `router`: parameters of the gossip router by name, checked against those there are. */
import { ConfigError } from '../node/config.ts'
import { SETTINGS, type Settings } from '../node/settings.ts'
import { messageOf } from '../lib/assert.ts'
import {
  ROUTER_DEFAULTS,
  routerParameters,
  type RouterParameters,
} from '../p2p/router/routerDefaults.ts'
import { BLOCK_TOPIC, TRANSACTION_TOPIC } from '../p2p/router/topics.ts'

export interface RouterSetting {
  readonly parameters: RouterParameters
  /** From this size up a transaction or a block is announced by IDONTWANT, bytes. */
  readonly idontwantTxBytes: number
  readonly idontwantBlockBytes: number
}

type RouterSettings = Pick<
  Settings,
  'router' | 'meshDegree' | 'meshLow' | 'meshHigh' | 'heartbeatMs'
>

const THRESHOLDS = {
  idontwantTxBytes: TRANSACTION_TOPIC.idontwantMinBytes,
  idontwantBlockBytes: BLOCK_TOPIC.idontwantMinBytes,
} as const

const PARAMETER_NAMES = Object.keys(ROUTER_DEFAULTS)
const NAMES: ReadonlySet<string> = new Set([...PARAMETER_NAMES, ...Object.keys(THRESHOLDS)])

/** All parameters of the router. Throws a {@link ConfigError} for a name there is not and for values that do not fit. */
export function routerSetting(settings: RouterSettings): RouterSetting {
  const given = new Map(settings.router.map(assignment))
  const overrides = Object.fromEntries(
    [...given].filter(([name]) => PARAMETER_NAMES.includes(name)),
  ) as Partial<RouterParameters>
  try {
    return {
      parameters: routerParameters({ ...singleSettings(settings), ...overrides }),
      idontwantTxBytes: given.get('idontwantTxBytes') ?? THRESHOLDS.idontwantTxBytes,
      idontwantBlockBytes: given.get('idontwantBlockBytes') ?? THRESHOLDS.idontwantBlockBytes,
    }
  } catch (error) {
    throw new ConfigError(`--router: ${messageOf(error)}`)
  }
}

function assignment(pair: string): readonly [string, number] {
  const [name = '', value = ''] = pair.split('=')
  if (!NAMES.has(name))
    throw new ConfigError(`--router: no parameter ${name}; there are ${[...NAMES].join(', ')}`)
  return [name, Number(value)]
}

/** Those left at their default are left out, so that they follow the degree where that alone is given. */
function singleSettings(settings: RouterSettings): Partial<RouterParameters> {
  const { meshDegree, meshLow, meshHigh, heartbeatMs } = settings
  return {
    ...(meshDegree !== SETTINGS.meshDegree.fallback && { D: meshDegree }),
    ...(meshLow !== SETTINGS.meshLow.fallback && { Dlo: meshLow }),
    ...(meshHigh !== SETTINGS.meshHigh.fallback && { Dhi: meshHigh }),
    heartbeatMs,
  }
}
