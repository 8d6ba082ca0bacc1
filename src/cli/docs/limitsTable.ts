/** Every bound of the node in one table, read from the files in which they stand. */
import * as aggregate from '../../aggregate/limits.ts'
import * as block from '../../block/limits.ts'
import * as chain from '../../chain/limits.ts'
import * as crypto from '../../crypto/limits.ts'
import * as finality from '../../finality/limits.ts'
import * as gossip from '../../gossip/limits.ts'
import * as membership from '../../membership/limits.ts'
import { POOL_LIMITS } from '../../mempool/limits.ts'
import { OWN_TX_LIMITS } from '../../mempool/ownTxLimits.ts'
import { LIMITS } from '../../p2p/limits.ts'
import { ROUTER_DEFAULTS } from '../../p2p/router/routerDefaults.ts'
import { RPC_LIMITS } from '../../rpc/limits.ts'
import * as search from '../../search/limits.ts'
import * as sync from '../../sync/limits.ts'
import * as reconciliation from '../../sync/reconcile/reconcileLimits.ts'
import * as telemetry from '../../telemetry/limits.ts'
import * as trace from '../../trace/limits.ts'
import * as tx from '../../tx/limits.ts'

/** One bound, as text. */
export interface LimitRow {
  readonly folder: string
  /** Dotted where limits stand in groups. */
  readonly name: string
  readonly value: string
}

const SOURCES: Readonly<Record<string, object>> = {
  aggregate,
  block,
  chain,
  crypto,
  finality,
  gossip,
  mempool: Object.fromEntries(
    Object.entries(POOL_LIMITS).map(([name, { value }]) => [name, value]),
  ),
  membership,
  own: Object.fromEntries(Object.entries(OWN_TX_LIMITS).map(([name, { value }]) => [name, value])),
  p2p: Object.fromEntries(Object.entries(LIMITS).map(([name, { value }]) => [name, value])),
  router: ROUTER_DEFAULTS,
  rpc: RPC_LIMITS,
  search,
  sync,
  reconciliation,
  telemetry,
  trace,
  tx,
}

/** All limits, by folder and name. */
export function allLimits(): LimitRow[] {
  return Object.entries(SOURCES).flatMap(([folder, limits]) =>
    leaves(limits).map(([name, value]) => ({ folder, name, value })),
  )
}

/**
 * Plain values of an object, those of nested objects by their dotted path. Functions are no limits.
 */
function leaves(limits: object, path = ''): [string, string][] {
  return Object.entries(limits).flatMap(([key, value]: [string, unknown]) => {
    const name = path === '' ? key : `${path}.${key}`
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return leaves(value, name)
    return typeof value === 'function' ? [] : [[name, String(value)] as [string, string]]
  })
}
