/** What goes from thread to thread, and the way there. */
import type { RPC } from '../../p2p/router/routerInternals.ts'
import type { Intent } from '../links/intent.ts'
import type { RequestFrame } from '../links/requestFrame.ts'

/** A frame on its way, beside what it says. */
export interface Crossing {
  readonly from: number
  readonly to: number
  /** Of the wire it goes over. */
  readonly serial: number
  /** Its place in what goes over the wire. */
  readonly number: number
  readonly bytes: number
  /** When its first piece comes. */
  readonly atMs: number
  /** When the last does, where the receiver's access takes time; `undefined` elsewhere. */
  readonly lastMs: number | undefined
}

/** The way to nodes of other threads. */
export interface Away {
  /** Whether another thread has the node. */
  isAway(node: number): boolean
  send(crossing: Crossing, cargo: RPC | RequestFrame): void
  /** All other threads hear of it. */
  intend(intent: Intent): void
}
