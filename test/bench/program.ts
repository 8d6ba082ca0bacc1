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
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const lastWords = lastLineOf(child)
  const ended = endOf(child)
  const cancel = systemClock.after(timeoutMs, () => child.kill('SIGKILL'))
  const line = await Promise.race([firstLine(child), ended.then(() => undefined)])
  cancel()
  if (line === undefined) {
    const how = child.exitCode === null ? `was killed after ${timeoutMs} ms` : 'ended'
    throw new Error(`"grapevine ${args.join(' ')}" ${how} without a line: ${lastWords()}`)
  }
  return {
    first: JSON.parse(line),
    afterMs: performance.now() - startMs,
    stop: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** Resolves when all has been read that it wrote, too. */
function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('close', () => resolve())
    child.once('error', () => resolve())
  })
}

/** What it said last on its standard error. */
function lastLineOf({ stderr }: ChildProcess): () => string {
  let last = ''
  if (stderr !== null)
    createInterface({ input: stderr }).on('line', (line) => {
      if (line.trim() !== '') last = line
    })
  return () => last
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
