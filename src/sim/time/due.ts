/** What happens at a time: whose it is, and what comes first of what is due in one tick. */

/** Whose an event is: it happens only while its owner lives, and late if the owner is paused. */
export interface Owner {
  /** Stream of random numbers. */
  readonly stream: number
  /** `paused` keeps what is due until it goes on; `gone` drops it. */
  state: 'running' | 'paused' | 'gone'
  /** What fell due during a pause, in order. */
  missed: Missed[]
  /** When something of it happened last. */
  lastTick: number
}

/** Something that fell due during a pause, and whether it was of the world. */
interface Missed {
  readonly due: Due
  readonly isOfWorld: boolean
}

/**
 * What something answers that has left neither a promise nor a tick behind: nothing has to be run
 * after it.
 */
export const QUIET = Symbol('quiet')

/**
 * What a frame answers whose connection has ended. It does not count as an event: where its sender
 * is in another thread, such a frame is not planned at all.
 */
export const LOST = Symbol('lost')

/** Something that happens at a time. */
export interface Due {
  readonly owner: Owner
  /** The number of the node that sent it; absent where the owner planned it itself. */
  readonly sender?: number
  /** Its place in what that node sent to this one. */
  readonly number?: number
  /** Answers {@link QUIET}, {@link LOST} or anything else. */
  run(): unknown
}

/** Something that a node has sent, and its place in what that node sent. */
export type SentDue = Due & Required<Pick<Due, 'sender' | 'number'>>

/** A new owner that runs. */
export function ownerOf(stream: number): Owner {
  return { stream, state: 'running', missed: [], lastTick: -1 }
}

/** What is due of nodes in one tick; where a node has several things, in the order of senders. */
export function inOrder(bucket: readonly Due[], tick: number): readonly Due[] {
  if (bucket.length === 1) return bucket
  let isAmbiguous = false
  for (const { owner } of bucket) {
    if (owner.lastTick === tick) isAmbiguous = true
    owner.lastTick = tick
  }
  return isAmbiguous ? bucket.toSorted(bySender) : bucket
}

/** By who sent it, and then as it was sent. */
export function bySender(one: Due, other: Due): number {
  const order = (one.sender ?? OWN) - (other.sender ?? OWN)
  return order === 0 ? (one.number ?? 0) - (other.number ?? 0) : order
}

/** After all that was sent; what a node planned itself stays in the order in which it did. */
const OWN = 2 ** 32
