/**
 * IHAVE in frames that others take. The router announces up to 5,000 ids of a topic in one frame,
 * which then has 175 KB. libp2p-gossipsub of Rust, from 0.50 on, fails the stream at a frame with
 * more than 16,384 bytes of control fields. Here what is announced in a heartbeat is divided among
 * several frames. Receivers read 10 of them in a heartbeat (GossipsubMaxIHaveMessages of the Go
 * implementation): topics with few ids go first, ids beyond 10 frames are left out.
 *
 * Other control fields stay below by themselves: IDONTWANT goes one id a frame, and IWANT asks for
 * no more than the IHAVE that it answers has named.
 */
import type { LimitValues } from '../limits.ts'
import type { RPC } from './routerInternals.ts'

/** Tag and length of an id, whose 33 bytes follow. */
const ID_HEAD_BYTES = 2
/** Tags and lengths of the control field, of the announcement in it, and of the topic. */
const HEAD_BYTES = 12

/** What the announcements of one frame may take, and how many such frames a heartbeat has. */
export type AnnouncementLimits = Pick<
  LimitValues,
  'gossipMaxControlBytes' | 'gossipAnnouncementFrames'
>

/**
 * The frames in which `announced` goes out, or nothing where it fits into one together with
 * `otherBytes`.
 */
export function announcementFrames(
  announced: readonly RPC.ControlIHave[],
  otherBytes: number,
  limits: AnnouncementLimits,
): RPC.ControlIHave[][] {
  const maxBytes = limits.gossipMaxControlBytes
  if (sum(announced.map(announcementBytes)) + otherBytes <= maxBytes) return []
  const fewFirst = announced.toSorted((a, b) => a.messageIDs.length - b.messageIDs.length)
  const frames: RPC.ControlIHave[][] = []
  let freeBytes = 0
  for (const one of fewFirst.flatMap((whole) => parts(whole, maxBytes))) {
    const bytes = announcementBytes(one)
    if (bytes > freeBytes) {
      frames.push([])
      freeBytes = maxBytes
    }
    frames.at(-1)?.push(one)
    freeBytes -= bytes
  }
  return frames.slice(0, limits.gossipAnnouncementFrames)
}

/** Divides the ids of a topic so that each part fits into a frame. */
function parts(whole: RPC.ControlIHave, maxBytes: number): RPC.ControlIHave[] {
  const found: RPC.ControlIHave[] = []
  const emptyBytes = announcementBytes({ ...whole, messageIDs: [] })
  let freeBytes = 0
  for (const id of whole.messageIDs) {
    const bytes = id.length + ID_HEAD_BYTES
    if (bytes > freeBytes) {
      found.push({ ...whole, messageIDs: [] })
      freeBytes = maxBytes - emptyBytes
    }
    found.at(-1)?.messageIDs.push(id)
    freeBytes -= bytes
  }
  return found
}

/** Bytes in a frame, at most. */
function announcementBytes({ topicID = '', messageIDs }: RPC.ControlIHave): number {
  return HEAD_BYTES + topicID.length + idBytes(messageIDs)
}

/**
 * Bytes in a frame that the control fields besides announcements take, without the few of meshes.
 */
export function askedBytes(control: RPC['control']): number {
  return sum((control?.iwant ?? []).map(({ messageIDs }) => HEAD_BYTES + idBytes(messageIDs)))
}

function idBytes(ids: readonly Uint8Array[]): number {
  return sum(ids.map((id) => id.length + ID_HEAD_BYTES))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
