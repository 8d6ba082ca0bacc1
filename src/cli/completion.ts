/**
 * `grapevine completion`: a script that completes commands, options and their values in a shell.
 */
import { Argument, Command } from 'commander'
import { experimentNames } from './experiment/experimentFile.ts'
import { scenarioNames } from '../instrument/scenarioFile.ts'
import { writeText } from './terminal/output.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof SHELLS)[number]

const NOTES = `
bash: grapevine completion bash > ~/.local/share/bash-completion/completions/grapevine
zsh:  grapevine completion zsh > "\${fpath[1]}/_grapevine"
fish: grapevine completion fish > ~/.config/fish/completions/grapevine.fish`

/** @param program answers all commands, which the script is made from. */
export function completionCommand(program: () => Promise<Command>): Command {
  return new Command('completion')
    .description('print a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'shell to complete in').choices(SHELLS))
    .addHelpText('after', NOTES)
    .action(async (shell: Shell) => writeText(SCRIPTS[shell](wordsOf(await program()))))
}

interface CommandWords {
  /** `inspect tx` for a command below another; empty for what stands first. */
  readonly path: string
  readonly words: readonly string[]
  /** By option: the values that it takes, where these are a list. */
  readonly values: Readonly<Record<string, readonly string[]>>
}

/** What may follow each command: its options, the commands below it and the names it knows. */
function wordsOf(program: Command): readonly CommandWords[] {
  const known: Readonly<Record<string, readonly string[]>> = {
    devnet: scenarioNames(),
    measure: scenarioNames(),
    simulate: scenarioNames(),
    scenarios: scenarioNames(),
    experiment: experimentNames(),
    completion: SHELLS,
  }
  const walk = (command: Command, path: string): readonly CommandWords[] => [
    {
      path,
      words: [...wordsAfter(command), ...(known[path] ?? [])],
      values: valuesOf(command),
    },
    ...visibleCommands(command).flatMap((sub) => walk(sub, `${path} ${sub.name()}`.trim())),
  ]
  return walk(program, '')
}

function wordsAfter(command: Command): readonly string[] {
  const options = command.options.filter(({ hidden }) => !hidden).map(({ long }) => long ?? '')
  return [...visibleCommands(command).map((sub) => sub.name()), ...options, '--help']
}

function valuesOf(command: Command): CommandWords['values'] {
  const listed = command.options.flatMap(({ hidden, long, argChoices }) =>
    hidden || !long || argChoices === undefined ? [] : [[long, argChoices] as const],
  )
  return Object.fromEntries(listed)
}

/** The commands below one that its help shows. */
export function visibleCommands(command: Command): readonly Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((sub) => sub.name() !== 'help')
}

const SCRIPTS: Readonly<Record<Shell, (commands: readonly CommandWords[]) => string>> = {
  bash: (commands) => `${bashFunction(commands)}complete -o default -F _grapevine grapevine\n`,
  zsh: (commands) =>
    `#compdef grapevine\nautoload -U +X bashcompinit && bashcompinit\n${bashFunction(commands)}complete -o default -F _grapevine grapevine\n`,
  fish: (commands) => commands.flatMap(fishLines).join('\n').concat('\n'),
}

function bashFunction(commands: readonly CommandWords[]): string {
  const cases = commands
    .filter(({ path }) => path !== '')
    .map(({ path, words }) => `    '${path}') words='${words.join(' ')}' ;;`)
  const values = commands.flatMap(({ path, values }) =>
    Object.entries(values).map(
      ([option, choices]) => `    '${path} ${option}') words='${choices.join(' ')}' ;;`,
    ),
  )
  const paths = commands.map(({ path }) => `'${path}'`).join(' ')
  return `_grapevine() {
  local word path='' next words
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="\${path:+$path }$word"
    case " ${paths} " in *" '$next' "*) path="$next" ;; esac
  done
  case "$path" in
${cases.join('\n')}
    *) words='${commands[0]?.words.join(' ') ?? ''}' ;;
  esac
  case "$path \${COMP_WORDS[COMP_CWORD-1]}" in
${values.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
`
}

function fishLines({ path, words, values }: CommandWords): readonly string[] {
  const names = path.split(' ').filter(Boolean)
  const condition =
    names.length === 0
      ? '__fish_use_subcommand'
      : names.map((name) => `__fish_seen_subcommand_from ${name}`).join('; and ')
  return words.map((word) =>
    word.startsWith('--')
      ? `complete -c grapevine -n '${condition}' -l ${word.slice(2)}${fishValues(values[word])}`
      : `complete -c grapevine -n '${condition}' -a ${word}`,
  )
}

/** `-x`: the option takes a value, and a value is not a file. */
function fishValues(choices: readonly string[] | undefined): string {
  return choices === undefined ? '' : ` -x -a '${choices.join(' ')}'`
}
