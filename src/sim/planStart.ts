/** How a simulation begins: when nodes start and when their links are dialled. */
import type { ThreadNetwork } from './threadNetwork.ts'

/** Nodes start within this time, so that their heartbeats do not all fall together. */
const STARTS_WITHIN_MS = 700
/** From then on links are dialled, each at some time of these. */
const DIALS_FROM_MS = 800
const DIALS_WITHIN_MS = 500

/** Plans the start of every node that is there from the beginning; the same in every thread. */
export function planStart({ plan, world, streams, population }: ThreadNetwork): void {
  const { time, machines, connections } = world
  const present = machines.slice(0, machines.length - plan.lateNodes)
  for (const machine of present) {
    const bootMs = streams.next(0) * STARTS_WITHIN_MS
    time.worldAt(bootMs, { owner: time.world, run: () => population.boot(machine.index) })
  }
  for (const machine of present) {
    const dialMs = DIALS_FROM_MS + streams.next(0) * DIALS_WITHIN_MS
    const dial = (): void => {
      connections.dialLinksOf(machine, (other) => other.index > machine.index)
    }
    time.worldAt(dialMs, { owner: time.world, run: dial })
  }
}
