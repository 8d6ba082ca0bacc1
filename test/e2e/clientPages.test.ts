import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  blocksOf,
  clientPages,
  run,
  startClientNetwork,
  testedBlocks,
  type ClientNetwork,
} from '../builders/clientPages.ts'
import { describeNeeding } from '../builders/needs.ts'
import { spawnSync } from 'node:child_process'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

let network: ClientNetwork
let dir = ''

beforeAll(async () => {
  network = await startClientNetwork(devnetFlagsOf('metamask.md'))
  // Inside the checkout, so that its packages are found.
  const cache = join(ROOT, 'node_modules', '.cache')
  mkdirSync(cache, { recursive: true })
  dir = mkdtempSync(join(cache, 'client-pages-'))
})

afterAll(async () => {
  rmSync(dir, { recursive: true, force: true })
  await network.stop()
})

describe('the pages of clients', () => {
  const index = readFileSync(join(ROOT, 'docs/clients/README.md'), 'utf8')

  test.each(clientPages())('%s is in the index and has a block that is run', (page) => {
    expect(index).toContain(`](${page})`)
    expect(testedBlocks(page).length).toBeGreaterThan(0)
  })

  test('mark every block as tested, as tried on a day, or as untried', () => {
    const unmarked = ['README.md', ...clientPages()]
      .flatMap(blocksOf)
      .filter(({ marks: [mark = ''] }) => !/^(test|tried=\d{4}-\d\d-\d\d|untried)$/.test(mark))
    expect(unmarked).toEqual([])
  })

  test('say in words what of them was never tried', () => {
    const saying = clientPages().filter((page) =>
      readFileSync(join(ROOT, 'docs/clients', page), 'utf8').includes('was never tried'),
    )
    const marked = clientPages().filter((page) =>
      blocksOf(page).some(({ marks }) => marks.includes('untried')),
    )
    const listed = clientPages().filter((page) =>
      new RegExp(`\\]\\(${page}\\).*never tried`).test(index),
    )
    expect(saying).toEqual(expect.arrayContaining(marked))
    expect(listed).toEqual(saying)
  })
})

/** The flags of the devnet that a page starts. */
function devnetFlagsOf(page: string): readonly string[] {
  const start = 'npx grapevine devnet '
  const block = testedBlocks(page).find(({ text }) => text.startsWith(start))
  const words = block?.text.trim().slice(start.length).split(' ') ?? []
  return words.map((word) => word.replaceAll("'", ''))
}

const scripts = clientPages()
  .flatMap(testedBlocks)
  .filter(({ language }) => language === 'js')
  .map((block, at) => [block.page, at, block] as const)

/** What the last line of a block's output says. */
const SAID: Readonly<Record<string, RegExp>> = {
  'viem.md': /is in block \d+n|^block \d+n is 0x/,
  'ethers.md': /is in block \d+|insufficient-funds/,
  'spamoor.md': /^0x[0-9a-fA-F]{40} 5000000000000000000n$/,
  'metamask.md': /^eth_call string$/,
}

describe('scripts for Node', () => {
  test.each(scripts)('of %s do what the page says (block %d)', async (page, at, { text }) => {
    const file = join(dir, `block-${at}.mjs`)
    writeFileSync(file, text)
    const { environment } = network
    const ended = await run(process.execPath, [file], { cwd: dir, environment })
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(ended.stdout.trim().split('\n').at(-1)).toMatch(SAID[page] ?? /nothing/)
  })
})

const hasPrometheus = spawnSync('prometheus', ['--version']).error === undefined

describeNeeding(
  hasPrometheus ? '' : 'prometheus is missing (Debian: prometheus)',
  'Prometheus',
  () => {
    test('scrapes a node by the configuration of the page, and answers its questions', async () => {
      const [config, questions] = testedBlocks('prometheus.md')
      const target = new URL(network.metricsUrl).host
      const folder = mkdtempSync(join(tmpdir(), 'grapevine-prometheus-'))
      const file = join(folder, 'prometheus.yml')
      const text = (config?.text ?? '').replace('127.0.0.1:9100', target).replace('5s', '1s')
      writeFileSync(file, text)
      const args = [`--config.file=${file}`, `--storage.tsdb.path=${folder}/data`]
      const server = spawn('prometheus', [...args, '--web.listen-address=127.0.0.1:0'])
      try {
        const address = await new Promise<string>((resolve, reject) => {
          let said = ''
          server.stderr.on('data', (chunk: Buffer) => {
            said += chunk.toString()
            const [, found] = /Listening on.*?address=(127\.0\.0\.1:\d+)/.exec(said) ?? []
            if (found !== undefined) resolve(found)
          })
          server.once('close', () => reject(new Error(said)))
        })
        for (const question of (questions?.text ?? '').trim().split('\n'))
          expect(await answered(address, question)).toBeGreaterThan(0)
      } finally {
        server.kill()
        rmSync(folder, { recursive: true, force: true })
      }
    })
  },
)

/** How many series answer, as soon as there are some: a rate needs two scrapes. */
async function answered(address: string, question: string): Promise<number> {
  for (;;) {
    const url = `http://${address}/api/v1/query?query=${encodeURIComponent(question)}`
    const { status, data } = (await (await fetch(url)).json()) as {
      status: string
      data?: { result: unknown[] }
    }
    expect(status).toBe('success')
    if ((data?.result.length ?? 0) > 0) return data?.result.length ?? 0
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
