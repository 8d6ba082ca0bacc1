/** Carries out in a follower what the leader orders. */
import { messageOf } from '../../lib/assert.ts'
import type { SubmitAnswer } from '../../instrument/port.ts'
import type { NodeQuestion, SimNode } from '../engines/engine.ts'
import type { HeapAccess } from '../heapWatch.ts'
import type { ThreadNetwork } from '../threadNetwork.ts'
import type { Task, TicketAnswer } from './orders.ts'
import { isOwn } from './partition.ts'

/** For one thread. */
export class OrderTaker {
  readonly #network: ThreadNetwork
  readonly #heap: HeapAccess
  #answers: TicketAnswer[] = []

  constructor(network: ThreadNetwork, heap: HeapAccess) {
    this.#network = network
    this.#heap = heap
  }

  /** Answers to transactions that wait to be taken. */
  get answers(): number {
    return this.#answers.length
  }

  /** What is answered can be posted to another thread. */
  take(task: Task): unknown {
    const { population, world } = this.#network
    switch (task.order) {
      case 'apply':
        this.#tolerant(() => population.apply(task.fault))
        break
      case 'submit':
        this.#submit(task)
        break
      case 'ask':
        return this.#ask(task.question)
      case 'timeline':
        return world.observations.timeline(task.node, task.hash)
      case 'copies':
        return world.observations.copies.handOver()
      case 'answers':
        return this.#answers.splice(0)
      case 'collect':
        this.#heap.collect?.()
        break
    }
    return undefined
  }

  /** A fault that cannot happen fails in the leader too, and the leader reports it. */
  #tolerant(apply: () => void): void {
    try {
      apply()
    } catch {
      // The leader reports it.
    }
  }

  #submit({ node: index, raw, ticket }: Extract<Task, { order: 'submit' }>): void {
    const { population, world } = this.#network
    const { time } = world
    const node = population.node(index)
    const submit = async (): Promise<void> => {
      const what = node && (await answerOf(node, raw))
      if (what !== undefined) this.#answers.push({ ticket, atTick: time.tick, ...what })
    }
    const run = (): void => void submit()
    time.after(0, { owner: population.machine(index).owner, run })
  }

  #ask(question: NodeQuestion): unknown[] {
    const { population, world, partition } = this.#network
    return world.machines
      .filter(({ index }) => isOwn(index, partition))
      .map(({ index }) => population.node(index)?.[question]())
  }
}

async function answerOf(
  node: SimNode,
  raw: Uint8Array,
): Promise<{ readonly answer: SubmitAnswer } | { readonly failure: string }> {
  try {
    return { answer: await node.submit(raw) }
  } catch (error) {
    return { failure: messageOf(error) }
  }
}
