/** A process that many peers of a devnet share: started, watched and ended here. */
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { endsWithin } from '../lib/deadline.ts'
import { makeDirectory } from '../lib/files/makeDirectory.ts'
import { environmentWithoutSettings } from '../node/settings/resolvedSettings.ts'
import { isProcessNotice, type ProcessNotice, type ProcessOrder } from './sharedProcessMessages.ts'
import { LoadPatience } from './loadPatience.ts'
import {
  lastLogLines,
  logFileOf,
  peerInfo,
  STOP_GRACE_MS,
  type PeerExit,
  type PeerInfo,
  type PeerPlan,
  type PeerProcess,
  type StartOptions,
} from './peerProcess.ts'

/** What a shared process is started with. */
export interface SharedProcessOptions extends StartOptions {
  readonly program: string
  /** Where the log of the process itself is written. */
  readonly dir: string
  readonly name: string
}

/**
 * Room for what 25 nodes allocate between two collections, MiB. With the default of 16 much of it
 * lives on by accident and is collected with pauses of 46 to 99 ms, which all nodes of the process
 * feel; with 64 the longest was 18 ms, and collection took 2 % of the time instead of 9 (50 nodes
 * in 2 processes, 5 transactions/s, 2-core x86-64).
 */
const YOUNG_GENERATION = '--max-semi-space-size=64'

/**
 * A node starts in a fraction of a second; the rest is for many that start at once on a machine
 * under load.
 */
const START_PATIENCE_MS = 120_000

/** Who waits for a peer of this process: for its start, and then for its end. */
interface Resident {
  readonly ready: (node: unknown) => void
  readonly failed: (error: Error) => void
  readonly exited: (exit: PeerExit) => void
  isRunning: boolean
}

interface SharedProcessParts {
  readonly child: ChildProcess
  readonly logFile: string
  readonly options: StartOptions
}

/** A process that runs peers. */
export class SharedProcess {
  readonly #child: ChildProcess
  readonly #residents = new Map<number, Resident>()
  readonly #gone: Promise<void>
  readonly #logFile: string
  /** Aborting ends a start that is under way, of the process or of a peer in it. */
  readonly #options: StartOptions

  private constructor({ child, logFile, options }: SharedProcessParts) {
    this.#child = child
    this.#logFile = logFile
    this.#options = options
    this.#gone = new Promise((resolve) => {
      child.once('exit', () => resolve())
      child.once('error', () => resolve())
    })
    child.on('message', (message: unknown) => {
      if (isProcessNotice(message)) this.#note(message)
    })
    void this.#gone.then(() => this.#lost())
  }

  /**
   * Starts the process and resolves when it takes orders. It ends itself when this process goes
   * away.
   */
  static async start(options: SharedProcessOptions): Promise<SharedProcess> {
    const { program, dir, name, signal } = options
    signal.throwIfAborted()
    makeDirectory(dir)
    const logFile = join(dir, `${name}.log`)
    const log = openSync(logFile, 'a')
    const child = spawn(process.execPath, [YOUNG_GENERATION, program, 'peers'], {
      cwd: dir,
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
      env: environmentWithoutSettings(),
    })
    closeSync(log)
    const shared = new SharedProcess({ child, logFile, options })
    const abort = (): boolean => child.kill('SIGKILL')
    signal.addEventListener('abort', abort)
    try {
      await shared.#up()
      return shared
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  /**
   * Starts a node in the process. Throws what the node says if it cannot start, or the end of its
   * log.
   */
  async startPeer(plan: PeerPlan): Promise<PeerProcess> {
    const { index, dataDir, settings } = plan
    makeDirectory(dataDir)
    const started = Promise.withResolvers<unknown>()
    const exited = Promise.withResolvers<PeerExit>()
    const resident: Resident = {
      ready: started.resolve,
      failed: started.reject,
      exited: exited.resolve,
      isRunning: true,
    }
    this.#residents.set(index, resident)
    const patience = new LoadPatience({ ...this.#options, patienceMs: START_PATIENCE_MS })
    const cancel = patience.whenOver(() =>
      started.reject(new Error(`was not ready after ${Math.round(patience.waitedMs / 1000)} s`)),
    )
    const abort = (): void => started.reject(new Error('its start was cancelled'))
    this.#options.signal.addEventListener('abort', abort)
    this.#order({ order: 'start', index, settings, logFile: logFileOf(dataDir) })
    try {
      const info = peerInfo(await started.promise, plan)
      return this.#processOf(info, resident, exited.promise)
    } catch (error) {
      resident.isRunning = false
      throw this.#startError(plan, error)
    } finally {
      cancel()
      this.#options.signal.removeEventListener('abort', abort)
    }
  }

  /** Ends the process and every peer in it. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    const cancel = this.#options.clock.after(STOP_GRACE_MS, () => this.#child.kill('SIGKILL'))
    await this.#gone
    cancel()
  }

  #processOf(info: PeerInfo, resident: Resident, exited: Promise<PeerExit>): PeerProcess {
    const { index } = info
    return {
      info,
      exited,
      isRunning: () => resident.isRunning,
      signal: (name) => {
        if (!resident.isRunning) return false
        if (name !== 'SIGKILL' && name !== 'SIGTERM') throw sharedError(index, name)
        this.#order({ order: name === 'SIGKILL' ? 'kill' : 'stop', index })
        return true
      },
      stop: async () => {
        if (!resident.isRunning) return
        this.#order({ order: 'stop', index })
        await endsWithin(this.#options.clock, STOP_GRACE_MS, exited)
      },
    }
  }

  async #up(): Promise<void> {
    const up = new Promise<boolean>((resolve) => {
      this.#child.once('message', () => resolve(true))
    })
    if (await Promise.race([up, this.#gone.then(() => false)])) return
    throw new Error(`a process of peers did not start: ${lastLogLines(this.#logFile)}`)
  }

  #order(order: ProcessOrder): void {
    if (this.#child.connected) this.#child.send(order)
  }

  #note(notice: ProcessNotice): void {
    const resident = this.#residents.get(notice.index)
    if (resident === undefined) return
    if (notice.notice === 'ready') resident.ready(notice.node)
    if (notice.notice === 'failed') resident.failed(new Error(notice.error))
    if (notice.notice === 'ended') this.#ended(notice.index, null, notice.signal)
  }

  /** The process has gone and every peer with it. */
  #lost(): void {
    const { exitCode, signalCode } = this.#child
    const how = signalCode ?? `exit code ${exitCode}`
    for (const [index, resident] of this.#residents) {
      resident.failed(new Error(`its process ended (${how})`))
      this.#ended(index, exitCode, signalCode)
    }
  }

  #ended(index: number, code: number | null, signal: NodeJS.Signals | null): void {
    const resident = this.#residents.get(index)
    this.#residents.delete(index)
    if (resident === undefined) return
    resident.isRunning = false
    resident.exited({ index, code, signal })
  }

  #startError(plan: PeerPlan, error: unknown): Error {
    const reason = error instanceof Error ? error.message : String(error)
    const lines = lastLogLines(logFileOf(plan.dataDir))
    return new Error(
      `peer ${plan.index} did not start: ${reason}${lines === '' ? '' : ` | ${lines}`}`,
      { cause: error },
    )
  }
}

function sharedError(index: number, signal: string): Error {
  return new Error(
    `peer ${index} shares its process with others and cannot be sent ${signal}: to pause peers, run a process each`,
  )
}
