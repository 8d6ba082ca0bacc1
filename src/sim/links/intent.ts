/**
 * What a node does to its connections of its own accord. A connection is part of the world that all
 * threads share, so an intent takes effect a little later, in all threads at the same moment.
 */
export interface Intent {
  readonly node: number
  /** Its place among the intents of this node. */
  readonly number: number
  readonly peer: number
  readonly what: 'dial' | 'disconnect'
  /** With `disconnect`: until when the node takes no connection of the peer; 0 without a ban. */
  readonly refusedUntilMs: number
  /** When it takes effect, virtual ms. */
  readonly atMs: number
}
