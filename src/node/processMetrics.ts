/**
 * Series of the process for Prometheus: prom-client's own under their own names, but for the lag of
 * the event loop. prom-client wakes the process a hundred times a second to sample it, whether
 * anybody reads it or not, which was a third of what a node at rest used. Here sampling begins when
 * the page is read for the first time, and is rarer.
 */
import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks'
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'

/** Time between two samples, ms. What blocks the loop for longer is always seen. */
const SAMPLE_MS = 100
const SAMPLE_NS = SAMPLE_MS * 1e6
/** prom-client's sampling cannot be switched off: so rarely, ms, it costs nothing. */
const NEVER_MS = 2 ** 31 - 1
const LAG_PREFIX = 'nodejs_eventloop_lag'

interface LagSeries {
  readonly name: string
  readonly help: string
  /** Nanoseconds between two samples. */
  readonly read: (samples: IntervalHistogram) => number
}

const LAG_SERIES: readonly LagSeries[] = [
  { name: 'min', help: 'Smallest lag of the event loop', read: ({ min }) => min },
  { name: 'max', help: 'Largest lag of the event loop', read: ({ max }) => max },
  ...[50, 90, 99].map((percent) => ({
    name: `p${percent}`,
    help: `Lag of the event loop, percentile ${percent}`,
    read: (samples: IntervalHistogram) => samples.percentile(percent),
  })),
]

/** Registers the series of the process. */
export function registerProcessMetrics(registry: Registry): void {
  const all = new Registry()
  collectDefaultMetrics({ register: all, eventLoopMonitoringPrecision: NEVER_MS })
  for (const { name } of all.getMetricsAsArray()) {
    const metric = all.getSingleMetric(name)
    if (metric !== undefined && !name.startsWith(LAG_PREFIX)) registry.registerMetric(metric)
  }
  registerLag(registry)
}

/**
 * The lag since the page was read before. The mean is collected first, and reads the others with
 * it.
 */
function registerLag(registry: Registry): void {
  const samples = monitorEventLoopDelay({ resolution: SAMPLE_MS })
  const mean = new Gauge({
    name: `${LAG_PREFIX}_seconds`,
    help: 'Mean lag of the event loop since the last reading, seconds; sampled from the first reading on',
    registers: [registry],
    collect: () => {
      mean.set(lagS(samples, ({ mean: ns }) => ns))
      for (const { gauge, read } of others) gauge.set(lagS(samples, read))
      samples.reset()
      samples.enable()
    },
  })
  const others = LAG_SERIES.map(({ name, help, read }) => ({
    read,
    gauge: new Gauge({
      name: `${LAG_PREFIX}_${name}_seconds`,
      help: `${help} since the last reading, seconds`,
      registers: [registry],
    }),
  }))
}

/** What is sampled are the distances of samples: the lag is what they are longer than planned. */
function lagS(samples: IntervalHistogram, read: LagSeries['read']): number {
  return samples.count === 0 ? 0 : Math.max(0, read(samples) - SAMPLE_NS) / 1e9
}
