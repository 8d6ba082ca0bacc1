/**
 * The open pages, each a stream of server-sent events. A page that does not read is disconnected;
 * it connects again by itself.
 */
import type { ServerResponse } from 'node:http'
import { DASHBOARD_LIMITS } from '../model/limits.ts'
import type { Hello, Update } from '../model/terms.ts'

/** What is sent to a page, by the name of the event. */
export interface Messages {
  readonly hello: Hello
  readonly update: Update
  /** The devnet has ended, and why. */
  readonly ended: { readonly text: string }
}

/** The streams of all open pages. */
export class Viewers {
  readonly #responses = new Set<ServerResponse>()

  /** Pages that are open. */
  get count(): number {
    return this.#responses.size
  }

  /** Starts a stream; answers whether there was room for it. */
  add(response: ServerResponse, hello: Hello): boolean {
    if (this.#responses.size >= DASHBOARD_LIMITS.maxViewers) return false
    this.#responses.add(response)
    response.once('close', () => this.#responses.delete(response))
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    })
    response.write(`retry: ${DASHBOARD_LIMITS.retryMs}\n${textOf('hello', hello)}`)
    return true
  }

  /** Sends a message to every page. A page with too many unread bytes is disconnected. */
  send<Name extends keyof Messages>(name: Name, message: Messages[Name]): void {
    if (this.#responses.size === 0) return
    const text = textOf(name, message)
    for (const response of this.#responses) {
      if (response.writableLength > DASHBOARD_LIMITS.maxBufferedBytes) response.destroy()
      else response.write(text)
    }
  }

  /** Sends every page the reason, `text`, and ends its stream. */
  end(text: string): void {
    for (const response of this.#responses) response.end(textOf('ended', { text }))
    this.#responses.clear()
  }
}

function textOf<Name extends keyof Messages>(name: Name, message: Messages[Name]): string {
  return `event: ${name}\ndata: ${JSON.stringify(message)}\n\n`
}
