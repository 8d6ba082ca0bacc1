/** How long nodes can go on without hearing of each other. */
import { leastTravelMs } from '../../p2p/links/linkTravel.ts'
import type { TimedFault } from '../../scenario/fault.ts'
import type { LinkPlan } from '../../scenario/networkPlan.ts'
import { TICKS_PER_MS } from '../time/virtualTime.ts'

/**
 * Ticks from the sending of a frame to its arrival, at least: the least latency of a planned link
 * at any time of the run. One tick where it is nothing.
 */
export function lookaheadTicks(links: readonly LinkPlan[], faults: readonly TimedFault[]): number {
  let leastMs = Infinity
  for (const { shape } of [...links, ...shapedBy(faults)])
    leastMs = Math.min(leastMs, leastTravelMs(shape))
  return Math.max(1, Math.min(MAX_TICKS, Math.floor(leastMs * TICKS_PER_MS)))
}

/** Where there are no links; a run that is ended by hand waits for the end of what was begun. */
const MAX_TICKS = 1_000

function shapedBy(faults: readonly TimedFault[]): LinkPlan[] {
  return faults.flatMap(({ fault }) => (fault.kind === 'shape-links' ? fault.links : []))
}
