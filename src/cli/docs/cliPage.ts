/** `docs/cli.md`: the help of every command as a page, and the table of exit codes. */
import type { Argument, Command, Option } from 'commander'
import { visibleCommands } from '../completion.ts'
import { EXIT_CODES } from '../exitCodes.ts'
import { flagName, SETTING_NAMES } from '../../node/settings/settings.ts'
import { code, page, table, type Page } from './markdown.ts'

/** Makes `docs/cli.md`. */
export function cliPage(program: Command): Page {
  return page('cli.md', 'Commands', 'src/cli/program.ts', [
    'Answers are written to standard output, everything else to standard error. In a checkout, `npx grapevine` runs the',
    'program. `grapevine completion` prints a script that completes commands and options in bash, zsh and fish.',
    '',
    '## Exit codes',
    '',
    table(
      ['Code', 'When'],
      Object.values(EXIT_CODES).map((exit) => [code(String(exit.code)), exit.meaning]),
    ),
    '',
    'An option that has no effect where it is given is refused with code 2.',
    ...visibleCommands(program).flatMap((command) => section(command, 'grapevine')),
  ])
}

function section(command: Command, before: string): string[] {
  const name = `${before} ${command.name()}`
  const args = command.registeredArguments.map(argumentRow)
  const options = command.options.filter(({ hidden }) => !hidden)
  const ownOptions = isSettings(options) ? options.filter((option) => !isSetting(option)) : options
  return [
    '',
    `## ${name}`,
    '',
    sentence(command.description()),
    '',
    '```text',
    `${name} ${command.usage()}`,
    '```',
    ...block(['Argument', 'Meaning'], args),
    ...(isSettings(options)
      ? ['', 'Every setting of [settings.md](settings.md) is an option.']
      : []),
    ...block(['Option', 'Meaning'], ownOptions.map(optionRow)),
    ...visibleCommands(command).flatMap((sub) => section(sub, name)),
  ]
}

function block(head: string[], rows: string[][]): string[] {
  return rows.length === 0 ? [] : ['', table(head, rows)]
}

function argumentRow(argument: Argument): string[] {
  const name = argument.required ? `<${argument.name()}>` : `[${argument.name()}]`
  return [code(name), sentence(argument.description)]
}

function optionRow(option: Option): string[] {
  const note =
    option.defaultValue === undefined || option.defaultValue === false
      ? ''
      : ` (default: ${String(option.defaultValue)})`
  return [code(option.flags), sentence(option.description + note)]
}

/** Whether all settings of a node are among the options: their table stands elsewhere. */
export function isSettings(options: readonly Option[]): boolean {
  return options.filter(isSetting).length >= SETTING_NAMES.length
}

const SETTING_FLAGS: ReadonlySet<string> = new Set(SETTING_NAMES.map(flagName))

/** Whether an option is a setting of a node. */
export function isSetting({ long }: Option): boolean {
  return SETTING_FLAGS.has(long ?? '')
}

/** A description as a sentence. */
export function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.)]$/.test(capital) ? capital : `${capital}.`
}
