/**
 * Time and randomness of the whole process become virtual, for the dependencies too: everything
 * that reads the clock of the machine, waits for it or draws from its randomness is replaced, and
 * what has no virtual form throws. Installed before anything else is loaded, since a module may
 * keep what it finds. Imports nothing but Node's own modules and virtual time.
 */
import nodeCrypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { performance } from 'node:perf_hooks'
import nodeTimers from 'node:timers'
import nodeTimersPromises from 'node:timers/promises'
import { QUIET, type Due, type Owner } from './due.ts'
import { VirtualTime, type RealLoop } from './virtualTime.ts'
import { RandomStreams } from './randomStreams.ts'

/** The process under virtual time. */
export interface VirtualWorld {
  readonly time: VirtualTime
  /** The real clock and loop, for whoever runs the simulation. */
  readonly real: RealLoop
  /** Random numbers from now on; before the first call there is one stream with seed 0. */
  seed(seed: number, streams: number): RandomStreams
  /** Gives the process its clock and randomness back. */
  uninstall(): void
}

interface Source {
  readonly holder: object
  readonly name: string
  readonly virtual: unknown
}

const RealDate = Date
/** Makes the streams of bytes others than those of numbers. */
const SECRETS = 0x5bd1e995

/** Replaces every source of {@link Source}; call it before anything else is imported. */
export function installVirtualGlobals(): VirtualWorld {
  const now = performance.now.bind(performance)
  const immediate = globalThis.setImmediate
  const real: RealLoop = { nowMs: now, setImmediate: (task) => void immediate(task) }
  const time = new VirtualTime(real)
  let streams = new RandomStreams(0, 1)
  // Bytes are drawn for blinding, too, and that once only for what is remembered: numbers must not
  // depend on it.
  let secrets = new RandomStreams(SECRETS, 1)
  const sources = [
    ...clockSources(time),
    ...timerSources(time),
    ...randomSources(
      () => streams.next(time.current.stream),
      (bytes) => secrets.fill(time.current.stream, bytes),
    ),
    ...forbidden(),
  ]
  const undo = sources.map(replace)
  syncBuiltinESMExports()
  return {
    time,
    real,
    seed: (seed, count) => {
      streams = new RandomStreams(seed, count)
      secrets = new RandomStreams(seed ^ SECRETS, count)
      return streams
    },
    uninstall: () => {
      for (const restore of undo.toReversed()) restore()
      syncBuiltinESMExports()
    },
  }
}

function replace({ holder, name, virtual }: Source): () => void {
  const own = Object.getOwnPropertyDescriptor(holder, name)
  Object.defineProperty(holder, name, {
    value: virtual,
    configurable: true,
    writable: true,
    enumerable: own?.enumerable ?? true,
  })
  return () => {
    if (own === undefined) Reflect.deleteProperty(holder, name)
    else Object.defineProperty(holder, name, own)
  }
}

function clockSources(time: VirtualTime): Source[] {
  const hrtime = (before?: readonly [number, number]): [number, number] => {
    const nanoseconds = BigInt(Math.round(time.nowMs * 1e6))
    const [s, ns] = before ?? [0, 0]
    const left = nanoseconds - BigInt(s) * 1_000_000_000n - BigInt(ns)
    return [Number(left / 1_000_000_000n), Number(left % 1_000_000_000n)]
  }
  const bigint = (): bigint => BigInt(Math.round(time.nowMs * 1e6))
  return [
    { holder: globalThis, name: 'Date', virtual: virtualDate(time) },
    { holder: RealDate, name: 'now', virtual: () => time.wallMs },
    { holder: performance, name: 'now', virtual: () => time.nowMs },
    { holder: process, name: 'hrtime', virtual: Object.assign(hrtime, { bigint }) },
    { holder: process, name: 'uptime', virtual: () => time.nowMs / 1000 },
  ]
}

/** As the real one, except that without arguments it is now. */
function virtualDate(time: VirtualTime): unknown {
  function VirtualDate(this: unknown, ...given: unknown[]): unknown {
    if (new.target === undefined) return new RealDate(time.wallMs).toString()
    return Reflect.construct(RealDate, given.length === 0 ? [time.wallMs] : given, new.target)
  }
  VirtualDate.prototype = RealDate.prototype
  VirtualDate.now = (): number => time.wallMs
  VirtualDate.parse = RealDate.parse
  VirtualDate.UTC = RealDate.UTC
  return VirtualDate
}

type Task = (...given: unknown[]) => void

/** A timer as Node's own answers one. */
class VirtualTimer implements Due {
  readonly owner: Owner
  readonly #time: VirtualTime
  readonly #repeatMs: number | undefined
  #task: (() => void) | undefined

  constructor(time: VirtualTime, task: () => void, repeatMs: number | undefined) {
    this.owner = time.current
    this.#time = time
    this.#task = task
    this.#repeatMs = repeatMs
  }

  run(): unknown {
    const task = this.#task
    if (task === undefined) return QUIET
    if (this.#repeatMs === undefined) this.#task = undefined
    else this.#time.after(this.#repeatMs, this)
    task()
    return undefined
  }

  cancel(): void {
    this.#task = undefined
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  hasRef(): boolean {
    return true
  }
}

function timerSources(time: VirtualTime): Source[] {
  const start = (
    task: Task,
    delayMs: unknown,
    given: unknown[],
    repeats: boolean,
  ): VirtualTimer => {
    const ms = Math.max(repeats ? 1 : 0, Number(delayMs) || 0)
    const run = given.length === 0 ? task : () => task(...given)
    const timer = new VirtualTimer(time, run, repeats ? ms : undefined)
    time.after(ms, timer)
    return timer
  }
  const cancel = (timer: unknown): void => {
    if (timer instanceof VirtualTimer) timer.cancel()
  }
  const named = {
    setTimeout: (task: Task, ms?: number, ...given: unknown[]) => start(task, ms, given, false),
    setInterval: (task: Task, ms?: number, ...given: unknown[]) => start(task, ms, given, true),
    setImmediate: (task: Task, ...given: unknown[]) => {
      const timer = new VirtualTimer(time, () => task(...given), undefined)
      time.after(0, timer)
      return timer
    },
    clearTimeout: cancel,
    clearInterval: cancel,
    clearImmediate: cancel,
  }
  const wait = (ms?: number, value?: unknown): Promise<unknown> =>
    new Promise((resolve) => {
      start(() => resolve(value), ms, [], false)
    })
  return [
    ...Object.entries(named).flatMap(([name, virtual]) => [
      { holder: globalThis, name, virtual },
      { holder: nodeTimers, name, virtual },
    ]),
    { holder: nodeTimersPromises, name: 'setTimeout', virtual: wait },
    {
      holder: nodeTimersPromises,
      name: 'setImmediate',
      virtual: (value?: unknown) => wait(0, value),
    },
    { holder: AbortSignal, name: 'timeout', virtual: (ms: number) => timeoutSignal(ms) },
  ]
}

function timeoutSignal(ms: number): AbortSignal {
  const controller = new AbortController()
  setTimeout(() => controller.abort(new DOMException('timed out', 'TimeoutError')), ms)
  return controller.signal
}

function randomSources(next: () => number, fill: (bytes: Uint8Array) => void): Source[] {
  const fillView = <T extends ArrayBufferView>(view: T): T => {
    fill(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))
    return view
  }
  const randomBytes = (size: number): Buffer => fillView(Buffer.alloc(size))
  const randomInt = (low: number, high?: number): number =>
    high === undefined ? Math.floor(next() * low) : low + Math.floor(next() * (high - low))
  const randomUUID = (): string => {
    const hex = randomBytes(16).toString('hex')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
  }
  const inCrypto = {
    randomBytes,
    randomInt,
    randomUUID,
    randomFillSync: fillView,
  }
  // `crypto.getRandomValues` of Node's module is read from this class, too.
  const webcrypto: object = Object.getPrototypeOf(nodeCrypto.webcrypto) as object
  return [
    { holder: Math, name: 'random', virtual: next },
    ...Object.entries(inCrypto).map(([name, virtual]) => ({ holder: nodeCrypto, name, virtual })),
    { holder: webcrypto, name: 'getRandomValues', virtual: fillView },
    { holder: webcrypto, name: 'randomUUID', virtual: randomUUID },
  ]
}

/**
 * What draws from the machine and has no virtual form: a simulation that reaches one ends with its
 * name.
 */
const FORBIDDEN = [
  'randomFill',
  'generateKey',
  'generateKeySync',
  'generateKeyPair',
  'generateKeyPairSync',
  'generatePrime',
  'generatePrimeSync',
] as const

function forbidden(): Source[] {
  const trap = (name: string) => (): never => {
    throw new Error(`${name} reads the machine, which nothing simulated may do`)
  }
  return [
    ...FORBIDDEN.map((name) => ({ holder: nodeCrypto, name, virtual: trap(`crypto.${name}`) })),
    { holder: nodeTimersPromises, name: 'setInterval', virtual: trap('timers/promises') },
  ]
}
