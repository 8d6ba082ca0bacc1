/** What the hooks of the router are given, and what they share while messages are under way. */
import type { Message } from '@chainsafe/libp2p-gossipsub'
import type { Hash } from '../../crypto/keccak.ts'
import type { PeerId, RouterEvent } from '../../gossip/network.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'
import type { Turns } from '../../lib/turns.ts'
import type { Offence } from '../peers/bans.ts'
import type { LimitValues } from '../limits.ts'
import type { TrafficCounters } from '../traffic.ts'
import type { AskedMessages } from './askedMessages.ts'
import type { Intake } from './intake.ts'
import type { LatePushes } from './latePushes.ts'
import type { MessageIds } from './messageIds.ts'
import type { RouterFaults } from './routerFaults.ts'

/** When and as what a message came, kept until it is handed on. */
export interface MessageArrival {
  readonly receivedMs: number
  readonly digest: Hash
  /** Whether this node had asked that peer for it (IWANT). */
  readonly isAsked: boolean
}

/** What the hooks observe, decide and report with. */
export interface HookParts {
  readonly ids: MessageIds
  readonly limits: LimitValues
  readonly clock: Clock
  readonly log: Logger
  readonly traffic: TrafficCounters
  readonly intake: Intake
  /** Turns of the event loop, shared by all streams that are read. */
  readonly turns: Turns
  readonly emit: (event: RouterEvent) => void
  readonly onOffence: (peer: PeerId, offence: Offence) => void
  /** An outbound stream to a peer of the router has been opened. */
  readonly onStream: (peer: string) => void
  /** Whether mesh peers should hear that we have this message. */
  readonly announces: (id: Uint8Array, topic: string) => boolean
  readonly latePushes: LatePushes
  readonly asked: AskedMessages
  /** Makes the router misbehave on request. */
  readonly faults: RouterFaults | undefined
}

/** What the hooks know of messages that are under way. */
export interface HookState extends HookParts {
  readonly arrivals: WeakMap<Message, MessageArrival>
}
