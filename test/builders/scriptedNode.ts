/** Nodes of gossipsub-interop in this process, whose waits end when a test says so. */
import { EventLog } from '../../src/interop/eventLog.ts'
import { readScript } from '../../src/interop/script.ts'
import {
  startScriptedNode,
  type ScriptedNode,
  type ScriptedNodeOptions,
} from '../../src/interop/scriptedNode.ts'
import { systemClock, type Clock } from '../../src/lib/clock.ts'
import { beginWait } from './waiting.ts'

/** Waits of a script as long as this are over when the test opens the gate. */
export const GATED_SECONDS = 10_000

/** The clock of this machine, but that long waits end at once when they are told to. */
export class GateClock implements Clock {
  readonly #waiting = new Set<() => void>()
  #looks: (() => void)[] = []

  monotonicMs(): number {
    return systemClock.monotonicMs()
  }

  wallMs(): number {
    return systemClock.wallMs()
  }

  after(delayMs: number, task: () => void): () => void {
    if (delayMs < (GATED_SECONDS * 1000) / 2) return systemClock.after(delayMs, task)
    this.#waiting.add(task)
    for (const look of this.#looks.splice(0)) look()
    return () => void this.#waiting.delete(task)
  }

  every(intervalMs: number, task: () => void): () => void {
    return systemClock.every(intervalMs, task)
  }

  /** Resolves when something waits. */
  async held(): Promise<void> {
    const endWait = beginWait(() => 'a long wait')
    while (this.#waiting.size === 0) await new Promise<void>((resolve) => this.#looks.push(resolve))
    endWait()
  }

  /** Ends the waits of now. */
  open(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const task of waiting) task()
  }
}

/** A node and what it wrote. */
export interface Scripted {
  readonly node: ScriptedNode
  readonly clock: GateClock
  readonly said: string[]
  readonly end: AbortController
  /** The lines so far. */
  readonly lines: () => Record<string, unknown>[]
  /** Resolves with the first `count` lines of copies that came. */
  readonly copies: (count: number) => Promise<Record<string, unknown>[]>
}

const started: ScriptedNode[] = []

/** Ends all nodes that were started since the last call. */
export async function stopScripted(): Promise<void> {
  await Promise.all(started.splice(0).map((node) => node.stop()))
}

/** Starts node `nodeId` of a script; all it says is kept. */
export async function startScripted(
  nodeId: number,
  script: readonly unknown[],
  options: Partial<ScriptedNodeOptions> = {},
): Promise<Scripted> {
  const written: Record<string, unknown>[] = []
  const looks: (() => void)[] = []
  const said: string[] = []
  const clock = new GateClock()
  const end = new AbortController()
  const write = (line: string): void => {
    written.push(JSON.parse(line) as Record<string, unknown>)
    for (const look of looks.splice(0)) look()
  }
  const node = await startScriptedNode({
    nodeId,
    script: readScript(JSON.stringify({ script }), nodeId),
    listen: '/ip4/127.0.0.1/tcp/0',
    addresses: new Map(),
    startMs: systemClock.monotonicMs(),
    dialPatienceMs: 20_000,
    clock,
    events: new EventLog({ write, wallMs: (ms) => ms }),
    say: (line) => said.push(line),
    signal: end.signal,
    ...options,
  })
  started.push(node)
  const copiesNow = (): Record<string, unknown>[] =>
    written.filter(({ msg }) => msg === 'Received Message')
  const copies = async (count: number): Promise<Record<string, unknown>[]> => {
    const endWait = beginWait(() => `${count} copies, of which ${copiesNow().length} have come`)
    while (copiesNow().length < count) await new Promise<void>((resolve) => looks.push(resolve))
    endWait()
    return copiesNow().slice(0, count)
  }
  return { node, clock, said, end, lines: () => written, copies }
}

/** Where other nodes find this one. */
export function addressesOf(nodes: readonly Scripted[]): ReadonlyMap<number, string> {
  return new Map(
    nodes.map(({ node }, id) => [
      id,
      String(node.network.addresses()[0]).replace(/\/p2p\/.*$/, ''),
    ]),
  )
}
