/** What one simulated node does to peers that break the rules of the network. */
import type { PeerId } from '../../gossip/network.ts'
import type { Clock } from '../../lib/clock.ts'
import { limitValues } from '../../p2p/limits.ts'
import { BanList, type Offence } from '../../p2p/peers/bans.ts'
import type { SimMachine } from '../links/machine.ts'
import type { SimWorld } from './engine.ts'

const LIMITS = limitValues('devnet')

/** The bans of one life of a node. */
export class SimBans {
  readonly #world: SimWorld
  readonly #machine: SimMachine
  readonly #clock: Clock
  /** Made at the first offence: most nodes of a large network see none. */
  #list: BanList | undefined

  constructor(world: SimWorld, machine: SimMachine, clock: Clock) {
    this.#world = world
    this.#machine = machine
    this.#clock = clock
  }

  /** Each offence costs the connection; a banned peer gets no new one while its ban lasts. */
  punish(peer: PeerId, offence: Offence): void {
    const { machines, indexOf, connections } = this.#world
    this.#list ??= new BanList(LIMITS)
    this.#list.strike(peer, offence, this.#clock.monotonicMs())
    const offender = machines[indexOf.get(peer) ?? -1]
    if (offender === undefined) return
    const untilMs = this.#list.bannedUntilMs(peer)
    connections.intend(this.#machine, offender, 'disconnect', untilMs)
  }
}
