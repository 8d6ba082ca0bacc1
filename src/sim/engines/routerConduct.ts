/** The ways in which a gossip router without a node above it can be hostile. */
import type { Cancel, Clock } from '../../lib/clock.ts'
import type { MessageIds } from '../../p2p/router/messageIds.ts'
import { RouterFaults } from '../../p2p/router/routerFaults.ts'
import { Flood, FLOOD_EVERY_MS } from '../../peer/flood.ts'
import { Forwarding } from '../../rehearsal/forwarding.ts'
import type { Misbehaviour } from '../../rehearsal/misbehaviour.ts'
import type { SimRouter } from '../links/routerAccess.ts'

/** Misbehaviours that mean nothing to a router, with why. */
export const NEEDS_A_NODE: Readonly<Partial<Record<Misbehaviour, string>>> = {
  spam: 'finds every transaction valid, so it cannot spam',
  equivocate: 'has no votes, so it cannot equivocate',
  accuse: 'knows no members, so it cannot accuse',
}

/** How one router behaves. */
export class RouterConduct {
  readonly #faults = new RouterFaults()
  readonly #clock: Clock
  readonly #forwarding = new Forwarding()
  #flood: Flood | undefined
  #end: Cancel = () => {}

  constructor(router: SimRouter, ids: MessageIds, clock: Clock) {
    this.#clock = clock
    this.#faults.attach(router, ids)
  }

  /** Whether it forwards a message that came from this peer. */
  forwards(from: string): boolean {
    return this.#forwarding.forwards(from)
  }

  /** From now on; `undefined` is as it should. Throws for one of {@link NEEDS_A_NODE}. */
  misbehave(behaviour: Misbehaviour | undefined, against?: string): void {
    const objection = behaviour && NEEDS_A_NODE[behaviour]
    if (objection !== undefined) throw new Error(`a router alone ${objection}`)
    this.#end()
    this.#forwarding.misbehave(behaviour, against)
    this.#end = this.#begin(behaviour)
  }

  /** A message that it may flood with. */
  remember(topic: string, data: Uint8Array): void {
    this.#flood?.remember(topic, data)
  }

  #begin(behaviour: Misbehaviour | undefined): Cancel {
    if (behaviour === 'withhold') {
      this.#faults.withhold(true)
      return () => this.#faults.withhold(false)
    }
    if (behaviour !== 'flood') return () => {}
    const flood = new Flood()
    this.#flood = flood
    const cancel = this.#clock.every(FLOOD_EVERY_MS, () => this.#faults.sendCopies(flood.burst()))
    return () => {
      cancel()
      this.#flood = undefined
    }
  }
}
