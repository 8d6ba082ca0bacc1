/** How long a piece of bytes travels over a link, apart from the time it takes to be sent. */
import type { Random } from '../../lib/random.ts'
import type { LinkShape } from '../../rehearsal/linkShape.ts'

/** A link that adds nothing. */
export const UNSHAPED: LinkShape = Object.freeze({ latencyMs: 0, jitterMs: 0, lossRate: 0 })

/**
 * What a lost packet costs at least. The sender notices by the acknowledgements of what followed, a
 * round trip later (fast retransmit, RFC 5681; tail loss probe, RFC 8985), but no timer of a system
 * is finer than this.
 */
export const MIN_RETRANSMIT_MS = 10

/** Latency, jitter, and the retransmissions of its unluckiest packet, ms. */
export function travelMs(
  { latencyMs, jitterMs, lossRate }: LinkShape,
  packets: number,
  random: Random,
): number {
  const deviationMs = jitterMs > 0 ? jitterMs * standardNormal(random) : 0
  const losses = lossRate > 0 ? worstLosses(packets, lossRate, random) : 0
  return Math.max(0, latencyMs + deviationMs) + losses * retransmitMs(latencyMs)
}

/** The shortest that {@link travelMs} can be on a link, ms. */
export function leastTravelMs({ latencyMs, jitterMs }: LinkShape): number {
  return Math.max(0, latencyMs - MAX_DEVIATIONS * jitterMs)
}

/** Delay of one retransmission, ms: a round trip. */
export function retransmitMs(latencyMs: number): number {
  return Math.max(MIN_RETRANSMIT_MS, 2 * latencyMs)
}

/** How often the packet that was lost most often was lost: each sending is lost on its own. */
function worstLosses(packets: number, lossRate: number, random: Random): number {
  let worst = 0
  for (let packet = 0; packet < packets; packet++) {
    let losses = 0
    while (random.next() < lossRate) losses++
    worst = Math.max(worst, losses)
  }
  return worst
}

/** The largest radius of Box and Muller's method with random numbers of 32 bits is 6.66. */
const MAX_DEVIATIONS = 6.67

/** Box and Muller's method. */
function standardNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()))
  return radius * Math.cos(2 * Math.PI * random.next())
}
