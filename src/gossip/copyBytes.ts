/** The bytes of the copies that a node took in, by what became of them. */
import type { Sighting } from '../trace/trace.ts'
import { isGossip, type Candidate } from './topics/topic.ts'

/**
 * Bytes of item data since the start; those of frames around it and of control messages are the
 * router's to count.
 */
export interface CopyBytes {
  /** Of accepted first copies that came over gossip streams. */
  readonly firstBytes: number
  /** Of copies after the first that came over gossip streams. */
  readonly duplicateBytes: number
  /** Of copies that came over gossip streams and were ignored, rejected, or held and given up. */
  readonly refusedBytes: number
  /** Of copies that came over gossip streams and have no verdict yet, or are held. */
  readonly openBytes: number
  /** Of accepted copies that came in answers to requests: not on gossip streams. */
  readonly requestedBytes: number
}

/** Counts them. What arrived over gossip streams is at any time the sum of the first four. */
export class CopyByteCounters {
  #arrivedBytes = 0
  #firstBytes = 0
  #duplicateBytes = 0
  #refusedBytes = 0
  #requestedBytes = 0

  /** A copy came over a gossip stream. */
  arrived(bytes: number): void {
    this.#arrivedBytes += bytes
  }

  /** A copy came over a gossip stream whose item is known. */
  repeated(bytes: number): void {
    this.#arrivedBytes += bytes
    this.#duplicateBytes += bytes
  }

  /** A copy has its verdict. One that is held waits for another. */
  concluded({ route, action, bytes }: Pick<Sighting, 'route' | 'action' | 'bytes'>): void {
    if (route === 'request' && action === 'accept') this.#requestedBytes += bytes
    if (!isGossip({ route }) || action === 'hold') return
    if (action === 'accept') this.#firstBytes += bytes
    else if (action === 'duplicate') this.#duplicateBytes += bytes
    else this.#refusedBytes += bytes
  }

  /**
   * A held copy gets no other verdict any more: its block lacks a parent for good, or the pool let
   * its transaction go.
   */
  givenUp({ route, data }: Pick<Candidate, 'route' | 'data'>): void {
    if (isGossip({ route })) this.#refusedBytes += data.length
  }

  snapshot(): CopyBytes {
    const [firstBytes, duplicateBytes, refusedBytes] = [
      this.#firstBytes,
      this.#duplicateBytes,
      this.#refusedBytes,
    ]
    const openBytes = this.#arrivedBytes - firstBytes - duplicateBytes - refusedBytes
    const requestedBytes = this.#requestedBytes
    return { firstBytes, duplicateBytes, refusedBytes, openBytes, requestedBytes }
  }
}
