/**
 * A libp2p stream as source and sink for it-pipe, with back pressure both ways.
 * `messageStreamToDuplex` of
 * @libp2p/utils 7.4.1 reads without any (a slow consumer let the sender push 209 MB), and pausing
 *   the stream under it loses what is still buffered when the far end closes. Here the stream is
 *   paused while more than `maxReadAheadBytes` wait for the consumer.
 *
 * The end of a stream is two things at once: it says that it has ended, and nothing is left in its
 * buffer. A peer that does not wait for the selection of its protocol (go-libp2p) sends that, its
 * request and the end in one packet. The stream has then said `end` before the request was put back
 * into its buffer, and says it no second time.
 */
import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

type Chunk = Uint8Array | Uint8ArrayList

/** Both directions of a stream: what is read from it, and what writes to it. */
export interface StreamDuplex {
  readonly source: AsyncGenerator<Chunk>
  /** Writes everything and closes the writing end; rejects when the stream breaks. */
  readonly sink: (chunks: AsyncIterable<Chunk> | Iterable<Chunk>) => Promise<void>
}

/** A stream for it-pipe; reading pauses it while more than `maxReadAheadBytes` wait. */
export function streamDuplex(stream: Stream, maxReadAheadBytes: number): StreamDuplex {
  return {
    source: readAll(stream, maxReadAheadBytes),
    sink: (chunks) => writeAll(stream, chunks),
  }
}

/**
 * Everything a stream delivers up to its end; it is paused while more than `maxReadAheadBytes`
 * wait.
 */
export async function* readAll(stream: Stream, maxReadAheadBytes: number): AsyncGenerator<Chunk> {
  const reader = new Reader(stream, maxReadAheadBytes)
  try {
    for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next())
      yield chunk
  } finally {
    reader.release()
  }
}

/** Chunks that came and were not taken yet; at most one taker waits. */
class Reader {
  readonly #stream: Stream
  readonly #maxBytes: number
  readonly #queue: Chunk[] = []
  #queuedBytes = 0
  #error: Error | undefined
  #wake: () => void = () => {}

  constructor(stream: Stream, maxBytes: number) {
    this.#stream = stream
    this.#maxBytes = maxBytes
    if (stream.status === 'aborted' || stream.status === 'reset')
      this.#error = new Error(`the stream was ${stream.status} before it was read`)
    stream.addEventListener('end', this.#onEnd)
    stream.addEventListener('close', this.#onClose)
    stream.addEventListener('message', this.#onMessage)
  }

  async next(): Promise<Chunk | undefined> {
    while (this.#queue.length === 0) {
      if (this.#error !== undefined) throw this.#error
      if (this.#isAtEnd()) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const chunk = this.#queue.shift()
    this.#queuedBytes -= chunk?.byteLength ?? 0
    if (this.#queuedBytes <= this.#maxBytes / 2) this.#resume()
    return chunk
  }

  release(): void {
    this.#stream.removeEventListener('end', this.#onEnd)
    this.#stream.removeEventListener('close', this.#onClose)
    this.#stream.removeEventListener('message', this.#onMessage)
  }

  /** Whether nothing more will be delivered. */
  #isAtEnd(): boolean {
    return this.#stream.readableEnded && this.#stream.readBufferLength === 0
  }

  #resume(): void {
    if (this.#stream.readStatus === 'paused') this.#stream.resume()
  }

  readonly #onMessage = (event: StreamMessageEvent): void => {
    this.#queue.push(event.data)
    this.#queuedBytes += event.data.byteLength
    if (this.#queuedBytes > this.#maxBytes && this.#stream.readStatus === 'readable')
      this.#stream.pause()
    this.#wake()
  }

  readonly #onEnd = (): void => {
    this.#wake()
  }

  /** A clean close while paused still has data to deliver, which `end` follows. */
  readonly #onClose = (event: StreamCloseEvent): void => {
    if (event.error !== undefined) this.#error = event.error
    this.#wake()
  }
}

async function writeAll(
  stream: Stream,
  chunks: AsyncIterable<Chunk> | Iterable<Chunk>,
): Promise<void> {
  for await (const chunk of chunks) {
    if (!stream.send(chunk)) await drained(stream)
  }
  await stream.close()
}

/**
 * Not `stream.onDrain()`: its promise is made once, so that from the second call on it resolves at
 * once.
 */
function drained(stream: Stream): Promise<void> {
  if (!stream.writableNeedsDrain) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const done = (): void => {
      stream.removeEventListener('drain', onDrain)
      stream.removeEventListener('close', onClose)
    }
    const onDrain = (): void => {
      done()
      resolve()
    }
    const onClose = (event: StreamCloseEvent): void => {
      done()
      reject(event.error ?? new Error('the stream was closed before everything was written'))
    }
    stream.addEventListener('drain', onDrain)
    stream.addEventListener('close', onClose)
  })
}
