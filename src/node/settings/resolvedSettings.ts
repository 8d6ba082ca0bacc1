/**
 * Where the settings of a node come from: flag over settings file over environment over `.env` over
 * default.
 */
import { existsSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { messageOf } from '../../lib/assert.ts'
import { SettingsError } from './settingsError.ts'
import {
  completeSettings,
  OWN_SETTINGS,
  readSettingText,
  settingsOfDocument,
  type GivenSettings,
} from './givenSettings.ts'
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
export type SettingSource = 'flag' | 'file' | 'environment' | '.env' | 'default'

/** Text values by setting name, as the command line collected them. */
export type SettingFlags = Readonly<Partial<Record<SettingName, string>>>

/** The settings of a node, and where each came from. */
export interface ResolvedSettings {
  readonly settings: Settings
  readonly sources: Readonly<Record<SettingName, SettingSource>>
}

type Variables = Readonly<Record<string, string | undefined>>

/** Where settings are looked for besides the flags. */
export interface SettingOrigins {
  /** Path of a JSON document; none unless given. */
  readonly settingsFile?: string | undefined
  /** The environment of the process unless given. */
  readonly environment?: Variables
  /** `.env` in the working directory unless given. */
  readonly envFile?: string
}

/**
 * Reads every setting. Throws a {@link SettingsError} of one line for the first value that cannot
 * be used and for a variable with our prefix that is no setting, which is most often a misspelt
 * one.
 */
export function resolveSettings(
  flags: SettingFlags,
  { settingsFile, environment = process.env, envFile = '.env' }: SettingOrigins = {},
): ResolvedSettings {
  const variables = readEnvFile(envFile)
  refuseStrangers(environment, 'the environment')
  refuseStrangers(variables, envFile)
  const file = settingsFile === undefined ? {} : readSettingsFile(settingsFile)
  const read = SETTING_NAMES.map(
    (name) => [name, readSetting(name, { flags, file, environment, variables })] as const,
  )
  const given = Object.fromEntries(read.map(([name, { value }]) => [name, value]))
  const sources = Object.fromEntries(read.map(([name, { source }]) => [name, source]))
  return Object.freeze({
    settings: completeSettings(given),
    sources: sources as Record<SettingName, SettingSource>,
  })
}

/** A value as a flag or variable has it: lists with commas, parameters as `name=value`. */
export function settingText(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join(',')
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([name, one]) => `${name}=${String(one)}`)
    .join(',')
}

/**
 * The settings that the environment and `.env` give, those left out that each node must have for
 * itself.
 */
export function sharedEnvironmentSettings(): GivenSettings {
  const { settings, sources } = resolveSettings({})
  const given = SETTING_NAMES.filter(
    (name) => sources[name] !== 'default' && !OWN_SETTINGS.has(name),
  )
  return Object.fromEntries(given.map((name) => [name, settings[name]]))
}

/**
 * The environment for a child process that is given its settings otherwise: all but our settings.
 */
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
  readonly file: GivenSettings
  readonly environment: Variables
  /** Of `.env`. */
  readonly variables: Variables
}

interface FoundSetting {
  readonly value: Settings[SettingName]
  readonly source: SettingSource
}

function readSetting(name: SettingName, origins: Origins): FoundSetting {
  const { flags, file, environment, variables } = origins
  const variable = envName(name)
  const ofFlag = flags[name]
  if (ofFlag !== undefined)
    return { value: readSettingText(name, ofFlag, flagName(name)), source: 'flag' }
  const ofFile = file[name]
  if (ofFile !== undefined) return { value: ofFile, source: 'file' }
  const ofEnvironment = environment[variable]
  if (ofEnvironment !== undefined)
    return { value: readSettingText(name, ofEnvironment, variable), source: 'environment' }
  const ofEnvFile = variables[variable]
  if (ofEnvFile !== undefined)
    return { value: readSettingText(name, ofEnvFile, `${variable} in .env`), source: '.env' }
  return { value: SETTINGS[name].fallback, source: 'default' }
}

function readSettingsFile(path: string): GivenSettings {
  try {
    return settingsOfDocument(JSON.parse(readFileSync(path, 'utf8')), path)
  } catch (error) {
    if (error instanceof SettingsError) throw error
    throw new SettingsError(`--settings: cannot read ${path}: ${messageOf(error)}`)
  }
}

function readEnvFile(path: string): Variables {
  if (!existsSync(path)) return {}
  try {
    return parseEnv(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new SettingsError(`${path}: cannot be read: ${messageOf(error)}`)
  }
}

function refuseStrangers(variables: Variables, where: string): void {
  const known = new Set(SETTING_NAMES.map(envName))
  const stranger = Object.keys(variables).find(
    (variable) => isSettingVariable(variable) && !known.has(variable),
  )
  if (stranger !== undefined)
    throw new SettingsError(
      `${stranger} in ${where} is not a setting; "grapevine config" lists them all`,
    )
}
