/**
 * How long a member that gave no answer is only suspected. Pure: time is an argument.
 *
 * Lifeguard (Dadgar, Phillips, Currey, arXiv 1707.00788): t = max - (max - min) ln(c + 1) / ln(k +
 * 1), c the number of others that confirmed, k how many shorten it to its least; min where the
 * network is too small for k others.
 *
 * The least time is what the news takes to the suspect and its refutation back. memberlist scales
 * it by log10 n, since news there goes to 3 members in 0.2 s. Here it is pushed through a mesh, and
 * the number of hops alone grows: half of log10 n.
 */
import { CONFIRMATIONS, SUSPICION_INTERVALS, SUSPICION_MAX_FACTOR } from './limits.ts'

/** How long suspicions last, ms, and how many confirmations make them short. */
export interface SuspicionTimes {
  readonly minMs: number
  readonly maxMs: number
  readonly confirmations: number
}

/** The times for a network of `members` live members that probe every `intervalMs`. */
export function suspicionTimes(members: number, intervalMs: number): SuspicionTimes {
  const scale = Math.max(1, Math.log10(Math.max(1, members)) / 2)
  const minMs = SUSPICION_INTERVALS * scale * intervalMs
  const confirmations = members - 2 < CONFIRMATIONS ? 0 : CONFIRMATIONS
  return { minMs, maxMs: minMs * SUSPICION_MAX_FACTOR, confirmations }
}

/** One suspicion: who confirmed it, and when it becomes certain. */
export class Suspicion {
  /** Of the accused's record. */
  readonly incarnation: number
  /** For how long others hold the member dead, ms. */
  ageMs = 0
  readonly #times: SuspicionTimes
  readonly #startMs: number
  readonly #groups = new Map<string, Uint8Array>()
  #pausedMs = 0

  constructor(incarnation: number, times: SuspicionTimes, nowMs: number) {
    this.incarnation = incarnation
    this.#times = times
    this.#startMs = nowMs
  }

  /**
   * Counts an accusation of one group of accusers; false where it is not needed, because it counts
   * already or enough do.
   */
  add(group: string, envelope: Uint8Array): boolean {
    if (!this.needs(group)) return false
    this.#groups.set(group, envelope)
    return true
  }

  /** Whether an accusation of the group would change anything. */
  needs(group: string): boolean {
    return !this.#groups.has(group) && this.#groups.size <= this.#times.confirmations
  }

  /** The accusations that count, as they travel. */
  get evidence(): readonly Uint8Array[] {
    return [...this.#groups.values()]
  }

  /** From when on the member is dead, monotonic ms. */
  get deadlineMs(): number {
    const { minMs, maxMs, confirmations } = this.#times
    const confirmed = Math.min(confirmations, Math.max(0, this.#groups.size - 1))
    const share = confirmations === 0 ? 1 : Math.log(confirmed + 1) / Math.log(confirmations + 1)
    return this.#startMs + this.#pausedMs + maxMs - (maxMs - minMs) * share
  }

  /** This node was paused: what the suspect said meanwhile may still be on its way in. */
  extend(byMs: number): void {
    this.#pausedMs += byMs
  }
}
