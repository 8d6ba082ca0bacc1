/** `man/grapevine.1`: the help of every command as a manual page, in the macros of man(7). */
import type { Command, Option } from 'commander'
import { visibleCommands } from '../completion.ts'
import { EXIT_CODES } from '../exitCodes.ts'
import { envName, SETTING_NAMES, SETTINGS } from '../../node/settings/settings.ts'
import { isSetting, isSettings, sentence } from './cliPage.ts'
import type { Page } from './markdown.ts'

const NAME = 'grapevine'

/** Makes the manual page of a version; it lies beside `docs/`, where npm looks for it. */
export function manPage(program: Command, version: string): Page {
  const lines = [
    String.raw`.\" Made from src/cli/program.ts by "npm run docs"; change the data, not this page.`,
    `.TH GRAPEVINE 1 "" "${NAME} ${escaped(version)}" "User Commands"`,
    '.SH NAME',
    `${NAME} \\- ${escaped(program.description())}`,
    '.SH SYNOPSIS',
    `.B ${NAME}`,
    '.I command',
    escaped('[options]'),
    '.SH DESCRIPTION',
    escaped('Answers are written to standard output, everything else to standard error.'),
    escaped('An option that has no effect where it is given is refused with code 2.'),
    '.SH COMMANDS',
    ...visibleCommands(program).flatMap((command) => section(command, NAME)),
    '.SH EXIT STATUS',
    ...Object.values(EXIT_CODES).flatMap((exit) => item(String(exit.code), exit.meaning)),
    '.SH ENVIRONMENT',
    escaped(
      'Settings of nodes. A flag wins over the environment, the environment over the file .env in',
    ),
    escaped('the working directory.'),
    ...SETTING_NAMES.flatMap((name) => item(envName(name), SETTINGS[name].sentence)),
  ]
  return { file: '../man/grapevine.1', markdown: `${lines.join('\n')}\n` }
}

function section(command: Command, before: string): readonly string[] {
  const name = `${before} ${command.name()}`
  const options = command.options.filter(({ hidden }) => !hidden)
  const isTold = command.name() === 'node' || !isSettings(options)
  return [
    `.SS ${escaped(name)}`,
    escaped(sentence(command.description())),
    '.PP',
    bold(`${name} ${command.usage()}`),
    ...command.registeredArguments.flatMap((one) => item(one.name(), sentence(one.description))),
    ...(isTold ? [] : ['.PP', escaped('Every setting is an option, as of grapevine node.')]),
    ...options
      .filter((option) => isTold || !isSetting(option))
      .flatMap((option) => item(option.flags, meaning(option))),
    ...visibleCommands(command).flatMap((sub) => section(sub, name)),
  ]
}

function meaning({ description, defaultValue }: Option): string {
  const hasDefault = defaultValue !== undefined && defaultValue !== false
  return sentence(hasDefault ? `${description} (default: ${String(defaultValue)})` : description)
}

function item(name: string, text: string): readonly string[] {
  return ['.TP', bold(name), escaped(text)]
}

function bold(text: string): string {
  return `.B "${escaped(text).replaceAll('"', '""')}"`
}

/** A line of text that means nothing to roff. */
function escaped(text: string): string {
  const plain = text.replaceAll('\\', String.raw`\e`).replaceAll('-', String.raw`\-`)
  return plain.replaceAll('\n', ' ').replace(/^([.'])/, String.raw`\&$1`)
}
