// @ts-check
/**
 * A script in the manner of a notebook: simulate, look, draw. Each part works on what the parts
 * before it left.
 *
 *     node plotReport.mjs [coverage.svg]
 */
import { writeFileSync } from 'node:fs'
import { compareReports, simulate } from 'grapevine'
import * as vega from 'vega'
import { compile } from 'vega-lite'

const target = process.argv[2] ?? 'coverage.svg'

// 1. Two networks that differ in one thing: to how many peers each node pushes a message.
const scenario = {
  name: 'degree',
  shows: 'How the degree of the mesh changes propagation.',
  nodes: 30,
  topology: { kind: 'random-regular', degree: 10 },
  links: { latencyMs: 40, jitterMs: 10 },
  workload: { transactionsPerS: 10 },
  warmupS: 2,
  durationS: 5,
}
const degrees = [3, 8]
const reports = Object.fromEntries(
  await Promise.all(
    degrees.map(async (meshDegree) => {
      const settings = { meshDegree, meshLow: 2, meshHigh: 10, floodPublish: false }
      const report = await simulate({ ...scenario, everyNode: { settings } }, { engine: 'router' })
      return /** @type {const} */ ([`degree ${meshDegree}`, report])
    }),
  ),
)

// 2. The figures side by side.
for (const { name, unit, values, differences } of compareReports(reports).figures)
  if (unit === 'ms')
    console.log(
      name,
      ...values.map(({ value }) => value),
      differences.some(({ differs }) => differs),
    )

// 3. By every time, the share of (transaction, node) pairs that had arrived: one row of a report is
//    one arrival.
const arrivals = Object.entries(reports).flatMap(([network, { spreads }]) => {
  const timesMs = spreads.transactions
    .flatMap(({ first }) => first.map(([, , receivedMs]) => receivedMs))
    .toSorted((a, b) => a - b)
  return timesMs.map((afterMs, at) => ({ network, afterMs, share: (at + 1) / timesMs.length }))
})

// 4. The picture.
const spec = compile({
  data: { values: arrivals },
  mark: 'line',
  width: 480,
  encoding: {
    x: { field: 'afterMs', type: 'quantitative', title: 'ms after submission' },
    y: { field: 'share', type: 'quantitative', title: 'share that had arrived' },
    color: { field: 'network', type: 'nominal' },
  },
}).spec
writeFileSync(target, await new vega.View(vega.parse(spec), { renderer: 'none' }).toSVG())
console.log(`written: ${target}`)
