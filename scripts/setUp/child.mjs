/** The programs that a set-up runs, and what a signal in the middle does. */
import { spawn } from 'node:child_process'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
/**
 * npm may spend minutes on undoing what it did; what it leaves behind is repaired by the next
 * set-up anyway.
 */
const GRACE_MS = 2_000

/**
 * Thrown where a signal ended the work; whoever catches it last ends this process by that signal.
 */
export class Interrupted extends Error {
  constructor(signal) {
    super(`interrupted by ${signal}`)
    this.signal = signal
  }
}

/**
 * Runs programs one after another. Each has a process group of its own, so that a Ctrl-C at the
 * terminal comes to us alone. A signal to us ends that whole group, within {@link GRACE_MS}, and is
 * answered when the group has ended; a second one ends it at once.
 */
export class Children {
  #group
  #signal
  #deadline
  #listeners = SIGNALS.map((signal) => [signal, () => this.#onSignal(signal)])

  listen() {
    for (const [signal, listener] of this.#listeners) process.on(signal, listener)
  }

  unlisten() {
    for (const [signal, listener] of this.#listeners) process.off(signal, listener)
  }

  /** Throws `Interrupted` if a signal has come. */
  check() {
    if (this.#signal !== undefined) throw new Interrupted(this.#signal)
  }

  /**
   * Output goes to standard error: standard output belongs to the command that follows. Answers how
   * it ended.
   */
  async run(command, args, { cwd, onStart }) {
    this.check()
    const child = spawn(command, args, { cwd, stdio: ['ignore', 2, 2], detached: true })
    const ended = new Promise((resolve) => {
      child.once('error', (error) => resolve({ error }))
      child.once('exit', (code, signal) => resolve({ code, signal }))
    })
    this.#group = child.pid
    if (child.pid !== undefined) onStart(child.pid)
    const outcome = await ended
    clearTimeout(this.#deadline)
    if (this.#signal !== undefined) this.#kill('SIGKILL')
    this.#group = undefined
    this.check()
    return outcome
  }

  #onSignal(signal) {
    if (this.#signal !== undefined) return this.#kill('SIGKILL')
    this.#signal = signal
    this.#kill('SIGTERM')
    this.#deadline = setTimeout(() => this.#kill('SIGKILL'), GRACE_MS).unref()
  }

  #kill(how) {
    try {
      if (this.#group !== undefined) process.kill(-this.#group, how)
    } catch {
      // It has ended in the meantime.
    }
  }
}
