/** Options that several commands share, and how their text is read. */
import { InvalidArgumentError, type Command } from 'commander'
import {
  flagName,
  SETTING_NAMES,
  SETTINGS,
  type SettingName,
} from '../../node/settings/settings.ts'
import { isStandardOutput } from '../terminal/output.ts'
import type { SettingFlags } from '../../node/settings/resolvedSettings.ts'

const DECIMAL = /^(\d+(\.\d+)?|\.\d+)(e[+-]?\d+)?$/i

/** Reads a number as it is written: `12`, `0.5`, `.5` or `1e-9`; NaN for anything else. */
export function numberIn(text: string): number {
  return DECIMAL.test(text) ? Number(text) : Number.NaN
}

/** A reader of whole numbers for commander; its error becomes one clear line. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = numberIn(text)
    if (Number.isSafeInteger(number) && number >= min && number <= max) return number
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`)
  }
}

/**
 * A reader of the name of a file or folder. An empty one, such as a variable of a shell that is not
 * set, would stand for the current folder.
 */
export function pathName(text: string): string {
  if (text !== '') return text
  throw new InvalidArgumentError('Expected the name of a file or folder, got an empty text.')
}

/** A reader of the name of a page to write: not standard output, which has the figures. */
export function pageName(text: string): string {
  if (!isStandardOutput(pathName(text))) return text
  throw new InvalidArgumentError('Expected a file of its own: standard output has the figures.')
}

/** A reader of positive numbers up to `max`. */
export function positiveNumber(max: number): (text: string) => number {
  return (text) => {
    const number = numberIn(text)
    if (number > 0 && number <= max) return number
    throw new InvalidArgumentError(`Expected a number above 0, at most ${max}.`)
  }
}

/**
 * Adds one option for every setting, or for these. Values stay text here: the configuration reads
 * and checks them.
 */
export function addSettingOptions(
  command: Command,
  names: readonly SettingName[] = SETTING_NAMES,
): Command {
  for (const name of names) {
    const { placeholder, sentence, fallbackText } = SETTINGS[name]
    const isFlag = placeholder === ''
    const shown = isFlag ? '[true|false]' : placeholder
    const note = fallbackText === '' ? '' : ` (default: ${fallbackText})`
    command.option(`${flagName(name)} ${shown}`, sentence + note)
  }
  return command
}

/** The settings among the options that commander read; a flag without a value is `true`. */
export function settingFlags(options: Readonly<Record<string, unknown>>): SettingFlags {
  const given = SETTING_NAMES.filter((name) => options[name] !== undefined)
  return Object.fromEntries(given.map((name) => [name, String(options[name])]))
}
