import { CONTROL_KINDS, type ControlKind } from '../item/controlKinds.ts'
import type { RPC } from './router/routerInternals.ts'

/** Control messages of one kind, both ways. */
export interface ControlCount {
  readonly sent: number
  readonly received: number
}

/**
 * What went over the gossip streams since the start. Bytes are those of the frames with their
 * length prefixes.
 */
export interface GossipTraffic {
  readonly bytesSent: number
  readonly bytesReceived: number
  readonly framesSent: number
  readonly framesReceived: number
  readonly control: Readonly<Record<ControlKind, ControlCount>>
  readonly duplicates: number
  /** Forwards that were kept back until their target showed that it had the message. */
  readonly sparedForwards: number
  /** Frames dropped because their peer was over its budget. */
  readonly droppedFrames: number
  readonly undecodableFrames: number
  /** Messages with an author, sequence number, key or signature. */
  readonly signedMessages: number
  /** Judges that threw: a bug of ours, answered as ignore. */
  readonly judgeErrors: number
  /** Accepts that came when the message had left the cache: nothing was forwarded. */
  readonly lateAccepts: number
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }
type Counters = Writable<Omit<GossipTraffic, 'control'>>

/** Counters of one router. Plain numbers: they are on the path of every frame. */
export class TrafficCounters {
  readonly counters: Counters = {
    bytesSent: 0,
    bytesReceived: 0,
    framesSent: 0,
    framesReceived: 0,
    duplicates: 0,
    sparedForwards: 0,
    droppedFrames: 0,
    undecodableFrames: 0,
    signedMessages: 0,
    judgeErrors: 0,
    lateAccepts: 0,
  }
  readonly #sent = zeroes()
  readonly #received = zeroes()

  sentFrame(bytes: number): void {
    this.counters.framesSent++
    this.counters.bytesSent += bytes
  }

  receivedFrame(bytes: number): void {
    this.counters.framesReceived++
    this.counters.bytesReceived += bytes
  }

  sentControl(rpc: RPC, copies: number): void {
    count(this.#sent, rpc, copies)
  }

  receivedControl(rpc: RPC): void {
    count(this.#received, rpc, 1)
  }

  snapshot(): GossipTraffic {
    const control = Object.fromEntries(
      CONTROL_KINDS.map((kind) => [
        kind,
        { sent: this.#sent[kind], received: this.#received[kind] },
      ]),
    ) as Record<ControlKind, ControlCount>
    return { ...this.counters, control }
  }
}

function zeroes(): Record<ControlKind, number> {
  return { ihave: 0, iwant: 0, graft: 0, prune: 0, idontwant: 0 }
}

function count(into: Record<ControlKind, number>, rpc: RPC, copies: number): void {
  const control = rpc.control
  if (control === undefined) return
  for (const kind of CONTROL_KINDS) into[kind] += control[kind].length * copies
}
