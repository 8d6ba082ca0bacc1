/** Frames of an answer between their arrival and their reader. */
export class FrameQueue implements AsyncIterable<Uint8Array> {
  readonly #frames: Uint8Array[] = []
  #isOver = false
  #failure: Error | undefined
  #hasBegun = false
  #wake: (() => void) | undefined

  /** Whether anything has come. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  push(frame: Uint8Array): void {
    if (this.#isOver) return
    this.#hasBegun = true
    this.#frames.push(frame)
    this.#wake?.()
  }

  end(): void {
    this.#hasBegun = true
    this.#isOver = true
    this.#wake?.()
  }

  /** The reader throws this after what has come. */
  fail(failure: Error): void {
    if (this.#isOver) return
    this.#failure = failure
    this.#isOver = true
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const frame = this.#frames.shift()
      if (frame !== undefined) yield frame
      else if (this.#failure !== undefined) throw this.#failure
      else if (this.#isOver) return
      else await this.#next()
    }
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}
