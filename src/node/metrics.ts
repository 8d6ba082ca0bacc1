/** The node's series in a registry of Prometheus. */
import { Gauge, type Registry } from 'prom-client'
import { registerProcessMetrics } from './processMetrics.ts'
import { NODE_SERIES, type MeasuredNode, type Series } from './series.ts'

/** Registers the node's series and those of the process. */
export function registerNodeMetrics(registry: Registry, node: MeasuredNode): void {
  registerProcessMetrics(registry)
  for (const series of NODE_SERIES) registerSeries(registry, node, series)
}

function registerSeries(
  registry: Registry,
  node: MeasuredNode,
  { name, help, labels, read }: Series,
): void {
  const gauge = new Gauge({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
    collect: () => {
      gauge.reset()
      for (const [values, value] of Object.entries(read(node))) {
        const parts = values.split(',')
        gauge.set(
          Object.fromEntries(labels.map((label, index) => [label, parts[index] ?? ''])),
          value,
        )
      }
    },
  })
}
