/**
 * The router's own hundred or so series and the counts of this layer, in a prom-client registry.
 */
import { maxOf, minOf } from '../lib/extremes.ts'
import { CONTROL_KINDS } from '../item/controlKinds.ts'
import type { GossipsubOpts } from '@chainsafe/libp2p-gossipsub'
import { Gauge, Histogram, type Registry } from 'prom-client'
import type { TopicOptions } from './router/topics.ts'
import type { GossipTraffic } from './traffic.ts'

/** Where the router registers its metrics. */
export type MetricsRegister = NonNullable<GossipsubOpts['metricsRegister']>

/** A register, and the label of each topic in it. */
export interface GossipMetrics {
  readonly register: MetricsRegister
  /** Topic name to the label under which it is counted. */
  readonly topicLabels: Map<string, string>
}

interface SeriesOptions {
  readonly name: string
  readonly help: string
  readonly labelNames?: readonly string[]
  readonly buckets?: number[]
}

/**
 * Lets the router count into `registry`. About 3 % of the router's time, so it is asked for, not
 * given.
 */
export function gossipMetrics(registry: Registry, topics: readonly TopicOptions[]): GossipMetrics {
  const collectors: Collector[] = []
  let gauges = 0
  const register = {
    gauge: (config: SeriesOptions) => {
      const gauge = routerGauge(registry, config, collectors, gauges++ === 0)
      if (isTopicCounter(config)) for (const { label } of topics) gauge.set({ topic: label }, 0)
      return gauge
    },
    histogram: (config: SeriesOptions) => routerHistogram(registry, config),
    avgMinMax: (config: SeriesOptions) => averages(registry, config),
  }
  return {
    register: register as unknown as MetricsRegister,
    topicLabels: new Map(topics.map((topic) => [topic.name, topic.label])),
  }
}

/**
 * Counted by topic alone: zero until something happens, so that a rate is drawn from the first
 * event on.
 */
function isTopicCounter({ name, labelNames = [] }: SeriesOptions): boolean {
  return name.endsWith('_total') && labelNames.length === 1 && labelNames[0] === 'topic'
}

/** What {@link networkMetrics} reads at each scrape. */
export interface NetworkCounts {
  traffic(): GossipTraffic
  connections(): { readonly inbound: number; readonly outbound: number }
}

/** Counts of connections and of gossip traffic by kind. */
export function networkMetrics(registry: Registry, counts: NetworkCounts): void {
  onScrape(registry, 'grapevine_connections', 'Open connections', 'direction', () => ({
    ...counts.connections(),
  }))
  onScrape(registry, 'grapevine_gossip_bytes', 'Bytes on gossip streams', 'direction', () => {
    const { bytesSent, bytesReceived } = counts.traffic()
    return { sent: bytesSent, received: bytesReceived }
  })
  for (const way of ['sent', 'received'] as const)
    onScrape(registry, `grapevine_gossip_control_${way}`, `Control messages ${way}`, 'kind', () => {
      const { control } = counts.traffic()
      return Object.fromEntries(CONTROL_KINDS.map((kind) => [kind, control[kind][way]]))
    })
  onScrape(
    registry,
    'grapevine_gossip_copies',
    'Copies after the first: received, and not sent because the target had shown that it has the message',
    'kind',
    () => {
      const { duplicates, sparedForwards } = counts.traffic()
      return { received: duplicates, spared: sparedForwards }
    },
  )
  onScrape(
    registry,
    'grapevine_gossip_refused',
    'Frames and messages that were refused',
    'reason',
    () => {
      const { droppedFrames, undecodableFrames, signedMessages, lateAccepts, judgeErrors } =
        counts.traffic()
      return { droppedFrames, undecodableFrames, signedMessages, lateAccepts, judgeErrors }
    },
  )
}

function onScrape(
  registry: Registry,
  name: string,
  help: string,
  label: string,
  read: () => Readonly<Record<string, number>>,
): void {
  const gauge = new Gauge({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    collect: () => {
      for (const [key, value] of Object.entries(read())) gauge.set({ [label]: key }, value)
    },
  })
}

function base(registry: Registry, { name, help, labelNames }: SeriesOptions) {
  return { name, help, labelNames: [...(labelNames ?? [])], registers: [registry] }
}

type Collector = () => void

/**
 * A gauge of prom-client that also takes the router's `addCollect`. One collector of the router
 * fills many series, so all collectors run before the first series is read; at their own series,
 * those before it would show the last scrape.
 */
function routerGauge(
  registry: Registry,
  config: SeriesOptions,
  collectors: Collector[],
  isFirst: boolean,
) {
  const collect = (): void => {
    for (const run of collectors) run()
  }
  const gauge = new Gauge({ ...base(registry, config), ...(isFirst ? { collect } : {}) })
  return Object.assign(gauge, {
    addCollect: (run: (gauge: unknown) => void) => collectors.push(() => run(gauge)),
  })
}

function routerHistogram(registry: Registry, config: SeriesOptions) {
  const buckets = config.buckets === undefined ? {} : { buckets: config.buckets }
  return new Histogram({ ...base(registry, config), ...buckets })
}

/** Three gauges for one list of values, as the router sets it. */
function averages(registry: Registry, config: SeriesOptions) {
  const make = (suffix: string): Gauge =>
    new Gauge({ ...base(registry, config), name: `${config.name}_${suffix}` })
  const [avg, min, max] = [make('avg'), make('min'), make('max')]
  const set = (...args: [number[]] | [Record<string, string | number>, number[]]): void => {
    const [labels, values] = args.length === 2 ? args : [{}, args[0]]
    const sum = values.reduce((total, value) => total + value, 0)
    avg.set(labels, values.length === 0 ? 0 : sum / values.length)
    min.set(labels, values.length === 0 ? 0 : minOf(values))
    max.set(labels, values.length === 0 ? 0 : maxOf(values))
  }
  return { set }
}
