/** The built command line as its users run it: a process, its lines, its exit. */
import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export interface Finished {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcess
  readonly finished: Promise<Finished>
  /**
   * The first line of JSON on standard output that `matches`; rejects if the program ends before.
   */
  event(matches: (event: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>
}

/** Starts `grapevine ...args`; `input` is written to its standard input, which is then closed. */
export function grapevine(
  args: readonly string[],
  options: { input?: string; cwd?: string } = {},
): Running {
  const stdio: ['pipe', 'pipe', 'pipe'] = ['pipe', 'pipe', 'pipe']
  return watched(spawn(process.execPath, [MAIN, ...args], { cwd: options.cwd, stdio }), options)
}

/** `grapevine ...args`, asked to end as soon as it submits transactions, by Ctrl-C unless told. */
export async function interruptedUnderLoad(
  args: readonly string[],
  end: (child: ChildProcess) => void = (child) => void child.kill('SIGINT'),
): Promise<Finished> {
  const { child, finished } = grapevine(args)
  await new Promise<void>((resolve) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('submitting')) resolve()
    })
  })
  end(child)
  return finished
}

/** What `npm start -- ...args` runs. */
export function startScript(args: readonly string[]): Running {
  const script = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url))
  return watched(
    spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'pipe'] }),
    {},
  )
}

/**
 * `grapevine ...args` where no file can grow beyond `maxFileKiB`: what a full disk looks like to a
 * process.
 */
export function grapevineOnFullDisk(args: readonly string[], maxFileKiB: number): Running {
  const limited = `ulimit -f ${2 * maxFileKiB} && exec "$0" "$@"`
  return watched(spawn('sh', ['-c', limited, process.execPath, MAIN, ...args]), {})
}

function watched(child: ChildProcessWithoutNullStreams, options: { input?: string }): Running {
  const text = { stdout: '', stderr: '' }
  const waiting = new Set<() => void>()
  child.stdout.on('data', (chunk: Buffer) => {
    text.stdout += chunk.toString()
    for (const look of waiting) look()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    text.stderr += chunk.toString()
  })
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  const finished = new Promise<Finished>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, ...text }))
  })
  const event: Running['event'] = (matches) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = eventsIn(text.stdout).find(matches)
        if (found === undefined) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      void finished.then(({ code, stderr }) =>
        reject(new Error(`ended with ${code} before the event: ${stderr}`)),
      )
      look()
    })
  return { child, finished, event }
}

/** Whole lines of JSON, as objects. */
export function eventsIn(stdout: string): Record<string, unknown>[] {
  const lines = stdout.slice(0, stdout.lastIndexOf('\n') + 1).split('\n')
  return lines
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** Whether a process of this id runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** The processes that one has started and that have not ended. */
export function childrenOf(pid: number): number[] {
  const parents = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return parents.map(Number).filter((one) => isAlive(one) && parentOf(one) === pid)
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined
  }
}

/** Resolves when the program has started its first child. */
export async function childOf({ child }: Running): Promise<void> {
  while (childrenOf(child.pid ?? 0).length === 0)
    await new Promise((resolve) => setImmediate(resolve))
}
