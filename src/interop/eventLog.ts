/**
 * The lines that the analysis of gossipsub-interop reads: one JSON object each, with RFC 3339
 * times.
 */

/** Where lines go, and what a time of the monotonic clock is in milliseconds since 1970. */
export interface EventLogParts {
  readonly write: (line: string) => void
  readonly wallMs: (monotonicMs: number) => number
}

/** Writes events as lines of JSON. */
export class EventLog {
  readonly #parts: EventLogParts

  constructor(parts: EventLogParts) {
    this.#parts = parts
  }

  /** @param atMs when it happened, by the monotonic clock. */
  write(msg: string, atMs: number, fields: Readonly<Record<string, unknown>>): void {
    const { write, wallMs } = this.#parts
    const line = {
      time: rfc3339(wallMs(atMs)),
      level: 'INFO',
      msg,
      service: 'gossipsub',
      ...fields,
    }
    write(`${JSON.stringify(line)}\n`)
  }
}

/** UTC with microseconds. */
function rfc3339(wallMs: number): string {
  const us = Math.round(wallMs * 1000)
  const text = new Date(Math.floor(us / 1000)).toISOString()
  return `${text.slice(0, -1)}${String(us % 1000).padStart(3, '0')}Z`
}
