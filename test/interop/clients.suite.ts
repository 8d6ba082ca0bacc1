import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  run,
  startClientNetwork,
  testedBlocks,
  type ClientNetwork,
  type CodeBlock,
} from '../builders/clientPages.ts'
import { startCollector } from '../builders/collector.ts'
import { describeNeeding } from '../builders/needs.ts'
import { grapevine } from '../builders/program.ts'

const PYTHON = process.env['INTEROP_PYTHON'] ?? ''
const CAST = process.env['INTEROP_CAST'] ?? ''
const GO = process.env['INTEROP_GO_PEER'] ?? ''
const GO_SOURCES = fileURLToPath(new URL('./go', import.meta.url))
const READ_SPANS = fileURLToPath(new URL('./readSpans.py', import.meta.url))

let network: ClientNetwork
let dir = ''

beforeAll(async () => {
  network = await startClientNetwork()
  dir = mkdtempSync(join(tmpdir(), 'grapevine-clients-'))
})

afterAll(async () => {
  rmSync(dir, { recursive: true, force: true })
  await network.stop()
})

/** The blocks of a page in a language, with their number. */
function blocks(page: string, language: string): readonly (readonly [number, CodeBlock])[] {
  return testedBlocks(page)
    .filter((block) => block.language === language)
    .map((block, at) => [at, block] as const)
}

describeNeeding(PYTHON === '' ? 'python3 with venv is missing' : '', 'web3.py', () => {
  const said = [
    /^0x[0-9a-f]{64} is in block \d+ with [1-9]\d* transactions$/m,
    /^2 members: alive/m,
  ]

  test.each(blocks('web3py.md', 'py'))(
    'does what block %d of its page says',
    async (at, { text }) => {
      const file = join(dir, `block-${at}.py`)
      writeFileSync(file, text)
      const ended = await run(PYTHON, [file], { cwd: dir, ...network })
      expect(ended).toMatchObject({ code: 0 })
      expect(ended.stdout).toMatch(said[at] ?? /nothing/)
    },
  )

  test('fails on a block without the line that the page names, as the page says', async () => {
    const [[, { text }] = never()] = blocks('web3py.md', 'py')
    const file = join(dir, 'without.py')
    writeFileSync(file, text.replace(/^w3\.middleware_onion.*$/m, ''))
    const { code, stderr } = await run(PYTHON, [file], { cwd: dir, ...network })
    expect(code).not.toBe(0)
    expect(stderr).toContain('ExtraDataLengthError')
  })
})

describeNeeding(
  CAST === '' ? 'cast is missing: npm cannot install @foundry-rs/cast here' : '',
  'cast',
  () => {
    test.each(blocks('cast.md', 'sh'))(
      'does what block %d of its page says',
      async (_at, { text }) => {
        const PATH = `${dirname(CAST)}${delimiter}${process.env['PATH'] ?? ''}`
        const environment = { ...network.environment, PATH }
        const ended = await run('bash', ['-euo', 'pipefail', '-c', text], { cwd: dir, environment })
        expect(ended).toMatchObject({ code: 0 })
        expect(ended.stdout).not.toBe('')
      },
    )
  },
)

describeNeeding(GO === '' ? 'go is missing' : '', 'ethclient', () => {
  test.each(blocks('ethclient.md', 'go'))(
    'does what block %d of its page says',
    async (_at, { text }) => {
      const module = join(dir, 'ethclient')
      mkdirSync(module)
      for (const file of ['go.mod', 'go.sum']) cpSync(join(GO_SOURCES, file), join(module, file))
      writeFileSync(join(module, 'main.go'), text)
      // The module of the reference peer pins go-ethereum; this program uses more of it.
      const environment = { ...network.environment, GOFLAGS: '-mod=mod' }
      const ended = await run('go', ['run', '.'], { cwd: module, environment })
      expect(ended).toMatchObject({ code: 0 })
      expect(ended.stdout).toMatch(/^0x[0-9a-f]{64} is in block \d+$/m)
    },
    // The first time it compiles go-ethereum.
    900_000,
  )
})

describeNeeding(
  PYTHON === '' ? 'python3 with venv is missing' : '',
  'the messages of OpenTelemetry',
  () => {
    test('read every span that a devnet sends', async () => {
      const collector = await startCollector()
      const args = ['--nodes', '3', '--txs', '10', '--once', '--otlp', collector.url]
      const devnet = grapevine(['devnet', ...args])
      expect(await devnet.finished).toMatchObject({ code: 0 })
      await collector.close()
      const lines = await Promise.all(collector.bodies.map(readByPython))
      const spans = lines.flat()
      expect(spans.length).toBe(collector.spans.length)
      expect(spans.length).toBeGreaterThanOrEqual(30)
    })
  },
)

/** The spans of a body, one line each. */
async function readByPython(body: string): Promise<readonly string[]> {
  const child = spawn(PYTHON, [READ_SPANS])
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stdin.end(body)
  const code = await new Promise((resolve) => child.once('close', resolve))
  expect({ code, said: code === 0 ? '' : said }).toEqual({ code: 0, said: '' })
  return said.trim().split('\n')
}

function never(): never {
  throw new Error('the page has a block')
}
