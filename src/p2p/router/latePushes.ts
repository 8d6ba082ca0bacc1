/**
 * Pushes that would come too late are kept back.
 *
 * Over links that take time, a mesh sends nearly every message over nearly every link in both
 * directions: two neighbours who both have it from elsewhere push it to each other, and the copies
 * cross. With mean mesh degree d that is d - 2 duplicates per delivery. But who wins is much the
 * same from message to message: what this peer tells us, that peer has long heard by a shorter way.
 *
 * So for every pair (sender, target) it is noted whether our push lost: the target's own copy, or
 * its IDONTWANT, came back before ours can have been there and back, one round trip after we sent.
 * After some losses in a row the next push along the pair waits for that round trip. If a sign of
 * the target comes meanwhile, as expected, the push is not needed. If none comes, the message goes
 * out, late by the round trip, and the pair is pushed at once again from then on: a target that
 * went quiet costs one message one round trip, never the message.
 *
 * Of two neighbours only the one with the smaller peer id may wait: if both did, each would wait
 * for a sign that the other keeps back. Links shorter than {@link MIN_ROUND_TRIP_MS} are left
 * alone: no time to gain anything in.
 */
import type { Cancel, Clock } from '../../lib/clock.ts'
import { BoundedMap } from '../../lib/boundedMap.ts'

/** Links with a shorter round trip than this are left alone, ms. */
export const MIN_ROUND_TRIP_MS = 10
/** Beyond the round trip, for the work on the other end. */
const MARGIN_MS = 3
const MAX_PAIRS = 16_384
/** Pushes whose end is awaited; beyond it messages are pushed at once and nothing is learnt. */
const MAX_WATCHED = 16_384

/** What pushes are timed and decided with. */
export interface LatePushParts {
  readonly clock: Clock
  /** This node's peer id as text. */
  readonly self: () => string
  /** Losses in a row after which a push waits; 0 lets none wait. */
  readonly lossesToWait: number
  /** Round trip to a connected peer, ms; `undefined` while unknown. */
  readonly roundTripMs: (peer: string) => number | undefined
  /** Whether the peer has said that it has the message (IDONTWANT). */
  readonly hasSaid: (peer: string, id: string) => boolean
  /** A push was kept back and not needed. */
  readonly onSpared: () => void
}

/** A message that is being forwarded. */
export interface ForwardedMessage {
  /** Message id as the router keeps it. */
  readonly id: string
  readonly topic: string
  /** The peer that sent it to us. */
  readonly sender: string
}

interface Watched {
  readonly message: ForwardedMessage
  /** Sends what was kept back; `undefined` if it was sent at once. */
  readonly send: (() => void) | undefined
  readonly cancel: Cancel
}

/** Which pushes wait, for what, and which of them were not needed. */
export class LatePushes {
  readonly #parts: LatePushParts
  /** Losses in a row by pair. */
  readonly #losses = new BoundedMap<string, number>(MAX_PAIRS)
  /** By message and target. Joining both into one key would cost more than everything else here. */
  readonly #watched = new Map<string, Map<string, Watched>>()
  readonly #pairs = new PairNames()
  #watchedCount = 0

  constructor(parts: LatePushParts) {
    this.#parts = parts
  }

  /** Pushes whose end is awaited. */
  get watchedCount(): number {
    return this.#watchedCount
  }

  /**
   * Whether to send now. If not, `send` is called in a round trip, unless the target shows until
   * then that it has it.
   */
  admits(message: ForwardedMessage, target: string, send: () => void): boolean {
    const waitMs = this.#waitMs(target)
    if (waitMs === undefined || this.#watchedCount >= MAX_WATCHED) return true
    const pair = this.#pairs.of(message, target)
    const waits = (this.#losses.peek(pair) ?? 0) >= this.#parts.lossesToWait
    const cancel = this.#parts.clock.after(waitMs, () => this.#onDue(message.id, target))
    this.#watch(target, { message, send: waits ? send : undefined, cancel })
    return !waits
  }

  /** The target had sent its copy before there was anything to push. */
  wasEarlier(message: ForwardedMessage, target: string): void {
    if (this.#waitMs(target) !== undefined) this.#lost(message, target)
  }

  /** A copy of a message that we have has come from `peer`. */
  heard(id: string, peer: string): void {
    const watched = this.#take(id, peer)
    if (watched === undefined) return
    watched.cancel()
    this.#onLoss(watched, peer)
  }

  /** Forgets what is awaited; nothing that was kept back is sent. */
  stop(): void {
    for (const targets of this.#watched.values())
      for (const { cancel } of targets.values()) cancel()
    this.#watched.clear()
    this.#watchedCount = 0
  }

  #watch(target: string, watched: Watched): void {
    const { id } = watched.message
    const targets = this.#watched.get(id) ?? new Map<string, Watched>()
    if (targets.size === 0) this.#watched.set(id, targets)
    if (!targets.has(target)) this.#watchedCount++
    targets.set(target, watched)
  }

  /** Removes a watched push and answers it, if there was one. */
  #take(id: string, target: string): Watched | undefined {
    const targets = this.#watched.get(id)
    const watched = targets?.get(target)
    if (targets === undefined || watched === undefined) return undefined
    this.#watchedCount--
    targets.delete(target)
    if (targets.size === 0) this.#watched.delete(id)
    return watched
  }

  /** `undefined` for a link on which nobody waits, or the other end does. */
  #waitMs(target: string): number | undefined {
    const { lossesToWait, self } = this.#parts
    const roundTripMs = this.#parts.roundTripMs(target)
    if (roundTripMs === undefined || roundTripMs < MIN_ROUND_TRIP_MS) return undefined
    if (lossesToWait === 0 || self() > target) return undefined
    return Math.ceil(roundTripMs + MARGIN_MS)
  }

  #onDue(id: string, target: string): void {
    const watched = this.#take(id, target)
    if (watched === undefined) return
    if (this.#parts.hasSaid(target, id)) {
      this.#onLoss(watched, target)
      return
    }
    this.#losses.delete(this.#pairs.of(watched.message, target))
    watched.send?.()
  }

  #onLoss({ message, send }: Watched, target: string): void {
    this.#lost(message, target)
    if (send !== undefined) this.#parts.onSpared()
  }

  #lost(message: ForwardedMessage, target: string): void {
    const pair = this.#pairs.of(message, target)
    this.#losses.set(pair, (this.#losses.get(pair) ?? 0) + 1)
  }
}

/** One key per pair, made once, so that it is hashed once. */
class PairNames {
  readonly #names = new Map<string, Map<string, Map<string, string>>>()
  #count = 0

  of({ topic, sender }: ForwardedMessage, target: string): string {
    const targets = this.#targetsOf(topic, sender)
    const known = targets.get(target)
    if (known !== undefined) return known
    const name = `${topic} ${sender} ${target}`
    targets.set(target, name)
    if (++this.#count > MAX_PAIRS) this.#clear()
    return name
  }

  #targetsOf(topic: string, sender: string): Map<string, string> {
    const senders = this.#names.get(topic) ?? new Map<string, Map<string, string>>()
    if (senders.size === 0) this.#names.set(topic, senders)
    const targets = senders.get(sender) ?? new Map<string, string>()
    if (targets.size === 0) senders.set(sender, targets)
    return targets
  }

  #clear(): void {
    this.#names.clear()
    this.#count = 0
  }
}
