/**
 * `docs/scenario.md` and `docs/scenario.schema.json`: the form of a scenario, from the schema that
 * checks it.
 */
import { z } from 'zod'
import { scenarioSchema } from '../../scenario/scenarioSchema.ts'
import { code, page, table, type Page } from './markdown.ts'
import { loadScenario, scenarioNames } from '../../instrument/scenarioFile.ts'
import { schemaSections, type JsonSchema } from './schemaSections.ts'

/** Makes the page and the JSON Schema of a scenario. */
export function scenarioPages(): readonly Page[] {
  const schema = z.toJSONSchema(scenarioSchema, { io: 'input' }) as JsonSchema
  return [
    page('scenario.md', 'Scenarios', 'src/scenario/scenarioSchema.ts', [
      'A scenario is one YAML file. It describes a network, its load, and what goes wrong and when.',
      '`grapevine measure FILE` runs it and prints the report. `grapevine devnet FILE` keeps the network up afterwards. Both',
      'also take the name of a scenario from the table below. With `--in-process`, many nodes share a few processes.',
      '`--dry-run` prints the plan. `--seed`, `--nodes`, `--rate` and `--duration` change what the file says.',
      '',
      'The same scenario and seed always give the same plan of links, transactions and faults. Every run starts from its own',
      'genesis, so even the hashes of the transactions are the same. Unknown and duplicate keys are refused. An editor can',
      'check the form with [scenario.schema.json](scenario.schema.json): put `# yaml-language-server: $schema=` and its path',
      'in the first line.',
      '',
      '```yaml',
      'name: split',
      'shows: What a network in two halves loses, and how it comes together again.',
      'nodes: 20',
      'regions: { table: interop-8 }',
      'workload: { transactionsPerS: 10, dataBytes: { min: 0, max: 2000 } }',
      'faults:',
      '  - { kind: partition, atS: 10, forS: 10, groups: [{ share: 0.5 }, rest] }',
      'questions:',
      '  - { ask: p99 tx.latency, node: 3, atS: 38, within: 0.42 }',
      'durationS: 40',
      '```',
      '',
      '`questions` are put to a node of the network during the run ([aggregates.md](aggregates.md), [search.md](search.md)).',
      'The report shows each answer beside the true value, which the instrument collects from all nodes. If an answer is',
      'further off than `within` allows, the run falls short and the exit code says so.',
      '',
      '## Named scenarios',
      '',
      scenarioTable(),
      '',
      ...schemaSections(schema, { title: 'Scenario', isWritten: true }),
    ]),
    { file: 'scenario.schema.json', markdown: `${JSON.stringify(schema, null, 2)}\n` },
  ]
}

function scenarioTable(): string {
  const rows = scenarioNames().map((name) => {
    const { scenario } = loadScenario(name, {})
    return [code(name), String(scenario.nodes), String(scenario.durationS), scenario.shows]
  })
  return table(['Name', 'Nodes', 'Seconds', 'What it shows'], rows)
}
