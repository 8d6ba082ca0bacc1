/**
 * Ports that programs cannot reach over HTTP by `fetch`: browsers, Node and Deno refuse them before
 * they connect.
 */
import type { Server } from 'node:http'

/**
 * The blocked ports of the Fetch standard (https://fetch.spec.whatwg.org/#port-blocking), November
 * 2026.
 */
export const BLOCKED_PORTS: ReadonlySet<number> = new Set([
  1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102,
  103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465,
  512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993,
  995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668,
  6669, 6679, 6697, 10_080,
])

/** What is wrong with such a port, as the end of a sentence. */
export const BLOCKED_PORT_REASON = 'the Fetch standard blocks it, so browsers and Node refuse it'

/** A system that gives such ports gives others, too. */
const MAX_TRIES = 100

/**
 * Listens on a port; 0 takes a free one that `fetch` reaches, whatever range the system gives its
 * ports from. Rejects with the error of the system.
 */
export async function listenForWeb(server: Server, port: number, host: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    await listen(server, port, host)
    const isReached = port !== 0 || !BLOCKED_PORTS.has(portOf(server))
    if (isReached || tries === MAX_TRIES) return
    await new Promise((resolve) => void server.close(resolve))
  }
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
