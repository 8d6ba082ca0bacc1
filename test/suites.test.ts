/**
 * Every test is run by CI, once for each version of Node at most: none is lost between the suites.
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const CONFIGURATIONS = readdirSync(ROOT).filter((name) =>
  /^vitest\..*config\.ts$|^vitest\.config\.ts$/.test(name),
)

interface Listed {
  readonly file: string
  /** None where a configuration is one suite alone. */
  readonly projectName?: string
}

/** What vitest itself would run. */
function listed(configuration: string): readonly (Listed & { readonly suite: string })[] {
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
  const args = ['list', '--filesOnly', '--json', `--config=${configuration}`]
  const answer = execFileSync(process.execPath, [vitest, ...args], { cwd: ROOT, encoding: 'utf8' })
  const files = JSON.parse(answer.slice(answer.indexOf('['))) as readonly Listed[]
  return files.map((one) => ({ ...one, suite: one.projectName ?? configuration }))
}

describe('the suites of tests', () => {
  const files = CONFIGURATIONS.flatMap(listed)

  test('have each file of tests once', () => {
    const there = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(test|suite|spec)\.ts$/.test(name))
      .map((name) => join('test', name))
    expect(files.map(({ file }) => relative(ROOT, file)).toSorted()).toEqual(there.toSorted())
  })

  test('are those of npm test, test:e2e and test:faults at least', () => {
    const suites = new Set(files.map(({ suite }) => suite))
    expect(suites).toEqual(new Set([...suites, 'main', 'alone', 'e2e', 'vitest.faults.config.ts']))
  })

  test('of npm test share what they import, but for those that replace modules or methods of the router', () => {
    const replaces = /\bvi\.(do)?[mM]ock\(|from '.*\/builders\/simulation\.ts'|\bfingerprint\(/
    const shared = files.filter(({ suite }) => suite === 'main')
    const replacing = shared.filter(({ file }) => replaces.test(readFileSync(file, 'utf8')))
    expect(shared.length).toBeGreaterThan(200)
    expect(replacing.map(({ file }) => file)).toEqual([])
  })

  test('are each a step of CI and a line of CONTRIBUTING.md', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      readonly scripts: Readonly<Record<string, string>>
    }
    const commands = Object.keys(scripts)
      .filter((name) => name === 'test' || name.startsWith('test:'))
      .map((name) => (name === 'test' ? 'npm test' : `npm run ${name}`))
    const steps = readFileSync(join(ROOT, '.ci', 'run'), 'utf8').replaceAll('--silent ', '')
    const page = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')
    expect(commands.length).toBeGreaterThan(2)
    expect(commands.filter((command) => !steps.includes(command))).toEqual([])
    expect(commands.filter((command) => !page.includes(`\`${command}\``))).toEqual([])
  })

  test('have the benchmarks beside them, which CI runs for a moment each', () => {
    const steps = readFileSync(join(ROOT, '.ci', 'run'), 'utf8')
    expect(steps).toMatch(/^npm run --silent bench -- --smoke$/m)
  })
})
