/**
 * Makes faults happen to a devnet.
 *
 * Faults of one peer happen in the order in which they are asked for. What is done to its process
 * (kill, leave, restart, pause, resume) waits for nothing that the peer itself would have to
 * answer, for a stopped one answers late and a killed one never; what the peer is told waits for
 * its process to be there, and for what it was told before.
 *
 * Cuts and misbehaviour live in the nodes they were made in: a peer that is killed forgets them.
 */
import { Emitter, type Unsubscribe } from '../lib/emitter.ts'
import type { FaultPort } from '../instrument/port.ts'
import type { Fault, PeerBandwidth } from '../scenario/fault.ts'
import type { LinkPlan } from '../scenario/networkPlan.ts'
import { peerOf, type Peer } from './devnetPeer.ts'

/** What faults need of the network that they happen to. */
export interface FaultyNetwork {
  readonly peers: readonly Peer[]
  start(index: number): Promise<unknown>
  /** Resolves when it is gone. */
  kill(index: number): Promise<unknown>
  /** Asks it to stop; resolves when it is gone. */
  leave(index: number): Promise<unknown>
  pause(index: number): void
  resume(index: number): void
}

type Lane = Map<number, Promise<unknown>>
type PeerFault = Extract<Fault, { readonly peers: readonly number[] }>

/** Makes the faults of a plan happen to a devnet. */
export class DevnetFaults implements FaultPort {
  readonly #network: FaultyNetwork
  readonly #happened = new Emitter<Fault>()
  /** By peer: the last thing that is done to its process, and the last that it is told. */
  readonly #processes: Lane = new Map()
  readonly #calls: Lane = new Map()

  constructor(network: FaultyNetwork) {
    this.#network = network
  }

  async apply(fault: Fault): Promise<void> {
    await this.#make(fault)
    this.#happened.emit(fault)
  }

  onFault(listener: (fault: Fault) => void): Unsubscribe {
    return this.#happened.on(listener)
  }

  #make(fault: Fault): Promise<void> {
    if ('peers' in fault) return this.#makeToPeers(fault)
    switch (fault.kind) {
      case 'partition':
        return this.#partition(fault.groups)
      case 'one-way':
        return all(this.#cut(fault.from, fault.to, 'outgoing'))
      case 'heal':
        return all(this.#running.map((index) => this.#tell(index, 'admin_healPeers')))
      case 'shape-links':
        return this.#shapeLinks(fault.links)
      case 'bandwidth':
        break
    }
    return all(fault.of.map((one) => this.#setBandwidth(one)))
  }

  #makeToPeers(fault: PeerFault): Promise<void> {
    const { peers } = fault
    const network = this.#network
    switch (fault.kind) {
      case 'kill':
        return all(peers.map((index) => this.#handle(index, () => network.kill(index))))
      case 'leave':
        return all(peers.map((index) => this.#handle(index, () => network.leave(index))))
      case 'restart':
      case 'join':
        return this.#start(peers)
      case 'pause':
        return all(peers.map((index) => this.#handle(index, async () => network.pause(index))))
      case 'resume':
        return all(peers.map((index) => this.#handle(index, async () => network.resume(index))))
      case 'clock-jump':
        return all(peers.map((index) => this.#tell(index, 'admin_jumpClock', fault.byMs)))
      case 'hostile':
        return this.#misbehave(fault)
      case 'honest':
        break
    }
    /** One that does not run is honest when it comes back. */
    const running = peers.filter((index) => this.#running.includes(index))
    return all(running.map((index) => this.#tell(index, 'admin_misbehave')))
  }

  /** One after the other: each that starts keeps a core busy. */
  #start(peers: readonly number[]): Promise<void> {
    let before: Promise<unknown> = Promise.resolve()
    const starts = peers.map((index) => {
      const turn = before
      const start = this.#handle(index, async () => {
        await turn
        await this.#network.start(index)
      })
      before = start.catch(() => {})
      return start
    })
    return all(starts)
  }

  #partition(groups: readonly (readonly number[])[]): Promise<void> {
    const cuts = groups.flatMap((group) => {
      const others = groups.filter((other) => other !== group).flat()
      return this.#cut(group, others, 'both')
    })
    return all(cuts)
  }

  #misbehave({ peers, behaviour, against }: Extract<Fault, { readonly kind: 'hostile' }>) {
    const victim = against === undefined ? [] : [peerOf(this.#network.peers, against)]
    const ids = victim.map(({ process }) => process.info.peerId)
    return all(peers.map((index) => this.#tell(index, 'admin_misbehave', behaviour, ...ids)))
  }

  /** Those that do not run have no links to cut. */
  #cut(
    from: readonly number[],
    to: readonly number[],
    direction: 'both' | 'outgoing',
  ): Promise<void>[] {
    const ids = to.map((index) => peerOf(this.#network.peers, index).process.info.peerId)
    return from
      .filter((index) => peerOf(this.#network.peers, index).process.isRunning())
      .map((index) => this.#tell(index, 'admin_cutPeers', ids, direction))
  }

  /** Both ends of each link are told, where they run: each shapes what it sends. */
  #shapeLinks(links: readonly LinkPlan[]): Promise<void> {
    const running = this.#running
    const idOf = new Map(
      running.map((index) => [index, peerOf(this.#network.peers, index).process.info.peerId]),
    )
    const told = running.flatMap((index) => {
      const shapes = links.flatMap(({ a, b, shape }) => {
        const other = a === index ? b : b === index ? a : undefined
        const peer = other === undefined ? undefined : idOf.get(other)
        return peer === undefined ? [] : [{ peer, ...shape }]
      })
      return shapes.length === 0 ? [] : [this.#tell(index, 'admin_shapeLinks', shapes)]
    })
    return all(told)
  }

  #setBandwidth({ peer, upBytesPerS, downBytesPerS }: PeerBandwidth): Promise<void> {
    return this.#tell(peer, 'admin_setBandwidth', upBytesPerS, downBytesPerS)
  }

  /** Does something to the process of a peer when all that was asked for before was done to it. */
  #handle(index: number, act: () => Promise<unknown>): Promise<void> {
    return inLane(this.#processes, index, [], act)
  }

  /**
   * Tells a peer something; what it was told and what was done to its process before comes first.
   */
  #tell(index: number, method: string, ...params: readonly unknown[]): Promise<void> {
    const handled = this.#processes.get(index) ?? Promise.resolve()
    return inLane(this.#calls, index, [handled], async () => {
      const { process, rpc } = peerOf(this.#network.peers, index)
      if (!process.isRunning()) throw new Error(`peer ${index} does not run`)
      try {
        await rpc.call(method, params)
      } catch (error) {
        /** A peer that was killed meanwhile has forgotten it anyway. */
        if (process.isRunning()) throw error
      }
    })
  }

  get #running(): readonly number[] {
    return this.#network.peers
      .filter(({ process }) => process.isRunning())
      .map(({ process }) => process.info.index)
  }
}

/** After the last act of this peer in the lane, and after `others`, however they ended. */
function inLane(
  lane: Lane,
  index: number,
  others: readonly Promise<unknown>[],
  act: () => Promise<unknown>,
): Promise<void> {
  const before = [lane.get(index) ?? Promise.resolve(), ...others]
  const done = Promise.all(before).then(async () => {
    await act()
  })
  lane.set(
    index,
    done.catch(() => {}),
  )
  return done
}

/** Waits for all, and throws what the first one threw. */
async function all(acts: readonly Promise<void>[]): Promise<void> {
  const ends = await Promise.allSettled(acts)
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
