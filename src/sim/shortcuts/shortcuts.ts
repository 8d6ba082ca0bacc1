/**
 * Shortcuts inside the router: each leaves out work whose outcome is known. With each and without
 * it the trace of a run is the same (test/sim/shortcuts.suite.ts).
 */
import { deliveryMethods } from '../links/delivery.ts'
import type { SimMachine } from '../links/machine.ts'
import { replaceMethods } from '../links/replaceMethods.ts'
import type { SimRouter } from '../links/routerAccess.ts'
import { placeOf, placesIn, WHOLE, type Partition } from '../threads/partition.ts'
import type { VirtualTime } from '../time/virtualTime.ts'
import { innerRouter, type InnerRouter } from './innerRouter.ts'
import { isWithoutDeliveryWeights, lazyAcceptance, lazyScoreMethods } from './lazyScores.ts'
import { isWithoutMeshDeliveries, leanScoreMethods } from './leanScores.ts'
import { leanForwardingMethods } from './leanForwarding.ts'
import { SeenColumns } from './seenColumns.ts'
import { dropQueue, shareOptions } from './sharedOptions.ts'
import { shortenHeartbeats } from './shortHeartbeats.ts'
import { SLIM_CACHE_METHODS } from './slimCache.ts'
import { VerdictColumns } from './verdictColumns.ts'

/** Each by its name, and what it leaves out. */
export const SHORTCUTS = {
  objects: 'frames are carried as objects: nothing is encoded or decoded, sizes are computed',
  'lean reading':
    'frames with one message or with announcements are read without promises and events',
  'lean forwarding': 'the frame that carries a message is made once for the whole network',
  'lazy scores':
    'a score is 0 without looking until somebody is penalised, where deliveries have no weight',
  'lean scores':
    'a score counts only what has weight, and verdicts are kept in columns of all routers together',
  'short heartbeats': 'a heartbeat that changes nothing does only what is left of it',
  columns: 'what routers have seen is kept in columns of all of them together',
  'slim cache': 'sets and maps of the message cache are made when something goes into them',
  'shared options': 'what never changes in a router is the same object for all',
} as const

/** One of {@link SHORTCUTS}. */
export type ShortcutName = keyof typeof SHORTCUTS
/** Those that are in use. */
export type Shortcuts = ReadonlySet<ShortcutName>

/** All of them. */
export const ALL_SHORTCUTS: Shortcuts = new Set(Object.keys(SHORTCUTS) as ShortcutName[])

/** What shortcuts need to know of the simulation. */
export interface ShortcutParts {
  /** A router that nobody uses, to reach the classes of its parts. */
  readonly sample: SimRouter
  readonly time: VirtualTime
  readonly nodes: number
  /** Those that are fitted; all unless given. */
  readonly partition?: Partition | undefined
}

/** The shortcuts of one simulation. */
export class RouterShortcuts {
  readonly #use: Shortcuts
  readonly #time: VirtualTime
  readonly #partition: Partition
  readonly #seen: SeenColumns
  readonly #verdicts: VerdictColumns
  readonly #undo: (() => void)[]

  constructor(use: Shortcuts, { sample, time, nodes, partition = WHOLE }: ShortcutParts) {
    const wallMs = (): number => time.wallMs
    this.#use = use
    this.#time = time
    this.#partition = partition
    const places = placesIn(nodes, partition)
    this.#seen = new SeenColumns(places, wallMs)
    this.#verdicts = new VerdictColumns(places, wallMs)
    this.#undo = replacements(use, innerRouter(sample))
  }

  has(name: ShortcutName): boolean {
    return this.#use.has(name)
  }

  /** Fits a router that has not started; routers of the same `options` are set alike. */
  fit(router: SimRouter, { index, owner }: SimMachine, options: object): InnerRouter {
    const inner = innerRouter(router)
    const place = placeOf(index, this.#partition)
    if (this.has('shared options')) shareOptions(inner, options)
    if (this.has('columns')) inner.seenCache = this.#seen.of(place, inner.opts.seenTTL)
    if (this.has('short heartbeats')) shortenHeartbeats(inner, owner, this.#time)
    if (this.has('lazy scores')) {
      if (!isWithoutDeliveryWeights(inner.score))
        throw new Error('scores cannot be lazy where time in the mesh or deliveries have a weight')
      inner.score.isClean = true
    }
    if (this.has('lean scores') && !isWithoutMeshDeliveries(inner.score))
      throw new Error('scores cannot be lean where deliveries in the mesh have a weight')
    if (this.has('lazy scores') || this.has('lean scores'))
      inner.score.deliveryRecords = this.#verdicts.of(place)
    return inner
  }

  /** Once the router has started. */
  started(router: InnerRouter): void {
    if (this.has('shared options')) dropQueue(router)
  }

  /** Gives the classes their own methods back. */
  undo(): void {
    for (const undo of this.#undo.toReversed()) undo()
  }
}

type Methods = Readonly<Record<string, unknown>>

function replacements(use: Shortcuts, sample: InnerRouter): (() => void)[] {
  const [router, score, cache] = [sample, sample.score, sample.mcache].map(
    (one): object => Object.getPrototypeOf(one) as object,
  )
  const steps: [ShortcutName, object | undefined, () => Methods][] = [
    ['objects', router, () => deliveryMethods],
    ['lean forwarding', router, () => leanForwardingMethods(router as InnerRouter)],
    // Before the lazy ones, which count nothing at all.
    ['lean scores', score, () => leanScoreMethods(score as InnerRouter['score'])],
    ['lazy scores', router, () => lazyAcceptance(router as InnerRouter)],
    ['lazy scores', score, () => lazyScoreMethods(score as InnerRouter['score'])],
    ['slim cache', cache, () => SLIM_CACHE_METHODS],
  ]
  return steps.flatMap(([name, prototype, methods]) =>
    use.has(name) && prototype !== undefined ? [replaceMethods(prototype, methods())] : [],
  )
}
