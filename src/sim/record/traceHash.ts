/** One number for all that happened: two runs that did the same have the same. */

/** FNV-1a's prime and offset (Fowler, Noll, Vo), and the constants of murmur3's finisher. */
const PRIME = 0x01000193
const OFFSET = 0x811c9dc5
const MIX = [0x85ebca6b, 0xc2b2ae35] as const

/** Two words for each node, as they are before anything has happened. */
export interface HashMemory {
  readonly first: Int32Array
  readonly second: Int32Array
}

/** The memory of a hash that begins; `make` gives it bytes that several threads can share. */
export function hashMemory(
  nodes: number,
  make: (bytes: number) => ArrayBufferLike = (bytes) => new ArrayBuffer(bytes),
): HashMemory {
  const words = (): Int32Array => new Int32Array(make(nodes * Int32Array.BYTES_PER_ELEMENT))
  return { first: words().fill(OFFSET), second: words().fill(PRIME) }
}

/**
 * Each node has a hash of what happened to it, in its order; together they make the hash of the
 * run. So it does not matter in which order things of different nodes were handled that have
 * nothing to do with each other.
 */
export class TraceHash {
  readonly #first: Int32Array
  readonly #second: Int32Array

  constructor({ first, second }: HashMemory) {
    this.#first = first
    this.#second = second
  }

  /** Takes in something that happened to a node, as whole numbers. */
  add(node: number, what: number, atTick: number, detail: number): void {
    let one = this.#first[node] ?? 0
    one = Math.imul(one ^ what, PRIME)
    one = Math.imul(one ^ atTick, PRIME)
    one = Math.imul(one ^ detail, PRIME)
    this.#first[node] = one
    const other = Math.imul((this.#second[node] ?? 0) + one, MIX[0])
    this.#second[node] = other ^ (other >>> 13)
  }

  /** 16 hexadecimal digits. */
  text(): string {
    let [one, other] = [OFFSET, PRIME]
    for (let node = 0; node < this.#first.length; node++) {
      one = Math.imul(one ^ (this.#first[node] ?? 0), PRIME)
      other = Math.imul(other ^ (this.#second[node] ?? 0) ^ (one >>> 16), MIX[1])
    }
    return [one, other].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
  }
}
