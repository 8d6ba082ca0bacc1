import type { Hash } from '../../crypto/keccak.ts'
import { BoundedMap } from '../../lib/boundedMap.ts'
import type { Clock } from '../../lib/clock.ts'
import { MAX_RECENT_VERDICTS, RECENT_VERDICT_MS } from '../limits.ts'
import type { Verdict } from '../rules/verdict.ts'

/**
 * Final refusals by the digest of the whole message, so that the same bad bytes cost one look-up.
 * The key must leave no byte out: under a block's hash, one mutated body would shadow the honest
 * block.
 */
export class RecentVerdicts {
  readonly #clock: Clock
  readonly #entries = new BoundedMap<Hash, { verdict: Verdict; untilMs: number }>(
    MAX_RECENT_VERDICTS,
  )

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get(digest: Hash): Verdict | undefined {
    const entry = this.#entries.peek(digest)
    if (entry === undefined) return undefined
    if (entry.untilMs > this.#clock.monotonicMs()) return entry.verdict
    this.#entries.delete(digest)
    return undefined
  }

  /** Remembers `verdict` and hands it back. */
  remember(digest: Hash, verdict: Verdict): Verdict {
    const untilMs = this.#clock.monotonicMs() + RECENT_VERDICT_MS
    this.#entries.set(digest, { verdict, untilMs })
    return verdict
  }
}
