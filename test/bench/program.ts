/** The command line as a user starts it, for what only whole processes can show. */
import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../src/lib/clock.ts'

/** From dist/bench/test/bench to the build beside it. */
const PROGRAM = fileURLToPath(new URL('../../../cli/main.js', import.meta.url))

export interface Program {
  /** The first line it wrote, which is JSON. */
  readonly first: unknown
  /** From the start to that line, ms. */
  readonly afterMs: number
  /** Asks it to end and waits until it has. */
  stop(): Promise<void>
}

/** Starts `grapevine ...args` and resolves with its first line; throws where none comes in time. */
export async function startProgram(args: readonly string[], timeoutMs: number): Promise<Program> {
  const startMs = performance.now()
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = endOf(child)
  const cancel = systemClock.after(timeoutMs, () => child.kill('SIGKILL'))
  const line = await Promise.race([firstLine(child), ended.then(() => undefined)])
  cancel()
  if (line === undefined)
    throw new Error(`"grapevine ${args.join(' ')}" ended or said nothing for ${timeoutMs} ms`)
  return {
    first: JSON.parse(line),
    afterMs: performance.now() - startMs,
    stop: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
}

function firstLine({ stdout }: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    if (stdout === null) return
    createInterface({ input: stdout }).once('line', (line) => {
      resolve(line)
      stdout.resume()
    })
  })
}
