/** `docs/scenario.md` and `docs/scenario.schema.json`: the form of a scenario, from the schema that checks it. */
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
      'A scenario is one YAML file: the network, its load, what goes wrong and when. `grapevine measure FILE` runs it and',
      'prints the report; `grapevine devnet FILE` keeps the network up afterwards. Both also take the name of a scenario',
      'from the table below. `--in-process` runs many nodes in a few processes, `--dry-run` prints the plan, and `--seed`,',
      '`--nodes`, `--rate` and `--duration` change what the file says.',
      '',
      'The same scenario and seed give the same plan of links, transactions (their hashes included, for every run starts from',
      'its own genesis) and faults. Unknown and duplicate keys are refused. [scenario.schema.json](scenario.schema.json) lets an',
      'editor check the form: put `# yaml-language-server: $schema=` and its path in the first line.',
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
      '`questions` are asked of the network while the run goes, by any of its nodes ([aggregates.md](aggregates.md),',
      '[search.md](search.md)). The report has each answer beside the true value, which the instrument takes from all nodes; an',
      'answer that is further off than `within` says makes the run fall short, with the exit code of that.',
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
