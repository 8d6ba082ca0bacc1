/** Which thread has which nodes: they are dealt out in turn, so that all have some of each kind. */

/** The part of one thread. */
export interface Partition {
  readonly threads: number
  /** Which of them this is; 0 is that of the instrument. */
  readonly thread: number
}

/** All nodes in one thread. */
export const WHOLE: Partition = Object.freeze({ threads: 1, thread: 0 })

/** The thread that has a node. */
export function threadOf(node: number, { threads }: Partition): number {
  return node % threads
}

/** Whether this thread has the node. */
export function isOwn(node: number, partition: Partition): boolean {
  return threadOf(node, partition) === partition.thread
}

/** The place of a node among those of its thread. */
export function placeOf(node: number, { threads }: Partition): number {
  return Math.floor(node / threads)
}

/** How many places the nodes of one thread need. */
export function placesIn(nodes: number, { threads }: Partition): number {
  return Math.ceil(nodes / threads)
}
