/** The programs that a set-up runs, and what a signal in the middle does. */
import { spawn } from 'node:child_process'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** Thrown where a signal ended the work; whoever catches it last ends this process by that signal. */
export class Interrupted extends Error {
  constructor(signal) {
    super(`interrupted by ${signal}`)
    this.signal = signal
  }
}

/**
 * Runs programs one after another. Each has a process group of its own, so that a Ctrl-C at the terminal comes to us alone.
 * A signal to us ends that whole group and is answered when the group has ended; a second one ends it at once.
 */
export class Children {
  #group
  #signal
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

  /** Output goes to standard error: standard output belongs to the command that follows. Answers how it ended. */
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
    this.#group = undefined
    this.check()
    return outcome
  }

  #onSignal(signal) {
    const how = this.#signal === undefined ? 'SIGTERM' : 'SIGKILL'
    this.#signal ??= signal
    if (this.#group === undefined) return
    try {
      process.kill(-this.#group, how)
    } catch {
      // It has ended in the meantime.
    }
  }
}
