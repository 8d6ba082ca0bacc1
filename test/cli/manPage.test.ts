import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { visibleCommands } from '../../src/cli/completion.ts'
import { EXIT_CODES } from '../../src/cli/exitCodes.ts'
import { manPage } from '../../src/cli/docs/manPage.ts'
import { program } from '../../src/cli/program.ts'
import { envName, flagName, SETTING_NAMES } from '../../src/node/settings/settings.ts'
import { describeNeeding } from '../builders/needs.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const commands = await program()
const hasGroff = spawnSync('groff', ['--version']).error === undefined

/** As a terminal shows it, without line breaks; what roff has to say against it. */
function shown(page: string): { readonly text: string; readonly warnings: string } {
  const args = ['-man', '-Tutf8', '-ww', '-P-cbou', '-rLL=200n']
  const { stdout, stderr } = spawnSync('groff', ['-k', ...args], { input: page, encoding: 'utf8' })
  return { text: stdout.replace(/\s+/g, ' '), warnings: stderr }
}

test('the package names the manual page, and holds it', () => {
  const { man, files } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as {
    man: string
    files: string[]
  }
  expect(man).toBe('./man/grapevine.1')
  expect(files).toContain('man')
})

describeNeeding(hasGroff ? '' : 'groff is missing (Debian: groff)', 'the manual page', () => {
  const { text, warnings } = shown(manPage(commands, '1.2.3').markdown)

  test('is right to the last macro', () => {
    expect(warnings).toBe('')
  })

  test('has every command, setting and exit code', () => {
    for (const command of visibleCommands(commands))
      expect(text).toContain(`grapevine ${command.name()} `)
    for (const name of SETTING_NAMES) {
      expect(text).toContain(flagName(name))
      expect(text).toContain(envName(name))
    }
    for (const { meaning } of Object.values(EXIT_CODES))
      expect(text).toContain(meaning.slice(0, 30))
  })
})

describe('what a description may hold', () => {
  const odd = String.raw`.not a macro, 'nor "this", a \backslash, --flag and a 100%`

  test.skipIf(!hasGroff)('is shown as it is', () => {
    const command = new Command('grapevine').description(odd)
    command.command('odd').description(odd).option('--odd <"quoted">', odd)
    const { text, warnings } = shown(manPage(command, '1').markdown)
    expect(warnings).toBe('')
    expect(text.split(odd).length - 1).toBe(3)
  })
})
