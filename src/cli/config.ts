/**
 * `grapevine config`: every setting with its value and where that came from, or the limits of the
 * node.
 */
import { Command } from 'commander'
import { resolveSettings, settingText } from '../node/settings/resolvedSettings.ts'
import { envName, flagName, SETTING_NAMES, SETTINGS } from '../node/settings/settings.ts'
import { checkSettings } from '../peer/checkedSettings.ts'
import { refuseFlags } from './options/applies.ts'
import { allLimits } from './docs/limitsTable.ts'
import { addSettingOptions, settingFlags } from './options/options.ts'
import { writeJson, writeText } from './terminal/output.ts'

/** The command `config`. */
export function configCommand(): Command {
  return addSettingOptions(new Command('config'))
    .description('print every setting with its value and source, and every limit')
    .option('--limits', 'print the limits instead of the settings')
    .option('--json', 'print as JSON')
    .action(runConfig)
}

interface ConfigFlags extends Readonly<Record<string, unknown>> {
  readonly limits?: boolean
  readonly json?: boolean
}

function runConfig(flags: ConfigFlags, command: Command): void {
  if (flags.limits)
    refuseFlags(command, SETTING_NAMES, 'has no effect on --limits; leave one of them out')
  const config = resolveSettings(settingFlags(flags))
  checkSettings(config.settings)
  if (flags.limits) printLimits(flags.json === true)
  else if (flags.json) writeJson(config)
  else
    writeText(
      SETTING_NAMES.map((name) => settingLine(name, config))
        .join('\n')
        .concat('\n'),
    )
}

function settingLine(
  name: (typeof SETTING_NAMES)[number],
  { settings, sources }: ReturnType<typeof resolveSettings>,
): string {
  const value =
    name === 'signerKey' && settings[name] !== '' ? '(hidden)' : settingText(settings[name])
  return `${flagName(name)} ${value === '' ? '(none)' : value}  [${sources[name]}; ${envName(name)}]\n    ${SETTINGS[name].sentence}`
}

function printLimits(asJson: boolean): void {
  const limits = allLimits()
  if (asJson) writeJson(limits)
  else
    writeText(
      limits
        .map(({ folder, name, value }) => `${folder}.${name} = ${value}`)
        .join('\n')
        .concat('\n'),
    )
}
