/** What a hand-written page says about the program, to be held against the program. */
import type { Command } from 'commander'
import { program } from '../../src/cli/program.ts'
import { envName, SETTING_NAMES } from '../../src/node/settings/settings.ts'
import { methodTable } from '../../src/rpc/methodTable.ts'

const COMMANDS: readonly Command[] = (await program()).commands

const METHODS = new Set(methodTable().map(({ name }) => name))
const VARIABLES = new Set(SETTING_NAMES.map(envName))

/**
 * Everything in `text` that the program does not know: commands, flags, npm scripts, methods,
 * settings.
 */
export function strangersIn(text: string, npmScripts: readonly string[]): string[] {
  const spans = codeSpans(text)
  return [
    ...spans.flatMap(strangeCommand),
    ...spans.flatMap((span) => strangeScript(span, npmScripts)),
    ...matches(text, /\b(?:eth|net|web3|txpool|debug|admin|gossip|rpc)_[a-zA-Z]\w*/g).filter(
      (name) => !METHODS.has(name),
    ),
    ...matches(text, /\bGRAPEVINE_\w+/g).filter((name) => !VARIABLES.has(name)),
  ]
}

/** Files of the repository that `text` names in links and in code. */
export function pathsIn(text: string): string[] {
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map((match) => match[1] ?? '')
  const named = codeSpans(text).flatMap((span) =>
    matches(span, /^(?:src|test|scripts|docs)\/[\w./-]*[\w/]$/g),
  )
  return [...new Set([...links, ...named])]
}

/** Lines of code blocks and spans of code in a line. */
function codeSpans(text: string): string[] {
  const blocks = [...text.matchAll(/```\w*\n([\s\S]*?)```/g)].map((match) => match[1] ?? '')
  const prose = text.replace(/```\w*\n[\s\S]*?```/g, '')
  const inline = [...prose.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')
  return [...blocks.flatMap((block) => block.split('\n')), ...inline]
}

function strangeCommand(span: string): string[] {
  const started = /^(?:\$ )?npm start -- (.+)/.exec(span)
  if (started !== null) return strangeFlags('devnet', started[1] ?? '')
  const called = /(?:^|\s)grapevine ([a-z]+)(.*)/.exec(span)
  return called === null ? [] : strangeFlags(called[1] ?? '', called[2] ?? '')
}

function strangeFlags(name: string, rest: string): string[] {
  const command = COMMANDS.find((one) => one.name() === name)
  if (command === undefined) return [`grapevine ${name}`]
  const known = [command, ...command.commands].flatMap(({ options }) =>
    options.map((option) => option.long),
  )
  return matches(rest, /(?<=^|\s)--[a-z-]+/g)
    .filter((flag) => flag !== '--help' && !known.includes(flag))
    .map((flag) => `grapevine ${name} ${flag}`)
}

function strangeScript(span: string, npmScripts: readonly string[]): string[] {
  const called = matches(span, /\bnpm (?:run [\w:]+|start|test)\b/g)
  return called.filter((one) => !npmScripts.includes(one.replace(/^npm (run )?/, '')))
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([match]) => match)
}
