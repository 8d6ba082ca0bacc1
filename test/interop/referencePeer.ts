/**
 * A peer of another implementation: its process, driven by lines of JSON. README.md has the
 * commands and events.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { isRecord } from '../../src/lib/records.ts'
import { beginWait } from '../builders/waiting.ts'

export type Line = Readonly<Record<string, unknown>>

export interface ReferencePeerOptions {
  readonly program: string
  /** What it must know of the network to join it. */
  readonly networkFile: string
  /** The last byte of the seed of its key. */
  readonly key: number
  /** D of gossipsub; 0 for a peer without meshes. */
  readonly degree?: number
}

export class ReferencePeer {
  readonly id: string
  readonly address: string
  readonly #child: ChildProcess
  readonly #lines: Line[]
  readonly #waiting: Set<() => void>
  #lastOrder = 0

  private constructor(child: ChildProcess, lines: Line[], waiting: Set<() => void>, ready: Line) {
    this.#child = child
    this.#lines = lines
    this.#waiting = waiting
    this.id = String(ready['peer'])
    const [address] = Array.isArray(ready['addresses']) ? ready['addresses'] : []
    this.address = `${String(address)}/p2p/${this.id}`
  }

  /** Resolves when it listens. */
  static async start(options: ReferencePeerOptions): Promise<ReferencePeer> {
    const { program, networkFile, key, degree = 8 } = options
    const seed = `0x${key.toString(16).padStart(64, '0')}`
    const child = spawn(program, [networkFile, seed, String(degree)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const lines: Line[] = []
    const waiting = new Set<() => void>()
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line: unknown = JSON.parse(text)
      if (isRecord(line)) lines.push(line)
      for (const look of waiting) look()
    })
    child.once('close', () => {
      lines.push({ event: 'exit' })
      for (const look of waiting) look()
    })
    return new ReferencePeer(child, lines, waiting, await first(lines, waiting, isEvent('ready')))
  }

  /** The first event of this name, past or to come, that has these fields. */
  event(name: string, fields: Line = {}): Promise<Line> {
    return first(this.#lines, this.#waiting, isEvent(name, fields))
  }

  /** Has it do something; throws what it says if it cannot. */
  async order(what: string, fields: Line = {}): Promise<unknown> {
    const id = ++this.#lastOrder
    if (this.#child.stdin?.writable !== true) throw new Error(`${what}: the peer has ended`)
    this.#child.stdin.write(`${JSON.stringify({ id, do: what, ...fields })}\n`)
    const answer = await first(this.#lines, this.#waiting, (line) => line['id'] === id)
    if (typeof answer['error'] === 'string') throw new Error(`${what}: ${answer['error']}`)
    return answer['result']
  }

  /** Ends without a word to anybody. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.event('exit')
  }

  /** Has it end by itself. */
  async leave(): Promise<void> {
    this.#child.stdin?.end()
    await this.event('exit')
  }
}

type Matches = (line: Line) => boolean

function isEvent(name: string, fields: Line = {}): Matches {
  return (line) =>
    line['event'] === name && Object.entries(fields).every(([key, value]) => line[key] === value)
}

function first(lines: readonly Line[], waiting: Set<() => void>, matches: Matches): Promise<Line> {
  const endWait = beginWait(
    () => `a line of a reference peer, after ${JSON.stringify(lines.at(-1))}`,
  )
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const found = lines.find(matches)
      const isOver = lines.some(isEvent('exit'))
      if (found === undefined && !isOver) return
      waiting.delete(look)
      endWait()
      if (found === undefined) reject(new Error('the reference peer ended'))
      else resolve(found)
    }
    waiting.add(look)
    look()
  })
}
