/**
 * Fewer writes to the socket. A message leaves this stack as four small writes (length and cipher
 * text of noise, header and payload of yamux) and each is a system call. All writes of one tick are
 * held together and leave as one.
 *
 * The hook is libp2p's connection protector: it is handed the raw connection before encryption, so
 * it sees every byte of it. Nothing is changed in what is sent or in its order. Node's stream
 * writes out a corked buffer when it is ended, so closing loses nothing.
 */
import type { ConnectionProtector, MessageStream } from '@libp2p/interface'
import { isMultiaddr, type Multiaddr } from '@multiformats/multiaddr'

/** What of `net.Socket` is needed here. */
export interface Corkable {
  cork(): void
  uncork(): void
  readonly destroyed: boolean
}

/**
 * Is told of each link: the address of the other end, the socket, and how to hear that it has
 * closed.
 */
export type LinkWatcher = (
  address: Multiaddr,
  socket: Corkable,
  closed: (listener: () => void) => void,
) => void

/** What a link does to what passes through it. */
export interface LinkOptions {
  readonly watch?: LinkWatcher | undefined
  /**
   * What to use instead of the connection: a {@link LinkShaper} makes it carry bytes as its link
   * would.
   */
  readonly shaped?: ((connection: MessageStream) => MessageStream) | undefined
}

/** For `createLibp2p({ connectionProtector })`. */
export function corkingLink({ watch, shaped }: LinkOptions = {}): () => ConnectionProtector {
  return () => ({
    protect: (connection) => {
      const socket = socketOf(connection)
      if (socket !== undefined) {
        corkEachTick(connection, socket)
        if (watch !== undefined) tell(watch, connection, socket)
      }
      return Promise.resolve(shaped === undefined ? connection : shaped(connection))
    },
  })
}

function tell(watch: LinkWatcher, connection: MessageStream, socket: Corkable): void {
  const address: unknown = 'remoteAddr' in connection ? connection.remoteAddr : undefined
  if (!isMultiaddr(address)) return
  watch(address, socket, (listener) =>
    connection.addEventListener('close', listener, { once: true }),
  )
}

function corkEachTick(connection: MessageStream, socket: Corkable): void {
  const send = connection.send.bind(connection)
  let corked = false
  const uncork = (): void => {
    corked = false
    if (!socket.destroyed) socket.uncork()
  }
  connection.send = (data) => {
    if (!corked) {
      corked = true
      socket.cork()
      process.nextTick(uncork)
    }
    return send(data)
  }
}

/** The socket of a TCP connection of libp2p; other transports have none and are left alone. */
function socketOf(connection: MessageStream): Corkable | undefined {
  const socket: unknown = 'socket' in connection ? connection.socket : undefined
  return isCorkable(socket) ? socket : undefined
}

function isCorkable(value: unknown): value is Corkable {
  return (
    typeof value === 'object' &&
    value !== null &&
    'cork' in value &&
    typeof value.cork === 'function' &&
    'uncork' in value &&
    typeof value.uncork === 'function'
  )
}
