import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const page = readFileSync(join(ROOT, 'docs', 'library.api.md'), 'utf8')
const door = readFileSync(join(ROOT, 'src', 'index.ts'), 'utf8')

test('docs/library.api.md is what the library exports (else: npm run docs)', () => {
  const script = join(ROOT, 'scripts', 'apiReport.mjs')
  expect(page).toBe(execFileSync(process.execPath, [script], { encoding: 'utf8' }))
})

test('the report has what the issue of the library names', () => {
  const named = ['startDevnet', 'startNode', 'runScenario', 'simulate', 'compareReports']
  for (const name of [...named, 'decodeTx', 'judge', 'grapevineActions'])
    expect(page).toMatch(new RegExp(`^### ${name}\\b`, 'm'))
})

test('every export of the library has an entry with its declaration', () => {
  const names = [...door.matchAll(/^ {2}(?:type )?(?:\w+ as )?(\w+),$/gm)].map(([, name]) => name)
  expect(names.length).toBeGreaterThan(20)
  for (const name of names)
    expect(page).toMatch(new RegExp(`^### ${name}\\b[^#]*\`\`\`ts\\nexport `, 'm'))
})
