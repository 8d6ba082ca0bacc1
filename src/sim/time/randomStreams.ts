/**
 * Random numbers by stream: each node has its own, so that one draw more at a node changes nothing
 * at another.
 */
import type { Random } from '../../lib/random.ts'

/** Words of state of sfc32 (Chris Doty-Humphrey). */
const WORDS = 4
const WARM_UP_DRAWS = 12

/** Seeded generators in one array (sfc32). */
export class RandomStreams {
  readonly #state: Int32Array

  /** @param seed of all streams together. */
  constructor(seed: number, streams: number) {
    this.#state = new Int32Array(streams * WORDS)
    for (let stream = 0; stream < streams; stream++) this.reseed(stream, seed)
  }

  /** A number in [0, 1). */
  next(stream: number): number {
    return this.#word(stream) / 2 ** 32
  }

  of(stream: number): Random {
    const next = (): number => this.next(stream)
    return { next, int: (limit) => Math.floor(next() * limit) }
  }

  /**
   * One generator that reads the stream it was last given: it is for use at once, and not to keep.
   */
  passing(): (stream: number) => Random {
    let current = 0
    const next = (): number => this.next(current)
    const random: Random = { next, int: (limit) => Math.floor(next() * limit) }
    return (stream) => {
      current = stream
      return random
    }
  }

  /** Fills bytes; not for secrets, of course. */
  fill(stream: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at++) bytes[at] = this.#word(stream) >>> 24
  }

  reseed(stream: number, seed: number): void {
    const at = stream * WORDS
    this.#state.set([seed | 0, Math.imul(stream + 1, 0x9e3779b9), 0x243f6a88 ^ stream, 1], at)
    for (let draw = 0; draw < WARM_UP_DRAWS; draw++) this.#word(stream)
  }

  #word(stream: number): number {
    const state = this.#state
    const at = stream * WORDS
    const a = state[at] ?? 0
    const b = state[at + 1] ?? 0
    const c = state[at + 2] ?? 0
    const d = state[at + 3] ?? 0
    const t = (((a + b) | 0) + d) | 0
    state[at] = b ^ (b >>> 9)
    state[at + 1] = (c + (c << 3)) | 0
    state[at + 2] = ((c << 21) | (c >>> 11)) + t
    state[at + 3] = d + 1
    return t >>> 0
  }
}
