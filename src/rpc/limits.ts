/** Every bound of the JSON-RPC server, in one place. The values are geth's where geth has one. */
export const RPC_LIMITS = {
  /** Bytes of one HTTP body or one WebSocket message. */
  maxRequestBytes: 5 * 1024 * 1024,
  /** Calls in one batch. */
  maxBatchCalls: 1_000,
  /** Bytes of one answer, a batch's answers together. */
  maxResponseBytes: 25 * 1024 * 1024,
  /** Gas of one eth_call, which is also what it has where the caller names none. */
  callGasCap: 50_000_000,
  /** Open connections, HTTP and WebSocket together. */
  maxConnections: 256,
  /** Bytes that may wait for a WebSocket client that does not read; beyond, the connection ends. */
  maxBufferedBytes: 16 * 1024 * 1024,
  /**
   * Messages of one WebSocket client that are worked on at once; beyond, its socket is not read.
   */
  maxInFlight: 64,
  /** Subscriptions of one WebSocket connection. */
  maxSubscriptions: 128,
  /** Filters in all; the one polled longest ago leaves for a new one. */
  maxFilters: 1_024,
  /**
   * Items a filter keeps between two polls; one that overflows is removed, and its client is told
   * by the next poll.
   */
  maxFilterItems: 10_000,
  /** A filter nobody polled for this long is removed. */
  filterLifeMs: 5 * 60_000,
  filterSweepMs: 30_000,
  /** One call or batch may take this long. */
  requestTimeoutMs: 30_000,
  /** A client must have sent its headers, and its whole request, within these. */
  headersTimeoutMs: 10_000,
  bodyTimeoutMs: 30_000,
  keepAliveMs: 120_000,
  /**
   * A client that neither sends nor reads while a call of its is open is gone; longer than any call
   * may take.
   */
  silentSocketMs: 35_000,
  /** A WebSocket client that does not answer a ping until the next one is gone. */
  pingMs: 30_000,
  /** After a close frame, what remains of a connection ends by force. */
  closeGraceMs: 1_000,
  /** A batch gives other work a turn when it has run this long. */
  turnMs: 10,
  /** How long eth_sendRawTransactionSync waits, by default and at most (EIP-7966). */
  syncWaitMs: 20_000,
  maxSyncWaitMs: 25_000,
  /** Blocks in one eth_feeHistory answer, and percentiles asked of each. */
  maxFeeHistoryBlocks: 1_024,
  maxFeePercentiles: 100,
  /** Blocks in one eth_getLogs range, and log entries in one answer. */
  maxLogBlocks: 10_000,
  maxLogs: 20_000,
  /**
   * Topic positions of a log filter (LOG4 has four), and alternatives at one position or addresses.
   */
  maxTopics: 4,
  maxTopicChoices: 1_000,
  /** Entries of one list inside a transaction object. */
  maxListItems: 1_000,
  /** Blocks of one eth_simulateV1, gaps between their numbers included; as geth. */
  maxSimulatedBlocks: 256,
  /** Calls of one eth_simulateV1: about a tenth of a second of work. */
  maxSimulatedCalls: 1_000,
  /** Sightings in one gossip_sightings answer. */
  maxSightings: 10_000,
  /** Changes in one gossip_memberChanges answer. */
  maxMemberChanges: 10_000,
} as const

/** A value for each bound of JSON-RPC. */
export type RpcLimits = { readonly [Name in keyof typeof RPC_LIMITS]: number }
