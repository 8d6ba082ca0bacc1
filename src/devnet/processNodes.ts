/**
 * Many whole nodes in one process, each with its own sockets, ports, data directory and log: what a
 * devnet of a hundred peers runs on. They share this process's event loop, its heap and one
 * verifier thread, so a node that is busy delays its neighbours; measure the cost of a node with a
 * process each.
 */
import { availableParallelism } from 'node:os'
import { createWriteStream } from 'node:fs'
import { createVerifier, defaultThreads, type Verifier } from '../crypto/verifier.ts'
import { messageOf } from '../lib/assert.ts'
import { systemClock } from '../lib/clock.ts'
import { createLogger } from '../lib/log.ts'
import type { Settings } from '../node/settings/settings.ts'
import { runPeer, type RunningPeer } from '../peer/runningPeer.ts'
import type { ProcessNotice, ProcessOrder } from './sharedProcessMessages.ts'
import { describeNode } from '../peer/describeNode.ts'

/** What the nodes of a process need from it. */
export interface ProcessNodesOptions {
  /** Checks and completes settings that came from another process; throws one clear Error. */
  readonly readSettings: (given: unknown) => Settings
  readonly tell: (notice: ProcessNotice) => void
}

type Start = Extract<ProcessOrder, { order: 'start' }>

interface ProcessNode {
  readonly node: RunningPeer
  readonly closeLog: () => void
}

/** Starts, watches and ends many nodes in this process; they share a verifier. */
export class ProcessNodes {
  readonly #options: ProcessNodesOptions
  readonly #verifier: Verifier
  readonly #nodes = new Map<number, ProcessNode>()

  private constructor(options: ProcessNodesOptions, verifier: Verifier) {
    this.#options = options
    this.#verifier = verifier
  }

  static async create(options: ProcessNodesOptions): Promise<ProcessNodes> {
    return new ProcessNodes(
      options,
      await createVerifier({
        clock: systemClock,
        threads: defaultThreads(availableParallelism()),
        startsWhenNeeded: true,
      }),
    )
  }

  /** Never rejects: what goes wrong is told. */
  async obey(order: ProcessOrder): Promise<void> {
    const { index } = order
    if (order.order === 'start') return this.#start(order)
    await this.#end(index, order.order)
    const signal = order.order === 'kill' ? 'SIGKILL' : 'SIGTERM'
    this.#options.tell({ notice: 'ended', index, signal })
  }

  /** Ends every node, without goodbyes: they all go. */
  async stop(): Promise<void> {
    await Promise.all([...this.#nodes.keys()].map((index) => this.#end(index, 'kill')))
    await this.#verifier.close()
  }

  async #start(order: Start): Promise<void> {
    const { index } = order
    const { tell } = this.#options
    try {
      const settings = this.#options.readSettings(order.settings)
      const started = await this.#run(order, settings)
      this.#nodes.set(index, started)
      tell({ notice: 'ready', index, node: describeNode(started.node) })
    } catch (error) {
      tell({ notice: 'failed', index, error: messageOf(error) })
    }
  }

  async #run({ index, logFile }: Start, settings: Settings): Promise<ProcessNode> {
    const file = createWriteStream(logFile, { flags: 'a' })
    const log = createLogger(settings.logLevel, { peer: index }, (line) => file.write(line))
    const shared = { verifier: this.#verifier }
    try {
      const node = await runPeer(settings, log, undefined, shared)
      return { node, closeLog: () => file.end() }
    } catch (error) {
      log.error('the node did not start', { error: messageOf(error) })
      file.end()
      throw error
    }
  }

  async #end(index: number, how: 'kill' | 'stop'): Promise<void> {
    const started = this.#nodes.get(index)
    if (started === undefined) return
    this.#nodes.delete(index)
    await started.node[how]().catch(() => {})
    started.closeLog()
  }
}
