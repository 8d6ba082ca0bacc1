import { SETTING_NAMES, type SettingName, type Settings } from './settings.ts'

/** What may be told of the settings of a node: all but the key that it signs with. */
export function shownSettings(settings: Settings): Readonly<Record<string, Settings[SettingName]>> {
  const shown = SETTING_NAMES.filter((name) => name !== 'signerKey').map(
    (name) => [name, settings[name]] as const,
  )
  return Object.fromEntries(shown)
}
