/** Every bound of the dashboard: one devnet's server and all its pages together. */
export const DASHBOARD_LIMITS = {
  /** Items remembered, for waves and latencies. */
  maxItems: 1_000,
  /** Items sent to a new page, and kept by it. */
  maxShownItems: 100,
  /** Finished items that the percentiles of the last minute are made of. */
  maxSamples: 6_000,
  windowMs: 60_000,
  /**
   * An item that a live peer has not got after this long counts as incomplete, unless a late copy
   * comes.
   */
  giveUpMs: 10_000,
  /** Sightings kept for each peer's timeline. */
  maxPeerSightings: 40,
  maxEvents: 200,
  /**
   * Sightings read from a peer in one poll; what is more than two polls behind is skipped and
   * counted.
   */
  maxPerPoll: 2_000,
  /**
   * Between polls: at least, with somebody watching and without; so many times what the last took;
   * at most.
   */
  pollMs: 250,
  idlePollMs: 5_000,
  pollRestFactor: 3,
  maxPollRestMs: 5_000,
  /** Mesh, scores, pool: not more often than this. */
  readingsMs: 1_000,
  /** Between two looks at whom a peer holds for members, and how many of them a page shows. */
  membersMs: 1_000,
  maxShownMembers: 200,
  /**
   * Between two questions to the network itself for its latency and coverage: an answer takes some
   * seconds and costs each peer messages.
   */
  networkMs: 15_000,
  /** Peers asked at a time. */
  pollWidth: 8,
  /** A round of polls does not wait longer for one peer. */
  patienceMs: 1_000,
  /** A peer that leaves a poll unanswered for so long is shown as silent. */
  silentMs: 4_000,
  /** Between two updates that a page gets. */
  updateMs: 400,
  maxViewers: 32,
  /**
   * A page that does not read is disconnected at so many waiting bytes; it connects again by
   * itself.
   */
  maxBufferedBytes: 2 * 1024 * 1024,
  /** A page waits so long before it connects again. */
  retryMs: 1_000,
  maxConnections: 128,
  maxRequestBytes: 16 * 1024,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  /** Actions that may wait for the one under way. */
  maxWaitingActions: 16,
  /** Transactions of one burst. */
  maxBurst: 200,
  /** Timelines being asked for at once. */
  maxOpenTimelines: 4,
  /** Events of a merged timeline. */
  maxTimelineEvents: 2_000,
} as const

/** The type of {@link DASHBOARD_LIMITS}, for tests that set smaller ones. */
export type DashboardLimits = typeof DASHBOARD_LIMITS
