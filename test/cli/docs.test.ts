import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { referencePages, reportPicture } from '../../src/cli/docs/docs.ts'
import { table } from '../../src/cli/docs/markdown.ts'
import { terminalPicture } from '../../src/cli/terminal/terminalPicture.ts'
import { readReport } from '../../src/measure/reportFile.ts'
import { pathsIn, strangersIn } from '../builders/prose.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const pages = await referencePages()

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

function markdownIn(folder: string): string[] {
  return readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `${folder}/${file}`)
}

describe('the reference in docs/', () => {
  test.each(pages)('$file is what the data says (else: npm run docs)', ({ file, markdown }) => {
    expect(read(`docs/${file}`)).toBe(markdown)
  })

  test('has no table without rows', () => {
    const empty = pages.filter(({ markdown }) => /\| --- \|\n(?!\|)/.test(markdown))
    expect(empty.map(({ file }) => file)).toEqual([])
  })

  test('shows the default of an option once, and as text', () => {
    const lines = pages.flatMap(({ markdown }) => markdown.split('\n'))
    const wrong = lines.filter((line) => /\(default: .*\(default: |\[object /.test(line))
    expect(wrong).toEqual([])
  })

  test('shows in its picture the report that lies beside it', () => {
    const report = readReport(read('docs/report.json'))
    expect(read('docs/report.svg')).toBe(reportPicture(report))
    expect(report.transactions).toMatchObject({ submitted: 300, included: 300, coverage: 1 })
  })

  test('keeps a cell in one line of one column', () => {
    expect(table(['a'], [['x | y\nz']])).toBe('| a |\n| --- |\n| x \\| y z |')
  })

  test('says of each line of a picture itself that its spaces stay', () => {
    const lines = terminalPicture('t', '$ a\n  b   c').match(/<text [^>]*textLength[^>]*>/g) ?? []
    expect(lines).toHaveLength(2)
    for (const line of lines)
      expect(line).toContain('xml:space="preserve" style="white-space: pre"')
  })

  test('draws text that means something in SVG as text', () => {
    expect(terminalPicture('<t>', 'a < b & c')).toContain('>a &lt; b &amp; c</text>')
  })
})

const PROSE = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...markdownIn('docs').filter((path) => !pages.some(({ file }) => path === `docs/${file}`)),
  ...markdownIn('docs/experiments'),
]
const npmScripts = Object.keys(
  (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts,
)

describe('hand-written pages', () => {
  test.each(PROSE)('%s names commands, flags, methods and settings that exist', (file) => {
    expect(strangersIn(read(file), npmScripts)).toEqual([])
  })

  test.each([...PROSE, ...pages.map(({ file }) => `docs/${file}`)])(
    '%s names files that exist',
    (file) => {
      const missing = pathsIn(read(file)).filter(
        (path) => !existsSync(join(root, path)) && !existsSync(join(root, dirname(file), path)),
      )
      expect(missing).toEqual([])
    },
  )

  test('would not get away with what does not exist', () => {
    const text =
      'Run `npx grapevine fly`, `grapevine node --wings 2`, `npm start -- --nodes 4 --beak`, `npm run soar`; ' +
      'call gossip_sing and eth_chainId; set GRAPEVINE_NEST. See [it](nowhere.md) and `src/no/such.ts`.'
    expect(strangersIn(text, ['start'])).toEqual([
      'grapevine fly',
      'grapevine node --wings',
      'grapevine devnet --beak',
      'npm run soar',
      'gossip_sing',
      'GRAPEVINE_NEST',
    ])
    expect(pathsIn(text)).toEqual(['nowhere.md', 'src/no/such.ts'])
  })
})
