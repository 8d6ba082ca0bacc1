/** One run: publisher, the node in the middle, receiver; three processes on loopback. */
import { Actor } from './actor.ts'
import type { Plan } from './plan.ts'

/** The node in the middle, by its file. */
export type Middle = 'bareNode' | 'judgingNode'

export interface Outcome {
  /** Messages per second at the receiver. */
  readonly perS: number
  /**
   * CPU time for each message, all threads, microseconds: of the node in the middle, and of all
   * three processes.
   */
  readonly nodeUs: number
  readonly allUs: number
}

const STEP_TIMEOUT_MS = 20_000
const RUN_TIMEOUT_MS = 60_000

/** Runs the plan once; throws where it does not come to its end. */
export async function runThrough(node: Middle, plan: Plan): Promise<Outcome> {
  const middle = new Actor(node, plan)
  const publisher = new Actor('publisher', plan)
  const receiver = new Actor('receiver', plan)
  const actors = [middle, publisher, receiver]
  try {
    await link(middle, [publisher, receiver])
    receiver.notes.on((note) => {
      if (note.kind === 'delivered') publisher.tell(note)
    })
    publisher.tell({ kind: 'publish' })
    await receiver.next('warm', RUN_TIMEOUT_MS)
    const before = await cpuOf(actors)
    const { perS } = await receiver.next('done', RUN_TIMEOUT_MS)
    const after = await cpuOf(actors)
    const messages = plan.count - plan.warmUp
    return {
      perS,
      nodeUs: (after.node - before.node) / messages,
      allUs: (after.all - before.all) / messages,
    }
  } finally {
    for (const actor of actors) actor.end()
  }
}

async function link(middle: Actor, edges: readonly Actor[]): Promise<void> {
  const { address } = await middle.next('address', STEP_TIMEOUT_MS)
  for (const edge of edges) {
    await edge.next('up', STEP_TIMEOUT_MS)
    edge.tell({ kind: 'dial', address })
  }
  await middle.next('linked', STEP_TIMEOUT_MS)
}

async function cpuOf(actors: readonly Actor[]): Promise<{ node: number; all: number }> {
  const used = await Promise.all(actors.map((actor) => actor.cpuUs(STEP_TIMEOUT_MS)))
  return { node: used[0] ?? 0, all: used.reduce((sum, us) => sum + us, 0) }
}
