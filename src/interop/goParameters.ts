/**
 * The parameters of GossipSub by Go's names, in Go's units and with Go's defaults (go-libp2p-pubsub
 * 0.19, `gossipsub.go`), and what each is for our router. Parameters that a script does not give
 * are Go's, as they are for every implementation of the framework: ours are for another network.
 */
import { routerParameters, type RouterParameters } from '../p2p/router/routerDefaults.ts'

/** What a script may give, as the router takes it. */
export interface RouterSettings {
  readonly parameters: Partial<RouterParameters>
  /** From this size up mesh peers are told not to send their copy (IDONTWANT). */
  readonly idontwantMinBytes: number
  /** Names of the given parameters that this router does not take. */
  readonly ignored: readonly string[]
}

interface GoParameter {
  /** Durations are nanoseconds. */
  readonly unit: 'count' | 'share' | 'ns'
  readonly fallback: number
  /** Where it goes; without it this router has a constant of its own in its place. */
  readonly sets?: keyof RouterParameters | 'idontwantMinBytes'
}

const SECOND_NS = 1e9
const NS_PER_MS = 1e6

/** All parameters that the framework may give. */
export const GO_PARAMETERS = {
  D: { unit: 'count', fallback: 6, sets: 'D' },
  Dlo: { unit: 'count', fallback: 5, sets: 'Dlo' },
  Dhi: { unit: 'count', fallback: 12, sets: 'Dhi' },
  Dscore: { unit: 'count', fallback: 4, sets: 'Dscore' },
  Dout: { unit: 'count', fallback: 2, sets: 'Dout' },
  HistoryLength: { unit: 'count', fallback: 5, sets: 'mcacheHeartbeats' },
  HistoryGossip: { unit: 'count', fallback: 3, sets: 'mcacheGossipHeartbeats' },
  Dlazy: { unit: 'count', fallback: 6, sets: 'Dlazy' },
  GossipFactor: { unit: 'share', fallback: 0.25, sets: 'gossipFactor' },
  GossipRetransmission: { unit: 'count', fallback: 3 },
  HeartbeatInitialDelay: { unit: 'ns', fallback: 0.1 * SECOND_NS },
  HeartbeatInterval: { unit: 'ns', fallback: SECOND_NS, sets: 'heartbeatMs' },
  SlowHeartbeatWarning: { unit: 'share', fallback: 0.1 },
  FanoutTTL: { unit: 'ns', fallback: 60 * SECOND_NS, sets: 'fanoutTtlMs' },
  PrunePeers: { unit: 'count', fallback: 16 },
  PruneBackoff: { unit: 'ns', fallback: 60 * SECOND_NS, sets: 'pruneBackoffMs' },
  UnsubscribeBackoff: { unit: 'ns', fallback: 10 * SECOND_NS, sets: 'unsubscribeBackoffMs' },
  Connectors: { unit: 'count', fallback: 8 },
  MaxPendingConnections: { unit: 'count', fallback: 128 },
  ConnectionTimeout: { unit: 'ns', fallback: 30 * SECOND_NS },
  DirectConnectTicks: { unit: 'count', fallback: 300 },
  DirectConnectInitialDelay: { unit: 'ns', fallback: SECOND_NS },
  OpportunisticGraftTicks: { unit: 'count', fallback: 60, sets: 'opportunisticGraftHeartbeats' },
  OpportunisticGraftPeers: { unit: 'count', fallback: 2, sets: 'opportunisticGraftPeers' },
  GraftFloodThreshold: { unit: 'ns', fallback: 10 * SECOND_NS, sets: 'graftFloodThresholdMs' },
  MaxIHaveLength: { unit: 'count', fallback: 5000 },
  MaxIHaveMessages: { unit: 'count', fallback: 10 },
  MaxIDontWantLength: { unit: 'count', fallback: 10 },
  MaxIDontWantMessages: { unit: 'count', fallback: 1000 },
  IWantFollowupTime: { unit: 'ns', fallback: 3 * SECOND_NS, sets: 'iwantFollowupMs' },
  IDontWantMessageThreshold: { unit: 'count', fallback: 1024, sets: 'idontwantMinBytes' },
  IDontWantMessageTTL: { unit: 'count', fallback: 3 },
} as const satisfies Readonly<Record<string, GoParameter>>

/** Go remembers messages for as long (TimeCacheDuration); a script cannot say otherwise. */
const SEEN_MS = 120_000

const NAMES: ReadonlyMap<string, GoParameter> = new Map(Object.entries(GO_PARAMETERS))

/** Reads what a script gives; throws an Error that names the parameter for what cannot be. */
export function readGoParameters(given: Readonly<Record<string, unknown>>): RouterSettings {
  for (const [name, value] of Object.entries(given)) checkParameter(name, value)
  const sized: Record<string, number> = {}
  for (const [name, parameter] of NAMES) {
    const value = Number(given[name] ?? parameter.fallback)
    const inUnit = parameter.unit === 'ns' ? value / NS_PER_MS : value
    if (parameter.sets !== undefined) sized[parameter.sets] = inUnit
  }
  const { idontwantMinBytes = 0, ...parameters } = sized
  checkTogether(parameters)
  const ignored = Object.keys(given).filter((name) => {
    const parameter = NAMES.get(name)
    return parameter?.sets === undefined && given[name] !== parameter?.fallback
  })
  // A push that waits for a sign of its target is of this router alone: what is compared is
  // GossipSub.
  return {
    parameters: { ...parameters, seenMs: SEEN_MS, lossesToWait: 0 },
    idontwantMinBytes,
    ignored,
  }
}

/** As a router would, with the names of Go. */
function checkTogether(parameters: Readonly<Record<string, number>>): void {
  if (parameters['heartbeatMs'] === 0) throw new Error('HeartbeatInterval must be above 0')
  const { mcacheHeartbeats = 0, mcacheGossipHeartbeats = 0 } = parameters
  if (mcacheGossipHeartbeats > mcacheHeartbeats)
    throw new Error('HistoryGossip must be at most HistoryLength')
  routerParameters(parameters)
}

function checkParameter(name: string, value: unknown): void {
  const parameter = NAMES.get(name)
  if (parameter === undefined) throw new Error(`there is no parameter ${name}`)
  const { unit } = parameter
  const isFit =
    typeof value === 'number' &&
    value >= 0 &&
    (unit === 'share' ? Number.isFinite(value) : Number.isSafeInteger(value))
  if (isFit) return
  const expected = {
    count: 'a whole number from 0 up',
    share: 'a number from 0 up',
    ns: 'a duration in nanoseconds, a whole number from 0 up',
  }[unit]
  throw new Error(`${name}: expected ${expected}, got ${JSON.stringify(value)}`)
}
