/**
 * The `probe` protocol: does it answer?
 *
 * SPECIFICATION
 *
 * - Request RLP [0, incarnation, isSuspected]: are you there? I hold the record of you with this
 *   incarnation, and suspect you or not. Answer RLP [envelope]: the answerer's record where its
 *   incarnation is another one or where it is suspected (then it has raised it), and nothing
 *   otherwise.
 * - Request RLP [1, peer]: is that member there? It is of use to who gets no answer itself. Answer
 *   RLP [1] where it answered the answerer, RLP [0] where it did not or was not asked; no answer
 *   tells the asker that it is itself cut off.
 *
 * A probe of our own and not libp2p's ping, because it must say three things that a ping cannot:
 * that the node above the connection runs, that its peer is suspected before anybody else says so
 * (Lifeguard's buddy system), and its newest record.
 */
import type { PeerId } from '../gossip/network.ts'
import { encodeRlp } from '../lib/rlp.ts'
import {
  bytesOf,
  integer,
  integerOf,
  itemsOf,
  listOf,
  ProtocolViolation,
  plainTextOf,
} from '../sync/protocol.ts'

const MAX_PEER_ID_BYTES = 64
const MAX_ENVELOPE_BYTES = 1024
const INCARNATION_BYTES = 6

/** A question of the probe protocol. */
export type ProbeRequest =
  | { readonly form: 'direct'; readonly incarnation: number; readonly isSuspected: boolean }
  | { readonly form: 'indirect'; readonly peer: PeerId }

/** A request as it travels. */
export function encodeProbe(request: ProbeRequest): Uint8Array {
  if (request.form === 'indirect')
    return encodeRlp([integer(1), new TextEncoder().encode(request.peer)])
  const { incarnation, isSuspected } = request
  return encodeRlp([integer(0), integer(incarnation), integer(isSuspected ? 1 : 0)])
}

/** Throws a {@link ProtocolViolation} for everything else. */
export function decodeProbe(data: Uint8Array): ProbeRequest {
  const items = itemsOf(data)
  const kind = integerOf(items[0], 1)
  if (kind === 1n) {
    const peer = plainTextOf(listOf(data, 2)[1], MAX_PEER_ID_BYTES)
    return { form: 'indirect', peer: peer as PeerId }
  }
  if (kind !== 0n) throw new ProtocolViolation('the probe protocol has no such kind')
  const [, incarnation, suspected] = listOf(data, 3)
  return {
    form: 'direct',
    incarnation: Number(integerOf(incarnation, INCARNATION_BYTES)),
    isSuspected: integerOf(suspected, 1) !== 0n,
  }
}

/** The answer to a direct probe; no record where there is nothing to say. */
export function encodeDirectAnswer(envelope: Uint8Array | undefined): Uint8Array {
  return encodeRlp([envelope ?? new Uint8Array(0)])
}

/** The record in the answer to a direct probe, as it travels. */
export function decodeDirectAnswer(frame: Uint8Array): Uint8Array | undefined {
  const envelope = bytesOf(listOf(frame, 1)[0], MAX_ENVELOPE_BYTES)
  return envelope.length === 0 ? undefined : envelope
}

/** The answer to an indirect probe. */
export function encodeIndirectAnswer(isThere: boolean): Uint8Array {
  return encodeRlp([integer(isThere ? 1 : 0)])
}

/** Whether the member was there. */
export function decodeIndirectAnswer(frame: Uint8Array): boolean {
  return integerOf(listOf(frame, 1)[0], 1) !== 0n
}
