import type { PeerId } from '../gossip/network.ts'
import type { Emitter, Unsubscribe } from '../lib/emitter.ts'
import type { MemberChange } from './member.ts'

/** How suspicions ended here since the start, and how long detection took. */
export interface MemberCounts {
  /** Suspicions that began. */
  readonly suspicions: number
  /** Of those, refuted by the member: it was there. */
  readonly refuted: number
  /** Members that became dead here. */
  readonly deaths: number
  /** Members that were dead here and spoke again. */
  readonly returned: number
  /**
   * From when a member was last heard, or suspected where it is no neighbour, until it was dead:
   * the sum, ms.
   */
  readonly detectionMs: number
}

/** Counts what happens to members. */
export class MemberStats {
  readonly #heardMs: (peer: PeerId) => number | undefined
  readonly #counts = { suspicions: 0, refuted: 0, deaths: 0, returned: 0, detectionMs: 0 }

  /** `heardMs`: when gossip of a peer last came, monotonic ms. */
  constructor(heardMs: (peer: PeerId) => number | undefined) {
    this.#heardMs = heardMs
  }

  get counts(): MemberCounts {
    return { ...this.#counts }
  }

  follow(changes: Pick<Emitter<MemberChange>, 'on'>): Unsubscribe {
    return changes.on((change) => this.#note(change))
  }

  #note({ member, before }: MemberChange): void {
    const counts = this.#counts
    const was = before?.state
    if (member.state === 'suspect') counts.suspicions++
    if (was === 'suspect' && member.state === 'alive') counts.refuted++
    if (was === 'dead' && member.state === 'alive') counts.returned++
    if (was !== 'suspect' || member.state !== 'dead') return
    const suspectedMs = before?.sinceMs ?? member.told.atMs
    const sinceMs = Math.min(suspectedMs, this.#heardMs(member.peer) ?? suspectedMs)
    counts.deaths++
    counts.detectionMs += Math.max(0, member.told.atMs - sinceMs)
  }
}
