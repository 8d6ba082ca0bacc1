/**
 * `grapevine scenarios`: lists the scenarios that come with the program, prints one, or copies it
 * to be changed.
 */
import { maxOf } from '../lib/extremes.ts'
import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { UserError } from '../lib/userError.ts'
import { refuseFlags } from './options/applies.ts'
import { writeFile } from './network/reportFiles.ts'
import { loadScenario, scenarioNames, scenarioText } from '../instrument/scenarioFile.ts'
import { pathName } from './options/options.ts'
import { isStandardOutput, say, writeJson, writeText } from './terminal/output.ts'

interface ScenariosFlags {
  readonly copy?: string
  readonly json?: boolean
}

/** The command `scenarios`. */
export function scenariosCommand(): Command {
  return new Command('scenarios')
    .description('list the built-in scenarios, print one, or copy it to a file that you can change')
    .argument('[name]', 'scenario to print or copy')
    .option(
      '--copy <file>',
      'write the scenario to this file, which must not exist; - is standard output',
      pathName,
    )
    .option('--json', 'list as one JSON object per line')
    .action(showScenarios)
}

function showScenarios(name: string | undefined, flags: ScenariosFlags, command: Command): void {
  if (name === undefined) {
    refuseFlags(command, ['copy'], 'needs the name of a scenario')
    return list(flags)
  }
  refuseFlags(command, ['json'], 'lists scenarios; leave out the name')
  const text = scenarioText(name)
  if (flags.copy === undefined || isStandardOutput(flags.copy)) return writeText(text)
  if (existsSync(flags.copy)) throw new UserError(`--copy: ${flags.copy} exists`)
  say(`written: ${writeFile(flags.copy, text)}`)
}

function list({ json }: ScenariosFlags): void {
  const scenarios = scenarioNames().map((name) => {
    const { nodes, shows } = loadScenario(name, {}).scenario
    return { name, nodes, shows }
  })
  if (json) for (const scenario of scenarios) writeJson(scenario)
  else {
    const width = maxOf(scenarios.map(({ name }) => name.length))
    for (const { name, nodes, shows } of scenarios)
      writeText(`${name.padEnd(width)}  ${String(nodes).padStart(3)} nodes  ${shows}\n`)
  }
}
