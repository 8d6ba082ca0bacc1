/** Other threads that have nodes of the same network; this one leads them. */
export interface Companions {
  /** Ticks from a sending to the arrival at a node of another thread, at least. */
  readonly lookaheadTicks: number
  /** The earliest tick at which anything is due of theirs. */
  readonly nextTick: number
  /** Things that have happened to their nodes. */
  readonly events: number
  /** Sets them going: all that is due until this tick happens. */
  start(untilTick: number): void
  /**
   * Whether they have come to where they were told to go, and what they sent has been taken in;
   * waits a moment for it. Throws what ended one of them.
   */
  haveArrived(): boolean
}
