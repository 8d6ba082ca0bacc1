/** One peer of a devnet as a process of its own: started, watched and ended here. */
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import type { Clock } from '../lib/clock.ts'
import { checkedForm } from '../lib/checkedForm.ts'
import { environmentWithoutSettings } from '../node/settings/resolvedSettings.ts'
import type { GivenSettings } from '../node/settings/givenSettings.ts'
import { LoadPatience, type LoadPatienceOptions } from './loadPatience.ts'

/** What a peer is started with. */
export interface PeerPlan {
  readonly index: number
  /** Directory of this peer; its log is written to `peer.log` in it. */
  readonly dataDir: string
  readonly settings: GivenSettings
}

/** What a peer says of itself in its first line. */
export interface PeerInfo {
  readonly index: number
  readonly pid: number
  readonly peerId: string
  readonly multiaddrs: readonly string[]
  readonly rpcUrl: string
  /** `undefined` where it serves no metrics. */
  readonly metricsUrl: string | undefined
  readonly dataDir: string
}

/** How the process of a peer ended: with a code or by a signal. */
export interface PeerExit {
  readonly index: number
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** The process of a peer that was started. */
export interface PeerProcess {
  readonly info: PeerInfo
  readonly exited: Promise<PeerExit>
  isRunning(): boolean
  /** Sends a signal; false if the process is gone. */
  signal(name: NodeJS.Signals): boolean
  /** Ends the process: SIGTERM, and SIGKILL if it has not gone after {@link STOP_GRACE_MS}. */
  stop(): Promise<void>
}

/** What decides how long a start is waited for. */
export interface StartOptions extends Omit<LoadPatienceOptions, 'patienceMs'> {
  /** Aborting ends a start that is under way. */
  readonly signal: AbortSignal
}

/** A peer that was told to end has this long to close its connections and files. */
export const STOP_GRACE_MS = 5_000
/**
 * A peer is ready in about a second, and later in as many times as long as processes wait for a
 * core.
 */
const READY_PATIENCE_MS = 60_000

/** What a devnet needs of what a node says of itself when it is ready (`describeNode`). */
const readyNode = z.object({
  pid: z.number().int(),
  peerId: z.string(),
  multiaddrs: z.array(z.string()),
  rpcUrl: z.string(),
  metricsUrl: z.string().nullable(),
})

/**
 * With the GNU C library each thread keeps free memory of its own: 4 to 5 MB of a peer at rest,
 * whose work is on one thread. Others do not know the variable.
 */
const ONE_ARENA = { MALLOC_ARENA_MAX: '1' }

/** The path of the log of a peer, from its data directory. */
export function logFileOf(dataDir: string): string {
  return join(dataDir, 'peer.log')
}

/**
 * Starts `grapevine node` and resolves when it has said that it is ready. Throws an Error that
 * holds the end of the peer's log if it goes away before. The peer ends itself when this process
 * goes away, however that happens.
 */
export async function startPeer(
  program: string,
  plan: PeerPlan,
  options: StartOptions,
): Promise<PeerProcess> {
  const { clock, signal } = options
  signal.throwIfAborted()
  mkdirSync(plan.dataDir, { recursive: true })
  const log = openSync(logFileOf(plan.dataDir), 'a')
  const child = spawn(
    process.execPath,
    [program, 'node', '--json', '--settings', writeSettings(plan)],
    {
      cwd: plan.dataDir,
      /** Ctrl-C is for who started the network: it ends its peers when it has read them. */
      detached: true,
      stdio: ['ignore', 'pipe', log, 'ipc'],
      env: { ...ONE_ARENA, ...environmentWithoutSettings() },
    },
  )
  closeSync(log)
  const exited = exitOf(child, plan.index)
  const abort = (): boolean => child.kill('SIGKILL')
  signal.addEventListener('abort', abort)
  try {
    const info = await readyOf(child, plan, exited, options)
    return {
      info,
      exited,
      isRunning: () => isRunning(child),
      signal: (name) => child.kill(name),
      stop: () => stop(child, exited, clock),
    }
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/**
 * All settings of a peer are in this file, which its user alone can read: it may hold the key of a
 * signer.
 */
function writeSettings({ dataDir, settings }: PeerPlan): string {
  const file = join(dataDir, 'settings.json')
  writeFileSync(file, `${JSON.stringify(settings, undefined, 2)}\n`, { mode: 0o600 })
  return file
}

function exitOf(child: ChildProcess, index: number): Promise<PeerExit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ index, code, signal }))
    child.once('error', () => resolve({ index, code: null, signal: null }))
  })
}

async function readyOf(
  child: ChildProcess,
  plan: PeerPlan,
  exited: Promise<PeerExit>,
  options: StartOptions,
): Promise<PeerInfo> {
  const patience = new LoadPatience({ ...options, patienceMs: READY_PATIENCE_MS })
  const late = Promise.withResolvers<never>()
  const cancel = patience.whenOver(() => {
    const waitedS = Math.round(patience.waitedMs / 1000)
    late.reject(new Error(`peer ${plan.index} was not ready after ${waitedS} s`))
  })
  const gone = exited.then(({ code, signal }) => {
    throw new Error(
      `peer ${plan.index} ended (${signal ?? `exit code ${code}`}) before it was ready: ${lastLogLines(logFileOf(plan.dataDir))}`,
    )
  })
  try {
    return peerInfo(JSON.parse(await Promise.race([firstLine(child), gone, late.promise])), plan)
  } finally {
    cancel()
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the peer has no standard output')
  const lines = createInterface({ input: child.stdout })
  const line = await new Promise<string>((resolve) => {
    lines.once('line', resolve)
  })
  child.stdout.resume()
  return line
}

/** Reads what a node says of itself when it is ready. Throws for anything else. */
export function peerInfo(ready: unknown, { index, dataDir }: PeerPlan): PeerInfo {
  const said = checkedForm(
    readyNode,
    ready,
    `peer ${index} said something unexpected when it started`,
  )
  return { ...said, index, dataDir, metricsUrl: said.metricsUrl ?? undefined }
}

/**
 * The end of a log, for an error message: the file itself may be in a folder that goes with the
 * network.
 */
export function lastLogLines(file: string): string {
  if (!existsSync(file)) return ''
  return readFileSync(file, 'utf8').trim().split('\n').slice(-3).join(' | ')
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null
}

async function stop(child: ChildProcess, exited: Promise<PeerExit>, clock: Clock): Promise<void> {
  if (!isRunning(child)) return
  const cancel = clock.after(STOP_GRACE_MS, () => child.kill('SIGKILL'))
  child.kill('SIGTERM')
  child.kill('SIGCONT')
  await exited
  cancel()
}
