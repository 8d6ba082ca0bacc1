/**
 * Reads what peers keep in rings, page by page and by cursor: each thing once, whoever asks and
 * whenever.
 */
import type { PeerPort } from '../port.ts'

/** Things asked for at a time. */
const PAGE = 5_000

/** A page of what a peer keeps. */
interface Page {
  /** From where to read on. */
  readonly cursor: number
}

/** How far a peer was read, since it started. */
interface Cursor {
  readonly instance: unknown
  readonly next: number
}

/** What is read, and how. */
export interface PagedReaderParts<P extends Page> {
  /** Throws where the peer does not answer. */
  readonly read: (peer: PeerPort, cursor: number, limit: number) => Promise<P>
  readonly countOf: (page: P) => number
}

/**
 * Reads one kind of thing of all peers. A peer that was started again is read from its beginning.
 */
export class PagedReader<P extends Page> {
  readonly #parts: PagedReaderParts<P>
  readonly #cursors = new Map<number, Cursor>()
  /** What is being read, by peer: never twice at once, or a page would count twice. */
  readonly #reading = new Map<number, Promise<void>>()

  constructor(parts: PagedReaderParts<P>) {
    this.#parts = parts
  }

  /** Hands over every page that is new at a peer. Throws where it does not answer. */
  read(peer: PeerPort, keep: (page: P) => void): Promise<void> {
    const before = this.#reading.get(peer.index) ?? Promise.resolve()
    const reading = before.catch(() => {}).then(() => this.#readPages(peer, keep))
    this.#reading.set(peer.index, reading)
    return reading
  }

  async #readPages(peer: PeerPort, keep: (page: P) => void): Promise<void> {
    const { read, countOf } = this.#parts
    for (;;) {
      const cursor = this.#cursors.get(peer.index)
      const from = cursor?.instance === peer.instance ? (cursor?.next ?? 0) : 0
      const page = await read(peer, from, PAGE)
      keep(page)
      this.#cursors.set(peer.index, { instance: peer.instance, next: page.cursor })
      if (countOf(page) < PAGE) return
    }
  }
}
