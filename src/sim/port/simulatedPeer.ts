/**
 * A simulated node as the instrument sees it: every question is a call, in the same process and at
 * the same moment.
 */
import type { Address } from '../../crypto/address.ts'
import type { Hash } from '../../crypto/keccak.ts'
import { hexToBytes, type Hex } from '../../lib/bytes.ts'
import type {
  BlockAnswer,
  ClockAnswer,
  FinalityAnswer,
  FoundAnswer,
  HeadAnswer,
  HeardClock,
  Neighbour,
  NetworkFigure,
  PeerPort,
  PeerSettings,
  PoolAnswer,
  SubmitAnswer,
  TopicMesh,
} from '../../instrument/port.ts'
import type { GossipCounters } from '../../measure/traffic.ts'
import type { SightingBatch, Timeline } from '../../trace/timelines.ts'
import {
  giveWork,
  type NodeAnswers,
  type NodeWork,
  type SimNode,
  type SimWorld,
  type WorkAnswer,
  type WorkAnswers,
} from '../engines/engine.ts'
import type { SimMachine } from '../links/machine.ts'

/** The clock that all simulated nodes read. */
export const VIRTUAL_CLOCK_ID = 'virtual'

/** What a peer is read and asked through. */
export interface SimulatedPeerParts {
  readonly world: SimWorld
  readonly machine: SimMachine
  /** The node, while it runs in this thread. */
  readonly nodeOf: () => SimNode | undefined
  readonly isRunning: () => boolean
  readonly chainId: number
  /** Where the node is in another thread. */
  readonly distant?: DistantNode | undefined
}

/** A node in another thread. */
export interface DistantNode {
  readonly answers: NodeAnswers
  work(work: NodeWork, settle: Settle<WorkAnswer>): void
  timeline(hash: Hash): Timeline | undefined
}

/** How an answer is given that somebody waits for. */
export interface Settle<Answer> {
  readonly resolve: (answer: Answer) => void
  readonly reject: (failure: unknown) => void
}

/**
 * The port of one machine. Reading disturbs nothing: it takes no virtual time, and a paused node
 * can be read too.
 */
export class SimulatedPeer implements PeerPort {
  readonly index: number
  readonly peerId: string
  readonly name: string
  readonly #parts: SimulatedPeerParts
  /** Ends what waits for an answer when the node goes. */
  readonly #waiting = new Set<(failure: Error) => void>()

  constructor(parts: SimulatedPeerParts) {
    this.#parts = parts
    this.index = parts.machine.index
    this.peerId = parts.machine.id
    this.name = `node ${parts.machine.index}`
  }

  get instance(): unknown {
    return this.#parts.machine.owner
  }

  isRunning(): boolean {
    return this.#parts.isRunning()
  }

  async sightings(): Promise<SightingBatch> {
    throw new Error(`${this.name} is read together with all others: take the copies of the network`)
  }

  async mesh(): Promise<readonly TopicMesh[]> {
    return this.#answers().mesh()
  }

  async counters(): Promise<GossipCounters> {
    const copies = this.#answers().copyBytes()
    return { ...this.#parts.world.traffic.of(this.index), ...copies }
  }

  async settings(): Promise<PeerSettings> {
    return this.#answers().settings()
  }

  async clock(): Promise<ClockAnswer> {
    this.#answers()
    return { clockId: VIRTUAL_CLOCK_ID, nowMs: this.#parts.world.time.nowMs }
  }

  async clockSamples(): Promise<readonly HeardClock[]> {
    return this.#answers().clockSamples()
  }

  async chainId(): Promise<bigint> {
    return BigInt(this.#parts.chainId)
  }

  async head(): Promise<HeadAnswer> {
    return this.#answers().head()
  }

  async block(number: number): Promise<BlockAnswer | undefined> {
    return this.#answers().block(number)
  }

  async nextNonce(address: Address): Promise<bigint> {
    return this.#answers().nextNonce(address)
  }

  async submit(raw: Hex): Promise<SubmitAnswer> {
    return this.#work({ work: 'submit', raw: hexToBytes(raw) })
  }

  async ask(query: string): Promise<NetworkFigure> {
    return this.#work({ work: 'ask', query })
  }

  async find(question: string): Promise<FoundAnswer> {
    return this.#work({ work: 'find', question })
  }

  async gauge(name: string): Promise<readonly number[]> {
    return this.#answers().gauge(name)
  }

  async neighbours(): Promise<readonly Neighbour[]> {
    return this.#answers().neighbours()
  }

  async finality(): Promise<FinalityAnswer> {
    return this.#answers().finality()
  }

  async pool(): Promise<PoolAnswer> {
    return this.#answers().pool()
  }

  async timeline(hash: Hash): Promise<Timeline | undefined> {
    this.#answers()
    const { distant, world } = this.#parts
    return distant?.timeline(hash) ?? world.observations.timeline(this.index, hash)
  }

  /** The node has been killed: nothing that waits for its answer gets one. */
  died(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const reject of waiting) this.#tell(() => reject(new Error(`${this.name} was killed`)))
  }

  /** Happens as the node's own work: a paused node answers when it goes on, one that dies never. */
  #work<Name extends keyof WorkAnswers>(
    work: NodeWork & { readonly work: Name },
  ): Promise<WorkAnswers[Name]> {
    this.#answers()
    const { distant, world } = this.#parts
    const over = world.time.awaitAnswer()
    const { promise, resolve, reject } = Promise.withResolvers<WorkAnswers[Name]>()
    const settle = { resolve, reject } as Settle<WorkAnswer>
    this.#waiting.add(reject)
    if (distant === undefined) this.#workHere(work, settle)
    else distant.work(work, settle)
    return promise.finally(() => {
      over()
      this.#waiting.delete(reject)
    })
  }

  #workHere(work: NodeWork, { resolve, reject }: Settle<WorkAnswer>): void {
    const { time } = this.#parts.world
    const node = this.#node()
    const run = (): void => {
      giveWork(node, work).then(
        (answer) => this.#tell(() => resolve(answer)),
        (error: unknown) => this.#tell(() => reject(error)),
      )
    }
    time.after(0, { owner: this.#parts.machine.owner, run })
  }

  /** Whoever asked goes on in a turn of its own, a tick after the node. */
  #tell(run: () => void): void {
    const { time } = this.#parts.world
    time.after(0, { owner: time.instrument, run })
  }

  #node(): SimNode {
    const node = this.#parts.nodeOf()
    if (node === undefined) throw new Error(`${this.name} is in another thread`)
    return node
  }

  #answers(): NodeAnswers {
    const { isRunning, distant } = this.#parts
    if (!isRunning()) throw new Error(`${this.name} does not run`)
    return distant?.answers ?? this.#node()
  }
}
