/**
 * Parameters of the gossipsub router, by the names of its specification. All can be replaced for an
 * experiment. Sources: gossipsub v1.1 and v1.2, Ethereum's consensus p2p interface (D, heartbeat),
 * Lotus (Dscore, Dout).
 */
export interface RouterParameters {
  /** Degree of the mesh: peers to which every message is pushed. */
  readonly D: number
  /** Below it the heartbeat grafts. */
  readonly Dlo: number
  /** Above it the heartbeat prunes. */
  readonly Dhi: number
  /** Peers outside the mesh that hear of messages by id per heartbeat. */
  readonly Dlazy: number
  /** Best-scored peers kept when pruning. */
  readonly Dscore: number
  /** Connections we dialled ourselves that are kept in the mesh: the bound on an eclipse. */
  readonly Dout: number
  readonly heartbeatMs: number
  readonly fanoutTtlMs: number
  /**
   * Heartbeats for which a message is kept. An accept later than `mcacheHeartbeats` x `heartbeatMs`
   * forwards nothing: 8.4 s, so that a verdict may wait.
   */
  readonly mcacheHeartbeats: number
  /** Heartbeats for which its id is gossiped. */
  readonly mcacheGossipHeartbeats: number
  /** How long a message id is remembered; far longer than anyone keeps the message. */
  readonly seenMs: number
  readonly gossipFactor: number
  /** An IHAVE whose message does not come within this time costs the announcer. */
  readonly iwantFollowupMs: number
  readonly pruneBackoffMs: number
  readonly unsubscribeBackoffMs: number
  readonly graftFloodThresholdMs: number
  readonly opportunisticGraftPeers: number
  readonly opportunisticGraftHeartbeats: number
  /**
   * Duplicates in a row after which a push along the same way waits for a sign of its target; 0
   * never waits.
   */
  readonly lossesToWait: number
}

/** The parameters of a router for which nothing else was said. */
export const ROUTER_DEFAULTS: RouterParameters = Object.freeze({
  D: 8,
  Dlo: 6,
  Dhi: 12,
  Dlazy: 6,
  Dscore: 6,
  Dout: 3,
  heartbeatMs: 700,
  fanoutTtlMs: 60_000,
  mcacheHeartbeats: 12,
  mcacheGossipHeartbeats: 3,
  seenMs: 300_000,
  gossipFactor: 0.25,
  iwantFollowupMs: 3_000,
  pruneBackoffMs: 60_000,
  unsubscribeBackoffMs: 10_000,
  graftFloodThresholdMs: 10_000,
  opportunisticGraftPeers: 2,
  opportunisticGraftHeartbeats: 60,
  lossesToWait: 6,
})

/**
 * The defaults with some replaced; bounds that were not given follow D. Throws for combinations
 * with which a mesh cannot settle.
 */
export function routerParameters(overrides: Partial<RouterParameters> = {}): RouterParameters {
  const parameters = { ...ROUTER_DEFAULTS, ...aroundDegree(overrides), ...overrides }
  for (const [name, value] of Object.entries(parameters))
    if (!Number.isFinite(value) || value < 0)
      throw new RangeError(`router parameter ${name} must be a number from 0 up, got ${value}`)
  checkDegrees(parameters)
  return parameters
}

function aroundDegree(overrides: Partial<RouterParameters>): Partial<RouterParameters> {
  const D = overrides.D ?? ROUTER_DEFAULTS.D
  const Dlo = overrides.Dlo ?? Math.min(ROUTER_DEFAULTS.Dlo, D)
  return {
    Dlo,
    Dhi: Math.max(ROUTER_DEFAULTS.Dhi, D),
    Dscore: Math.min(ROUTER_DEFAULTS.Dscore, D),
    Dout: Math.max(0, Math.min(ROUTER_DEFAULTS.Dout, Math.floor(D / 2), Dlo - 1)),
  }
}

function checkDegrees(parameters: RouterParameters): void {
  const { D, Dlo, Dhi, Dout, Dscore, mcacheHeartbeats, mcacheGossipHeartbeats } = parameters
  if (Dlo > D || D > Dhi)
    throw new RangeError(`router parameters need Dlo <= D <= Dhi, got ${Dlo}, ${D}, ${Dhi}`)
  if (Dout > 0 && (Dout >= Dlo || Dout > D / 2))
    throw new RangeError(`Dout must be below Dlo and at most half of D, got ${Dout}`)
  if (Dscore > D) throw new RangeError(`Dscore must be at most D, got ${Dscore} and ${D}`)
  if (mcacheGossipHeartbeats > mcacheHeartbeats)
    throw new RangeError('mcacheGossipHeartbeats must be at most mcacheHeartbeats')
}
