/** Where the settings of a node come from: flag over environment over `.env` over default. */
import { existsSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { messageOf } from '../lib/assert.ts'
import { UserError } from '../lib/userError.ts'
import {
  envName,
  flagName,
  isSettingVariable,
  SETTING_NAMES,
  SETTINGS,
  type SettingName,
  type Settings,
} from './settings.ts'

/** Where the value of a setting came from. */
export type SettingSource = 'flag' | 'environment' | '.env' | 'default'

/** Text values by setting name, as the command line collected them. */
export type SettingFlags = Readonly<Partial<Record<SettingName, string>>>

/** The settings of a node, and where each came from. */
export interface ResolvedSettings {
  readonly settings: Settings
  readonly sources: Readonly<Record<SettingName, SettingSource>>
}

/** Something the user wrote cannot be used; the message says what to do about it. */
export class ConfigError extends UserError {
  override readonly name = 'ConfigError'
}

type Variables = Readonly<Record<string, string | undefined>>

/**
 * Reads every setting. Throws a {@link ConfigError} of one line for the first value that cannot be used and for a
 * variable with our prefix that is no setting, which is most often a misspelt one.
 */
export function resolveSettings(
  flags: SettingFlags,
  environment: Variables = process.env,
  envFile = '.env',
): ResolvedSettings {
  const file = readEnvFile(envFile)
  refuseStrangers(environment, 'the environment')
  refuseStrangers(file, envFile)
  const read = SETTING_NAMES.map(
    (name) => [name, readSetting(name, { flags, environment, file })] as const,
  )
  const settings = Object.fromEntries(read.map(([name, { value }]) => [name, value])) as Settings
  const sources = Object.fromEntries(read.map(([name, { source }]) => [name, source]))
  return Object.freeze({
    settings: checkTogether(Object.freeze(settings)),
    sources: sources as Record<SettingName, SettingSource>,
  })
}

/** Settings that each node of a network must have for itself: they can be given to no two. */
export const OWN_SETTINGS: ReadonlySet<SettingName> = new Set<SettingName>([
  'genesis',
  'dataDir',
  'port',
  'bootnodes',
  'rpc',
  'rpcPort',
  'metricsPort',
  'signerKey',
])

/**
 * Settings for many nodes as text, by name. Throws a {@link ConfigError} for a name that is no setting, for one that each node
 * must have for itself and for a value that cannot be used. `where` is where they were given.
 */
export function sharedSettingTexts(
  given: Readonly<Record<string, unknown>>,
  where: string,
): SettingFlags {
  const texts = Object.entries(given).map(([key, value]) => {
    const name = SETTING_NAMES.find((one) => one === key)
    if (name === undefined)
      throw new ConfigError(`${where}: ${key} is no setting; "grapevine config" lists them all`)
    if (OWN_SETTINGS.has(name))
      throw new ConfigError(`${where}: ${key} is what each peer has for itself; leave it out`)
    const text = settingText(value)
    readValue(name, text, `${where}: ${key}`)
    return [name, text] as const
  })
  return Object.fromEntries(texts)
}

/** Settings as text, by name. Throws a {@link ConfigError} for a name that is no setting. */
export function settingTextsOf(given: Readonly<Record<string, unknown>>): SettingFlags {
  const texts = Object.entries(given).map(([key, value]) => {
    const name = SETTING_NAMES.find((one) => one === key)
    if (name === undefined)
      throw new ConfigError(`settings: ${key} is no setting; "grapevine config" lists them all`)
    return [name, settingText(value)] as const
  })
  return Object.fromEntries(texts)
}

/** A value as a flag or variable has it: lists with commas, parameters as `name=value`. */
export function settingText(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join(',')
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([name, one]) => `${name}=${String(one)}`)
    .join(',')
}

/** The settings that the environment and `.env` give, those left out that each node must have for itself. */
export function sharedEnvironmentSettings(): SettingFlags {
  const { settings, sources } = resolveSettings({})
  const given = SETTING_NAMES.filter(
    (name) => sources[name] !== 'default' && !OWN_SETTINGS.has(name),
  )
  return Object.fromEntries(given.map((name) => [name, settingText(settings[name])]))
}

/** The environment for a child process that is configured by its flags: all but our settings. */
export function environmentWithoutSettings(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([variable]) => !isSettingVariable(variable)),
  )
}

/** The text of `.env.example`: every setting with its default and a sentence. */
export function envExample(): string {
  const lines = SETTING_NAMES.map((name) => {
    const { sentence, fallbackText } = SETTINGS[name]
    return `# ${sentence}\n${envName(name)}=${fallbackText}\n`
  })
  return `# Settings of a grapevine node. A flag wins over the environment, the environment over this file.\n\n${lines.join('\n')}`
}

interface Origins {
  readonly flags: SettingFlags
  readonly environment: Variables
  readonly file: Variables
}

function readSetting(
  name: SettingName,
  origins: Origins,
): { value: unknown; source: SettingSource } {
  const variable = envName(name)
  const candidates: [SettingSource, string | undefined, string][] = [
    ['flag', origins.flags[name], flagName(name)],
    ['environment', origins.environment[variable], variable],
    ['.env', origins.file[variable], `${variable} in .env`],
  ]
  for (const [source, text, where] of candidates) {
    if (text !== undefined) return { value: readValue(name, text, where), source }
  }
  return { value: SETTINGS[name].fallback, source: 'default' }
}

function readValue(name: SettingName, text: string, where: string): unknown {
  try {
    return SETTINGS[name].read(text)
  } catch (error) {
    const shown = name === 'signerKey' ? '(hidden)' : JSON.stringify(text.slice(0, 80))
    throw new ConfigError(`${where}: ${messageOf(error)}, got ${shown}`)
  }
}

function readEnvFile(path: string): Variables {
  if (!existsSync(path)) return {}
  try {
    return parseEnv(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new ConfigError(`${path}: cannot be read: ${messageOf(error)}`)
  }
}

function refuseStrangers(variables: Variables, where: string): void {
  const known = new Set(SETTING_NAMES.map(envName))
  const stranger = Object.keys(variables).find(
    (variable) => isSettingVariable(variable) && !known.has(variable),
  )
  if (stranger !== undefined)
    throw new ConfigError(
      `${stranger} in ${where} is no setting; "grapevine config" lists them all`,
    )
}

/** Rules between settings. */
function checkTogether(settings: Settings): Settings {
  const { meshLow, meshDegree, meshHigh } = settings
  if (meshLow > meshDegree || meshDegree > meshHigh) {
    throw new ConfigError(
      `--mesh-low ${meshLow}, --mesh-degree ${meshDegree}, --mesh-high ${meshHigh}: expected them in ascending order`,
    )
  }
  return settings
}
