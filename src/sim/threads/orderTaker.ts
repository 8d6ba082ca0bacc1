/** Carries out in a follower what the leader orders. */
import { messageOf } from '../../lib/assert.ts'
import {
  giveWork,
  type NodeQuestion,
  type NodeWork,
  type SimNode,
  type WorkAnswer,
} from '../engines/engine.ts'
import type { HeapAccess } from '../heapWatch.ts'
import type { ThreadNetwork } from '../threadNetwork.ts'
import type { Task, ThreadSums, TicketAnswer } from './orders.ts'
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

  /** Answers that wait to be taken. */
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
      case 'work':
        this.#work(task)
        break
      case 'ask':
        return this.#ask(task.question)
      case 'ask-about':
        return this.#askAbout(task)
      case 'sums':
        return this.#sums()
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

  #work({ node: index, work, ticket }: Extract<Task, { order: 'work' }>): void {
    const { population, world } = this.#network
    const { time } = world
    const node = population.node(index)
    const answer = async (): Promise<void> => {
      const what = node && (await answerOf(node, work))
      if (what !== undefined) this.#answers.push({ ticket, atTick: time.tick, ...what })
    }
    const run = (): void => void answer()
    time.after(0, { owner: population.machine(index).owner, run })
  }

  #ask(question: NodeQuestion): unknown[] {
    const { population, world, partition } = this.#network
    return world.machines
      .filter(({ index }) => isOwn(index, partition))
      .map(({ index }) => population.node(index)?.[question]())
  }

  #askAbout({ node: index, question, about }: Extract<Task, { order: 'ask-about' }>): unknown {
    const node = this.#network.population.node(index)
    if (node === undefined) throw new Error(`node ${index} does not run`)
    const ask = node[question] as (about: unknown) => unknown
    return ask.call(node, about)
  }

  #sums(): ThreadSums {
    const { world, engine } = this.#network
    return { members: world.members.sums(), finality: engine.finality?.() }
  }
}

async function answerOf(
  node: SimNode,
  work: NodeWork,
): Promise<{ readonly answer: WorkAnswer } | { readonly failure: string }> {
  try {
    return { answer: await giveWork(node, work) }
  } catch (error) {
    return { failure: messageOf(error) }
  }
}
