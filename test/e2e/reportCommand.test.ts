import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeReport } from '../../src/measure/reportFile.ts'
import { renderReport } from '../../src/measure/terminal/terminal.ts'
import { grapevine, type Finished } from '../builders/program.ts'
import { reportOfPlan } from '../builders/report.ts'

const report = reportOfPlan({ transactions: 30 })

describe('grapevine report', () => {
  const dir = mkdtempSync(join(tmpdir(), 'grapevine-report-'))
  const [a, b] = [join(dir, 'a.json'), join(dir, 'b.json')]

  beforeAll(() => {
    writeFileSync(a, writeReport(report))
    writeFileSync(b, writeReport(reportOfPlan({ transactions: 30, seed: 2, slower: 3 })))
  })

  afterAll(() => rmSync(dir, { recursive: true }))

  const run = (...args: string[]): Promise<Finished> =>
    grapevine(['report', ...args], { cwd: dir }).finished

  test('shows a report', async () => {
    expect(await run(a)).toMatchObject({ code: 0, stdout: renderReport(report), stderr: '' })
  })

  test('--json prints the figures without the items', async () => {
    const { stdout } = await run(a, '--json')
    const { spreads: _spreads, ...figures } = report
    expect(JSON.parse(stdout)).toEqual(figures)
  })

  test('--html writes one page, in a directory that it makes', async () => {
    const file = join(dir, 'new', 'page.html')
    const { code, stderr } = await run(a, '--html', file)
    expect({ code, stderr }).toEqual({ code: 0, stderr: `written: ${file}\n` })
    expect(readFileSync(file, 'utf8')).toContain('<h1>Propagation over 12 peers</h1>')
  })

  test.each([
    ['csv', ['copies.csv', 'items.csv', 'peers.csv']],
    ['interop', Array.from({ length: 12 }, (_, node) => `node${node}.stdout`)],
  ])('--export %s writes beside the report', async (format, files) => {
    await run(a, '--export', format)
    expect(readdirSync(join(dir, `a-${format}`)).toSorted()).toEqual(files.toSorted())
  })

  test('--out says where an export goes', async () => {
    await run(a, '--export', 'csv', '--out', join(dir, 'there'))
    expect(existsSync(join(dir, 'there', 'items.csv'))).toBe(true)
  })

  test('compares two reports and repeats itself', async () => {
    const [first, second] = [await run(a, b), await run(a, b)]
    expect(first.stdout).toMatch(/latency of a node, p50 .* \*$/m)
    expect(first.stdout).toContain('seed: 1 | 2')
    expect(second.stdout).toBe(first.stdout)
  })

  test('compares more than two with the first, and tells files of one name apart by their folders', async () => {
    const folders = ['one', 'two'].map((name) => join(dir, name))
    for (const folder of folders) mkdirSync(folder)
    const files = folders.map((folder) => join(folder, 'report.json'))
    for (const file of files) writeFileSync(file, writeReport(report))
    const { code, stdout } = await run(...files, b)
    expect(code).toBe(0)
    expect(stdout).toContain('comparison of 3 reports')
    for (const name of ['A  one/report.json', 'B  two/report.json']) expect(stdout).toContain(name)
    expect(stdout).toMatch(/^transactions +A +B +C$/m)
  })

  test('--html of two writes the comparison', async () => {
    const file = join(dir, 'comparison.html')
    await run(a, b, '--html', file, '--json')
    expect(readFileSync(file, 'utf8')).toContain('Comparison of 2 reports')
  })

  test.each([
    ['a file that is not there', ['nowhere.json'], 'cannot read nowhere.json'],
    ['a file that is no report', ['--', 'odd.json'], 'odd.json: this is not a propagation report'],
    ['an export of two', [a, b, '--export', 'csv'], '--export: takes one report'],
    ['a page that cannot be written', [a, '--html', '/dev/null/x.html'], 'cannot write /dev/null'],
    ['an unknown format', [a, '--export', 'xls'], 'Allowed choices are csv, interop'],
  ])('refuses %s in one clear line', async (_, args, message) => {
    writeFileSync(join(dir, 'odd.json'), '[]')
    const { code, stderr } = await run(...args)
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})
