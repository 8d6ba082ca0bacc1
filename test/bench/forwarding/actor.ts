import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Emitter } from '../../../src/lib/emitter.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { onNote, tellActor, type Command, type Note } from './messages.ts'
import type { Plan } from './plan.ts'

type NoteOf<Kind extends Note['kind']> = Extract<Note, { readonly kind: Kind }>

/**
 * A process of a run, by the file of this folder that it runs. Notes are kept until somebody asks
 * for them.
 */
export class Actor {
  readonly notes = new Emitter<Note>()
  readonly #name: string
  readonly #process: ChildProcess
  readonly #kept: Note[] = []
  #isGone = false

  constructor(name: string, plan: Plan) {
    this.#name = name
    const file = fileURLToPath(new URL(`./${name}.js`, import.meta.url))
    this.#process = fork(file, [JSON.stringify(plan)], { execArgv: [] })
    this.#process.once('exit', () => {
      this.#isGone = true
    })
    onNote(this.#process, (note) => {
      if (note.kind !== 'delivered') this.#kept.push(note)
      this.notes.emit(note)
    })
  }

  tell(command: Command): void {
    if (!this.#isGone) tellActor(this.#process, command)
  }

  /** The next note of its kind; rejects where it does not come in time. */
  next<Kind extends Note['kind']>(kind: Kind, timeoutMs: number): Promise<NoteOf<Kind>> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const at = this.#kept.findIndex((note) => note.kind === kind)
        const note = this.#kept[at]
        if (note === undefined || !isOfKind(note, kind)) return
        this.#kept.splice(at, 1)
        cancel()
        unsubscribe()
        resolve(note)
      }
      const cancel = systemClock.after(timeoutMs, () => {
        unsubscribe()
        reject(new Error(`the ${this.#name} did not tell "${kind}" within ${timeoutMs} ms`))
      })
      const unsubscribe = this.notes.on(look)
      look()
    })
  }

  /** CPU time used so far, microseconds. */
  async cpuUs(timeoutMs: number): Promise<number> {
    this.tell({ kind: 'report-cpu' })
    return (await this.next('cpu', timeoutMs)).microseconds
  }

  end(): void {
    this.#process.kill('SIGKILL')
  }
}

function isOfKind<Kind extends Note['kind']>(note: Note, kind: Kind): note is NoteOf<Kind> {
  return note.kind === kind
}
