/** Opens one thing for a peer; resolves when it is open or has failed. Never rejects. */
type Open = () => Promise<void>

interface Turn {
  /** The next to run, if any: of several that wait, the last is as good as all. */
  next: Open | undefined
}

/**
 * One opening at a time for each peer, peers side by side. The router opens all its outbound
 * streams one after another, so that a peer which does not answer keeps everybody else waiting for
 * its timeout, 10 s each.
 */
export class StreamOpener {
  readonly #turns = new Map<string, Turn>()

  /** Starts `open`, or remembers it for when the one under way has ended. */
  request(peer: string, open: Open): void {
    const turn = this.#turns.get(peer)
    if (turn === undefined) void this.#run(peer, open)
    else turn.next = open
  }

  /** Peers for which something is under way. */
  get busyCount(): number {
    return this.#turns.size
  }

  async #run(peer: string, first: Open): Promise<void> {
    const turn: Turn = { next: first }
    this.#turns.set(peer, turn)
    while (turn.next !== undefined) {
      const open = turn.next
      turn.next = undefined
      await open()
    }
    this.#turns.delete(peer)
  }
}
