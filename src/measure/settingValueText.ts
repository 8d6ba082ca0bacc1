import type { SettingValue } from './report.ts'

/**
 * The value of a setting for a reader: lists with commas, numbers by name as `name=number`, `none`
 * where there is none.
 */
export function settingValueText(value: SettingValue): string {
  if (value === null) return 'none'
  if (typeof value !== 'object') return String(value)
  if (Array.isArray(value)) return value.join(', ')
  return Object.entries(value)
    .map(([name, number]) => `${name}=${number}`)
    .join(', ')
}
