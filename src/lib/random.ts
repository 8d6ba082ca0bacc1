/** Randomness comes in from outside, so that a seed repeats a run. Not for secrets. */
import { webcrypto } from 'node:crypto'

/** A source of random numbers. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** An integer in [0, limit). */
  int(limit: number): number
}

/** sfc32 (Chris Doty-Humphrey), 128 bits of state, seeded by splitmix32 from one 32-bit number. */
export function seededRandom(seed: number): Random {
  const mix = splitmix32(seed)
  let a = mix()
  let b = mix()
  let c = mix()
  let d = 1
  const word = (): number => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + t
    return t >>> 0
  }
  for (let i = 0; i < 12; i++) word()
  return fromWords(word)
}

/** Random numbers of the operating system. */
export const systemRandom: Random = fromWords(() => {
  const word = new Uint32Array(1)
  webcrypto.getRandomValues(word)
  return word[0] ?? 0
})

/** A new array with the members of `items` in random order (Fisher-Yates). */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  return sample(random, items, items.length)
}

/** `count` different members of `items` in random order; all of them if there are fewer. */
export function sample<T>(random: Random, items: readonly T[], count: number): T[] {
  const pool = [...items]
  const size = Math.min(count, pool.length)
  for (let i = 0; i < size; i++) {
    const j = i + random.int(pool.length - i)
    const chosen = pool[j] as T
    pool[j] = pool[i] as T
    pool[i] = chosen
  }
  return pool.slice(0, size)
}

/**
 * `count` different numbers of [0, size) in random order; all of them if there are fewer. The time
 * grows with `count` and not with `size`.
 */
export function fewOf(random: Random, size: number, count: number): number[] {
  const moved = new Map<number, number>()
  return Array.from({ length: Math.min(count, size) }, (_, i) => {
    const j = i + random.int(size - i)
    const chosen = moved.get(j) ?? j
    moved.set(j, moved.get(i) ?? i)
    return chosen
  })
}

function fromWords(word: () => number): Random {
  const next = (): number => word() / 2 ** 32
  return { next, int: (limit) => Math.floor(next() * limit) }
}

function splitmix32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x9e3779b9) | 0
    let t = state ^ (state >>> 16)
    t = Math.imul(t, 0x21f0aaad)
    t ^= t >>> 15
    t = Math.imul(t, 0x735a2d97)
    return t ^ (t >>> 15)
  }
}
