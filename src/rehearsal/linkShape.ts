/** How a link carries bytes, the same both ways. */
export interface LinkShape {
  /** One way, ms. */
  readonly latencyMs: number
  /**
   * Standard deviation of what is added to or taken from the latency of each piece, ms; order is
   * kept.
   */
  readonly jitterMs: number
  /**
   * Share of packets that are lost, 0 to below 1: each costs the delay of its retransmission, for
   * TCP loses nothing.
   */
  readonly lossRate: number
}
