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

/** The way of messages from one sender to one target. */
interface Pair {
  /** Pushes in a row that lost. */
  losses: number
}

interface Watched {
  readonly target: string
  readonly pair: Pair
  /** Sends what was kept back; `undefined` if it was sent at once. */
  readonly send: (() => void) | undefined
  readonly cancel: Cancel
}

/** Which pushes wait, for what, and which of them were not needed. */
export class LatePushes {
  readonly #parts: LatePushParts
  readonly #pairs = new Pairs()
  /** The awaited pushes of each message, one for each target. */
  readonly #watched = new Map<string, Watched[]>()
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
    const { id } = message
    const pair = this.#pairs.of(message, target)
    const waits = pair.losses >= this.#parts.lossesToWait
    const cancel = this.#parts.clock.after(waitMs, () => this.#onDue(id, target))
    this.#watch(id, { target, pair, send: waits ? send : undefined, cancel })
    return !waits
  }

  /** The target had sent its copy before there was anything to push. */
  wasEarlier(message: ForwardedMessage, target: string): void {
    if (this.#waitMs(target) !== undefined) this.#pairs.of(message, target).losses++
  }

  /** A copy of a message that we have has come from `peer`. */
  heard(id: string, peer: string): void {
    const watched = this.#take(id, peer)
    if (watched === undefined) return
    watched.cancel()
    this.#onLoss(watched)
  }

  /** Forgets what is awaited; nothing that was kept back is sent. */
  stop(): void {
    for (const targets of this.#watched.values()) for (const { cancel } of targets) cancel()
    this.#watched.clear()
    this.#watchedCount = 0
  }

  /** A second push of a message to a target takes the place of the first. */
  #watch(id: string, watched: Watched): void {
    const targets = entryOf(this.#watched, id, () => [])
    const at = placeOf(targets, watched.target)
    if (at >= 0) targets.splice(at, 1, watched)[0]?.cancel()
    else {
      targets.push(watched)
      this.#watchedCount++
    }
  }

  /** Removes a watched push and answers it, if there was one. */
  #take(id: string, target: string): Watched | undefined {
    const targets = this.#watched.get(id)
    if (targets === undefined) return undefined
    const at = placeOf(targets, target)
    if (at < 0) return undefined
    this.#watchedCount--
    if (targets.length === 1) this.#watched.delete(id)
    return targets.splice(at, 1)[0]
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
      this.#onLoss(watched)
      return
    }
    watched.pair.losses = 0
    watched.send?.()
  }

  #onLoss({ pair, send }: Watched): void {
    pair.losses++
    if (send !== undefined) this.#parts.onSpared()
  }
}

function placeOf(targets: readonly Watched[], target: string): number {
  return targets.findIndex((watched) => watched.target === target)
}

/** The pairs by topic, sender and target; with one too many all begin anew. */
class Pairs {
  readonly #pairs = new Map<string, Map<string, Map<string, Pair>>>()
  #count = 0
  /** Those of the last message, which is asked for one target after another. */
  #last: { readonly message: ForwardedMessage; readonly targets: Map<string, Pair> } | undefined

  of(message: ForwardedMessage, target: string): Pair {
    const targets = this.#targetsOf(message)
    const known = targets.get(target)
    if (known !== undefined) return known
    if (this.#count >= MAX_PAIRS) return this.#anew().of(message, target)
    const pair = { losses: 0 }
    targets.set(target, pair)
    this.#count++
    return pair
  }

  #targetsOf(message: ForwardedMessage): Map<string, Pair> {
    if (this.#last?.message === message) return this.#last.targets
    const senders = entryOf(this.#pairs, message.topic, () => new Map<string, Map<string, Pair>>())
    const targets = entryOf(senders, message.sender, () => new Map<string, Pair>())
    this.#last = { message, targets }
    return targets
  }

  #anew(): this {
    this.#pairs.clear()
    this.#count = 0
    this.#last = undefined
    return this
  }
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
