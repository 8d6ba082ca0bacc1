/**
 * Settings that are given as data: by a plan, from a JSON document, from one process to another.
 * They are checked once, where they come in, by the same forms as flags; from there on they are
 * values and never text.
 */
import { inspect } from 'node:util'
import { messageOf } from '../../lib/assert.ts'
import { isRecord } from '../../lib/records.ts'
import { SettingsError } from './settingsError.ts'
import { SETTING_NAMES, SETTINGS, type SettingName, type Settings } from './settings.ts'

/** Settings that somebody has given; the others have their defaults. */
export type GivenSettings = Readonly<Partial<Settings>>

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
 * The settings of a JSON document, by name. Throws a {@link SettingsError} for what is no such
 * document, for a name that is no setting and for a value that cannot be used. `where` is where the
 * document is.
 */
export function settingsOfDocument(document: unknown, where: string): GivenSettings {
  if (!isRecord(document))
    throw new SettingsError(`${where}: expected an object with settings by name`)
  const given = Object.entries(document).map(([key, value]) => {
    const name = settingName(key, where)
    return [name, checkedValue(name, value, `${where}: ${key}`)] as const
  })
  return Object.fromEntries(given)
}

/**
 * Settings for many nodes, as people write them in a scenario or behind `--set`: a value, or the
 * text of one. Throws a {@link SettingsError} as {@link settingsOfDocument} does, and for a setting
 * that each node must have for itself.
 */
export function settingsForAll(
  given: Readonly<Record<string, unknown>>,
  where: string,
): GivenSettings {
  const settings = Object.entries(given).map(([key, value]) => {
    const name = settingName(key, where)
    if (OWN_SETTINGS.has(name))
      throw new SettingsError(`${where}: ${key} differs from peer to peer; leave it out`)
    const label = `${where}: ${key}`
    const checked =
      typeof value === 'string'
        ? readSettingText(name, value, label)
        : checkedValue(name, value, label)
    return [name, checked] as const
  })
  return Object.fromEntries(settings)
}

/**
 * All settings: those that are given, and the defaults of the others. Throws a
 * {@link SettingsError} where two contradict.
 */
export function completeSettings(given: GivenSettings): Settings {
  const pairs = SETTING_NAMES.map((name) => [name, given[name] ?? SETTINGS[name].fallback])
  return checkTogether(Object.freeze(Object.fromEntries(pairs) as Settings))
}

/** Reads the text of one setting. Throws a {@link SettingsError} that begins with `where`. */
export function readSettingText(
  name: SettingName,
  text: string,
  where: string,
): Settings[SettingName] {
  return orSettingsError(() => SETTINGS[name].read(text), shownText(name, text), where)
}

function checkedValue(name: SettingName, value: unknown, where: string): Settings[SettingName] {
  return orSettingsError(() => SETTINGS[name].check(value), shownText(name, value), where)
}

function orSettingsError<T>(read: () => T, shown: string, where: string): T {
  try {
    return read()
  } catch (error) {
    throw new SettingsError(`${where}: ${messageOf(error)}, got ${shown}`)
  }
}

const MOST_SHOWN = 80

/** A key is shown to nobody. */
function shownText(name: SettingName, value: unknown): string {
  if (name === 'signerKey') return '(hidden)'
  return typeof value === 'string'
    ? JSON.stringify(value.slice(0, MOST_SHOWN))
    : inspect(value, { breakLength: Infinity }).slice(0, MOST_SHOWN)
}

function settingName(key: string, where: string): SettingName {
  const name = SETTING_NAMES.find((one) => one === key)
  if (name !== undefined) return name
  throw new SettingsError(`${where}: ${key} is not a setting; "grapevine config" lists them all`)
}

/** Rules between settings. */
function checkTogether(settings: Settings): Settings {
  const { meshLow, meshDegree, meshHigh } = settings
  if (meshLow > meshDegree || meshDegree > meshHigh) {
    throw new SettingsError(
      `--mesh-low ${meshLow}, --mesh-degree ${meshDegree}, --mesh-high ${meshHigh}: expected them in ascending order`,
    )
  }
  return settings
}
