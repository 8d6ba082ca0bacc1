/**
 * The followers, as the leader sees them. The thread that reads the scenario is the leader. It
 * starts the other threads, begins their turns, waits for them, and gives them orders between
 * turns.
 */
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads'
import type { Hash } from '../../crypto/keccak.ts'
import { messageOf } from '../../lib/assert.ts'
import type { Fault } from '../../scenario/fault.ts'
import type { Timeline } from '../../trace/timelines.ts'
import type {
  DistantQuestions,
  NodeQuestion,
  NodeQuestionAbout,
  NodeWork,
  SimNode,
  SimWorld,
  WorkAnswer,
} from '../engines/engine.ts'
import type { Settle } from '../port/simulatedPeer.ts'
import type { CopyBatch } from '../record/copyBatch.ts'
import type { Companions } from '../time/companions.ts'
import { Control, controlMemory } from './control.ts'
import { Mailroom } from './mailroom.ts'
import type {
  Order,
  Reply,
  SimSubject,
  Task,
  ThreadStart,
  ThreadSums,
  TicketAnswer,
} from './orders.ts'
import { placeOf, threadOf, type Partition } from './partition.ts'
import type { SharedMemory } from './shared.ts'

/** Between two looks at what else happens to the process, ms. */
const PATIENCE_MS = 20
/** A thread that does not answer an order for so long has ended, or never will, ms. */
const MAX_ANSWER_MS = 300_000

interface Follower {
  readonly worker: Worker
  readonly control: Control
  readonly orders: MessagePort
}

/** What a crew is made of. */
export interface CrewParts extends SimSubject {
  readonly threads: number
  readonly memory: SharedMemory
  readonly lookaheadTicks: number
}

/** The crew of one simulation. */
export class Crew implements Companions, DistantQuestions {
  readonly lookaheadTicks: number
  readonly mail: Mailroom
  readonly #partition: Partition
  readonly #followers: readonly Follower[]
  readonly #waiting = new Map<number, Settle<WorkAnswer>>()
  /** Answers of all nodes to a question, by thread, until something happens. */
  readonly #answers = new Map<NodeQuestion, readonly (readonly unknown[])[]>()
  #world: SimWorld | undefined
  #tickets = 0
  #turn = 0
  #isUnderWay = false
  #failure: Error | undefined

  private constructor(parts: CrewParts, mail: Mailroom, followers: readonly Follower[]) {
    this.lookaheadTicks = parts.lookaheadTicks
    this.mail = mail
    this.#partition = { threads: parts.threads, thread: 0 }
    this.#followers = followers
    for (const { worker } of followers) {
      worker.on('error', (error) => (this.#failure ??= error))
      worker.on('exit', (code) => (this.#failure ??= new Error(`a thread ended with ${code}`)))
    }
  }

  /** Starts the threads and waits until they have made their part of the network. */
  static async start(parts: CrewParts): Promise<Crew> {
    const { threads, lookaheadTicks: _, ...shared } = parts
    const channels = channelsBetween(threads)
    const mailOf = (thread: number): (MessagePort | undefined)[] =>
      Array.from({ length: threads }, (_unused, other) => portOf(channels, thread, other))
    const followers = Array.from({ length: threads - 1 }, (_unused, at) => {
      const { port1: orders, port2: theirs } = new MessageChannel()
      const control = controlMemory()
      const partition = { threads, thread: at + 1 }
      const mail = mailOf(at + 1)
      const workerData: ThreadStart = { ...shared, partition, control, orders: theirs, mail }
      const worker = new Worker(new URL('./threadMain.js', import.meta.url), {
        workerData,
        transferList: [theirs, ...mail.filter((port) => port !== undefined)],
      })
      return { worker, control: new Control(control), orders }
    })
    const partition = { threads, thread: 0 }
    const crew = new Crew(parts, new Mailroom(partition, mailOf(0)), followers)
    await Promise.all(followers.map(({ worker }) => readiness(worker)))
    return crew
  }

  /** Connects the crew with the world of the leader. */
  join(world: SimWorld): void {
    this.#world = world
    world.time.lead(this)
  }

  get nextTick(): number {
    return this.#followers.reduce(
      (least, { control }) => Math.min(least, control.turnEnd.nextTick),
      this.mail.nextTick,
    )
  }

  get events(): number {
    return this.#followers.reduce((sum, { control }) => sum + control.turnEnd.events, 0)
  }

  /** Bytes in use in the heaps of all followers. */
  get usedBytes(): number {
    return this.#followers.reduce((sum, { control }) => sum + control.usedBytes, 0)
  }

  start(untilTick: number): void {
    this.mail.post(this.#turn++, this.#time.nowMs)
    this.mail.takeNextTick()
    this.#isUnderWay = true
    this.#answers.clear()
    for (const { control } of this.#followers) control.begin(untilTick)
  }

  /** Throws what ended a thread, or kept it from answering. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  haveArrived(): boolean {
    this.check()
    if (!this.#isUnderWay) return true
    for (const follower of this.#followers) {
      if (!follower.control.isDone(PATIENCE_MS)) return false
      if (follower.control.turnEnd.hasFailed) this.#replyOf(follower)
    }
    this.#isUnderWay = false
    if (this.#world !== undefined) this.mail.takeIn(this.#turn, this.#world.connections)
    this.#takeAnswers()
    return true
  }

  /** Makes a fault happen in all followers. */
  apply(fault: Fault): void {
    this.#answers.clear()
    for (const follower of this.#followers) this.#order(follower, { order: 'apply', fault })
  }

  /** Gives work to a node of another thread, a tick from now. */
  work(node: number, work: NodeWork, waiting: Settle<WorkAnswer>): void {
    const ticket = this.#tickets++
    this.#waiting.set(ticket, waiting)
    this.#answers.clear()
    this.#order(this.#followerOf(node), { order: 'work', node, work, ticket })
  }

  ask<Name extends NodeQuestion>(node: number, name: Name): ReturnType<SimNode[Name]> {
    const known = this.#answers.get(name)
    const all =
      known ??
      this.#followers.map(
        (follower) => this.#order(follower, { order: 'ask', question: name }) as unknown[],
      )
    this.#answers.set(name, all)
    const answer = all[threadOf(node, this.#partition) - 1]?.[placeOf(node, this.#partition)]
    if (answer === undefined) throw new Error(`node ${node} does not run`)
    return answer as ReturnType<SimNode[Name]>
  }

  askAbout<Name extends NodeQuestionAbout>(
    node: number,
    question: Name,
    about: Parameters<SimNode[Name]>[0],
  ): ReturnType<SimNode[Name]> {
    const order: Task = { order: 'ask-about', node, question, about }
    return this.#order(this.#followerOf(node), order) as ReturnType<SimNode[Name]>
  }

  /** What each thread tells of its nodes at the end of a run. */
  sums(): readonly ThreadSums[] {
    return this.#followers.map((follower) => this.#order(follower, { order: 'sums' }) as ThreadSums)
  }

  timeline(node: number, hash: Hash): Timeline | undefined {
    return this.#order(this.#followerOf(node), { order: 'timeline', node, hash }) as
      Timeline | undefined
  }

  /** What was seen since the last call, by thread. */
  copies(): readonly CopyBatch[] {
    return this.#followers.map(
      (follower) => this.#order(follower, { order: 'copies' }) as CopyBatch,
    )
  }

  /** All collect their garbage. */
  collect(): void {
    for (const follower of this.#followers) this.#order(follower, { order: 'collect' })
  }

  /** Ends the threads; what they knew is gone. */
  close(): void {
    for (const { worker } of this.#followers) {
      worker.removeAllListeners()
      void worker.terminate()
    }
  }

  get #time(): SimWorld['time'] {
    if (this.#world === undefined) throw new Error('the crew has joined no world')
    return this.#world.time
  }

  /** Who waits for an answer goes on a tick after it, as with nodes of this thread. */
  #takeAnswers(): void {
    const time = this.#time
    for (const follower of this.#followers) {
      if (follower.control.turnEnd.answers === 0) continue
      const answers = this.#order(follower, { order: 'answers' }) as TicketAnswer[]
      for (const one of answers) {
        const waiting = this.#waiting.get(one.ticket)
        this.#waiting.delete(one.ticket)
        if (waiting === undefined) continue
        if (one.atTick !== time.tick) throw new Error('an answer came when no thread waited for it')
        const run = (): void => {
          if ('answer' in one) waiting.resolve(one.answer)
          else waiting.reject(new Error(one.failure))
        }
        time.after(0, { owner: time.instrument, run })
      }
    }
  }

  #followerOf(node: number): Follower {
    const follower = this.#followers[threadOf(node, this.#partition) - 1]
    if (follower === undefined) throw new Error(`node ${node} is in this thread`)
    return follower
  }

  #order(follower: Follower, task: Task): unknown {
    if (this.#isUnderWay) throw this.#fail('threads are asked while they run')
    const order: Order = { tick: this.#time.tick, task }
    follower.orders.postMessage(order, [])
    follower.control.begin(undefined)
    if (!follower.control.isDone(MAX_ANSWER_MS)) throw this.#fail('a thread does not answer')
    return this.#replyOf(follower)
  }

  #replyOf({ orders }: Follower): unknown {
    const reply = receiveMessageOnPort(orders)?.message as Reply | undefined
    if (reply === undefined) throw this.#fail('a thread has not replied')
    if ('failure' in reply) throw this.#fail(reply.failure)
    return reply.value
  }

  /** Whoever asked may go on without the answer, but the run must not. */
  #fail(why: string): Error {
    this.#failure ??= new Error(why)
    return this.#failure
  }
}

type Channels = ReadonlyMap<string, MessageChannel>

function channelsBetween(threads: number): Channels {
  const channels = new Map<string, MessageChannel>()
  for (let one = 0; one < threads; one++)
    for (let other = one + 1; other < threads; other++)
      channels.set(`${one}-${other}`, new MessageChannel())
  return channels
}

function portOf(channels: Channels, thread: number, other: number): MessagePort | undefined {
  return thread < other
    ? channels.get(`${thread}-${other}`)?.port1
    : channels.get(`${other}-${thread}`)?.port2
}

/** Resolves when the thread is ready; rejects with what kept it from that. */
function readiness(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', (error: unknown) => reject(new Error(messageOf(error))))
    worker.once('exit', (code) => reject(new Error(`a thread ended with ${code}`)))
  })
}
