/**
 * Every bound of the peer-to-peer layer as data: value, unit and reason. libp2p's own defaults
 * multiply to terabytes in the worst case (connections x streams x buffers), so no bound is left to
 * a default; `test/p2p/limits.test.ts` reads the effective values back from a running node.
 */
import { KIB, MIB, type Limit } from './limit.ts'
import { GOSSIP_LIMITS } from './router/gossipLimits.ts'

/** Who the peers are, by which some limits differ. */
export const PROFILES = ['devnet', 'public'] as const

/** `devnet`: many peers share one address, loopback. `public`: peers are strangers. */
export type Profile = (typeof PROFILES)[number]

/** All bounds of the peer-to-peer layer, by name. */
export const LIMITS = {
  maxConnections: {
    value: 110,
    devnet: 300,
    unit: 'count',
    why: 'Beyond it inbound connections are refused and excess ones pruned, least valued first.',
  },
  inboundConnectionsPerSecond: {
    value: 5,
    devnet: 1000,
    unit: 'perSecond',
    why: 'Per remote address; a devnet starts all its peers on one machine at once.',
  },
  maxPendingInboundConnections: {
    value: 20,
    devnet: 1000,
    unit: 'count',
    why: 'Handshakes in progress: each costs key agreement before the peer is known.',
  },
  maxParallelDials: { value: 50, unit: 'count', why: 'A dial costs a handshake on both ends.' },
  maxDialQueue: { value: 500, unit: 'count', why: 'Dials that wait; more are refused.' },
  maxAddressesPerPeer: {
    value: 8,
    unit: 'count',
    why: 'A peer that lists many addresses must not make us dial them all.',
  },
  dialTimeoutMs: { value: 10_000, unit: 'ms', why: 'One dial over all addresses of a peer.' },
  addressDialTimeoutMs: {
    value: 5_000,
    unit: 'ms',
    why: 'One address: a dead one must not spend the whole dial time.',
  },
  inboundUpgradeTimeoutMs: {
    value: 10_000,
    unit: 'ms',
    why: 'A socket that does not finish its handshake holds a pending slot.',
  },
  negotiationTimeoutMs: {
    value: 10_000,
    unit: 'ms',
    why: 'Protocol selection on a new stream, either way.',
  },
  connectionCloseTimeoutMs: {
    value: 1_000,
    unit: 'ms',
    why: 'Time to close gracefully; then the connection is aborted.',
  },
  stopTimeoutMs: {
    value: 3_000,
    unit: 'ms',
    why: 'A peer that does not read must not hold up our shutdown.',
  },
  reconnectRetries: {
    value: 0,
    unit: 'count',
    why: 'The layer above redials; two redialers would interfere.',
  },
  tcpBacklog: { value: 128, unit: 'count', why: 'Connections the kernel accepts ahead of us.' },
  tcpMaxConnections: {
    value: 256,
    devnet: 1000,
    unit: 'count',
    why: 'Sockets per listener, those still in their handshake included.',
  },
  tcpInactivityTimeoutMs: {
    value: 120_000,
    unit: 'ms',
    why: 'A silent socket is closed; keep-alive of the muxer makes live ones speak every 30 s.',
  },
  muxerMaxInboundStreams: {
    value: 256,
    unit: 'count',
    why: 'Per connection: gossip, identify, ping and eight requests of each protocol fit ten times.',
  },
  muxerMaxOutboundStreams: { value: 256, unit: 'count', why: 'The same bound for our own use.' },
  muxerMaxEarlyStreams: {
    value: 10,
    unit: 'count',
    why: 'Streams that a peer may open before the connection is set up.',
  },
  muxerMaxMessageBytes: {
    value: 64 * KIB,
    unit: 'bytes',
    why: 'One frame of the muxer, so that a block does not block small messages behind it.',
  },
  streamInitialWindowBytes: {
    value: 256 * KIB,
    unit: 'bytes',
    why: 'What a peer may send on a new stream before we answer; the protocol sets this floor.',
  },
  streamMaxWindowBytes: {
    value: 4 * MIB,
    unit: 'bytes',
    why: 'At 200 ms round trip still 20 MB/s; the default of 16 MiB would exceed the read buffer.',
  },
  streamReadBufferBytes: {
    value: 5 * MIB,
    unit: 'bytes',
    why: 'More than the largest window, or a paused stream of an honest peer would be reset.',
  },
  streamWriteBufferBytes: {
    value: 16 * MIB,
    unit: 'bytes',
    why: 'A peer that does not read costs at most this much per stream; unbounded by default.',
  },
  streamInactivityTimeoutMs: { value: 120_000, unit: 'ms', why: 'Idle streams of requests.' },
  pingIntervalMs: {
    value: 30_000,
    unit: 'ms',
    why: 'Failure detection: a connection without an answer for so long is pinged.',
  },
  pingTimeoutMs: {
    value: 60_000,
    unit: 'ms',
    why:
      'A connection is dropped at the first unanswered ping; with the default of 5 s a peer that stalls for ' +
      '25 s (garbage collection, suspended laptop, SIGSTOP) is lost, although it would have caught up.',
  },
  pingStreams: {
    value: 4,
    unit: 'count',
    why: "Per peer and direction; libp2p's own ping is answered, for other implementations use it.",
  },
  identifyTimeoutMs: { value: 5_000, unit: 'ms', why: 'Answer to identify.' },
  identifyMaxBytes: { value: 8 * KIB, unit: 'bytes', why: 'One identify message.' },
  identifyStreams: { value: 2, unit: 'count', why: 'Per peer and direction.' },
  identifyMaxObservedAddresses: {
    value: 4,
    unit: 'count',
    why: 'Addresses at which peers claim to see us.',
  },
  observersOfAddress: { value: 3, unit: 'count', why: 'How many must agree: one may lie.' },
  peerstoreMaxAddressAgeMs: {
    value: 3_600_000,
    unit: 'ms',
    why: 'Addresses of peers are forgotten after an hour.',
  },
  peerstoreMaxPeerAgeMs: {
    value: 21_600_000,
    unit: 'ms',
    why: 'Peers without addresses are forgotten after six hours.',
  },
  ...GOSSIP_LIMITS,
  keptPeers: {
    value: 1024,
    unit: 'count',
    why: 'Peers asked for by admin_addPeer, which are dialled again whenever they are lost.',
  },
  firstRedialMs: {
    value: 500,
    unit: 'ms',
    why: 'Wait before the first redial of a lost peer; it doubles after each failure.',
  },
  maxRedialMs: { value: 15_000, unit: 'ms', why: 'Longest wait before another redial.' },
  shapedBacklogBytes: {
    value: 64 * KIB,
    unit: 'bytes',
    why:
      'Of one shaped link, waiting for the node’s bandwidth, either way: little, so that links that send at once ' +
      'share it. Ten milliseconds of the bandwidth, where that is more.',
  },
  shapedInFlightBytes: {
    value: 8 * MIB,
    unit: 'bytes',
    why: 'Of one shaped link, sent and not yet arrived: 40 MB/s at a latency of 200 ms.',
  },
  requestStreams: {
    value: 8,
    unit: 'count',
    why: 'Requests of one protocol in progress per peer and direction.',
  },
  requestsPerPeerPerSecond: { value: 20, unit: 'perSecond', why: 'Served per peer.' },
  requestsPerPeerBurst: { value: 60, unit: 'count', why: 'Catching up after a restart.' },
  requestsPerSecond: { value: 200, unit: 'perSecond', why: 'Served to all peers together.' },
  requestsBurst: { value: 400, unit: 'count', why: 'All peers ask when a partition heals.' },
  requestReadAheadBytes: {
    value: 256 * KIB,
    unit: 'bytes',
    why: 'Received and not yet consumed: beyond it the stream is paused and the sender waits.',
  },
  trackedPeers: {
    value: 1024,
    unit: 'count',
    why: 'Peers whose budgets and bans are kept; the least recently seen are dropped first.',
  },
  peerRecordMaxBytes: {
    value: 4 * KIB,
    unit: 'bytes',
    why: 'A signed record with eight addresses has a few hundred bytes.',
  },
  learntPeers: {
    value: 1024,
    unit: 'count',
    why: 'Peers known by record alone; records of peers that do not exist are free to make.',
  },
  banMs: { value: 600_000, unit: 'ms', why: 'How long a banned peer is refused.' },
  strikeHalfLifeMs: { value: 600_000, unit: 'ms', why: 'Old offences fade.' },
  banStrikes: { value: 100, unit: 'count', why: 'Sum of strikes at which a peer is banned.' },
} as const satisfies Record<string, Limit>

/** The name of a limit. */
export type LimitName = keyof typeof LIMITS

/** The number behind each limit, by name. */
export type LimitValues = Readonly<Record<LimitName, number>>

const LIMIT_NAMES = Object.keys(LIMITS) as LimitName[]

/** The limits of a profile with some replaced; throws for a value that bounds nothing. */
export function limitValues(profile: Profile, overrides: Partial<LimitValues> = {}): LimitValues {
  const pairs = LIMIT_NAMES.map((name) => {
    const limit: Limit = LIMITS[name]
    const standard = profile === 'devnet' ? (limit.devnet ?? limit.value) : limit.value
    return [name, checked(name, overrides[name] ?? standard)] as const
  })
  return Object.freeze(Object.fromEntries(pairs) as Record<LimitName, number>)
}

function checked(name: LimitName, value: number): number {
  if (!Number.isFinite(value) || value < 0)
    throw new RangeError(`limit ${name} must be a finite number from 0 up, got ${value}`)
  return value
}
