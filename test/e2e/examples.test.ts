import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { packedProject } from '../builders/packed.ts'

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url))
const VITEST = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))

const { dir } = packedProject()
cpSync(EXAMPLES, dir, { recursive: true })
writeFileSync(join(dir, 'package.json'), JSON.stringify({ name: 'examples', type: 'module' }))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Runs a program in the project, as a user would. */
function run(...args: readonly string[]): {
  readonly status: number | null
  readonly said: string
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: dir,
    encoding: 'utf8',
  })
  return { status, said: stripVTControlCharacters(stdout + stderr) }
}

const tests = readdirSync(EXAMPLES).filter((name) => name.endsWith('.test.ts'))

test.each(tests)('%s passes with the packed library', { timeout: 180_000 }, (name) => {
  const { status, said } = run(VITEST, 'run', '--testTimeout=120000', name)
  expect({ status, said }).toMatchObject({ status: 0 })
  expect(said).toMatch(/Tests {2}[1-9]\d* passed/)
})

test('plotReport.mjs compares two simulated networks and draws them', { timeout: 180_000 }, () => {
  const answer = run('plotReport.mjs', 'picture.svg')
  expect(answer).toMatchObject({ status: 0 })
  expect(answer.said).toContain('written: picture.svg')
  const picture = readFileSync(join(dir, 'picture.svg'), 'utf8')
  expect(picture).toMatch(/^<svg/)
  expect(picture).toContain('degree 8')
})

test('every example is run', () => {
  expect(readdirSync(EXAMPLES).toSorted()).toEqual(['plotReport.mjs', ...tests].toSorted())
})
