/**
 * What the program loads: the real `cli/main.js`, with files beside it that say which of them it
 * chose.
 */
import { execFile } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cacheOf } from '../../src/cli/start/compiledScript.ts'
import { MAIN } from '../builders/program.ts'

let dist: string

beforeEach(() => {
  dist = mkdtempSync(join(tmpdir(), 'grapevine-main-'))
  write('package.json', '{"type":"module"}')
  mkdirSync(join(dist, 'cli/start'), { recursive: true })
  for (const file of ['main.js', 'start/compiledScript.js'])
    copyFileSync(join(dirname(MAIN), file), join(dist, 'cli', file))
  for (const file of ['cli/wholeMain.js', 'cli/peerMain.js', 'bundle/peerMain.js'])
    write(file, `process.stdout.write('${file}')`)
})

afterEach(() => rmSync(dist, { recursive: true }))

function write(file: string, text: string): void {
  mkdirSync(dirname(join(dist, file)), { recursive: true })
  writeFileSync(join(dist, file), text)
}

function date(file: string, seconds: number): void {
  utimesSync(join(dist, file), seconds, seconds)
}

async function loadedBy(
  command: string,
  flags: readonly string[] = [],
  env = process.env,
): Promise<string> {
  const args = [...flags, join(dist, 'cli/main.js'), command]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env })
  return stdout
}

test.each(['node', 'peers'])('"grapevine %s" is the bundle that was made last', async (command) => {
  write('.tsbuildinfo', '')
  date('.tsbuildinfo', 1_000)
  date('bundle/peerMain.js', 1_001)
  expect(await loadedBy(command)).toBe('bundle/peerMain.js')
})

test('an installed package, which has no record of its compilation, runs the bundle', async () => {
  expect(await loadedBy('node')).toBe('bundle/peerMain.js')
})

test('modules that were compiled after the bundle are what runs', async () => {
  write('.tsbuildinfo', '')
  date('.tsbuildinfo', 1_001)
  date('bundle/peerMain.js', 1_000)
  expect(await loadedBy('node')).toBe('cli/peerMain.js')
})

test('a build without a bundle runs the modules', async () => {
  rmSync(join(dist, 'bundle'), { recursive: true })
  expect(await loadedBy('node')).toBe('cli/peerMain.js')
})

describe('the code that is kept of a peer', () => {
  const CODE = `bundle/${cacheOf('peerMain', process)}`

  beforeEach(() => {
    write('bundle/peerMain.cjs', "(async () => process.stdout.write('bundle/peerMain.cjs'))")
    write(CODE, 'not of this version of V8')
  })

  test('has the script of the peer run, also where V8 refuses that code', async () => {
    expect(await loadedBy('node')).toBe('bundle/peerMain.cjs')
  })

  test('has the script of the whole program run for every other command', async () => {
    write('bundle/wholeMain.cjs', "(async () => process.stdout.write('bundle/wholeMain.cjs'))")
    write(`bundle/${cacheOf('wholeMain', process)}`, 'not of this version of V8')
    expect(await loadedBy('devnet')).toBe('bundle/wholeMain.cjs')
    expect(await loadedBy('node')).toBe('bundle/peerMain.cjs')
  })

  test('is left where another Node.js made it', async () => {
    renameSync(join(dist, CODE), join(dist, 'bundle/peerMain.v1.2.3-x64.cache'))
    expect(await loadedBy('node')).toBe('bundle/peerMain.js')
  })

  test('is left where V8 has flags that change what it compiles', async () => {
    expect(await loadedBy('node', ['--max-semi-space-size=64'])).toBe('bundle/peerMain.js')
    const env = { ...process.env, NODE_OPTIONS: '--max-old-space-size=500' }
    expect(await loadedBy('node', [], env)).toBe('bundle/peerMain.js')
  })

  test('is left where modules were compiled after it', async () => {
    write('.tsbuildinfo', '')
    date('.tsbuildinfo', 1_001)
    for (const file of ['bundle/peerMain.js', CODE]) date(file, 1_000)
    expect(await loadedBy('node')).toBe('cli/peerMain.js')
  })

  describe.each(['peerMain', 'wholeMain'])('of %s', (name) => {
    const made = join(dirname(MAIN), '../bundle')
    const codeFile = readdirSync(made).find(
      (file) => file.startsWith(name) && file.endsWith('.cache'),
    )

    test('was made when the program was built', () => {
      expect(codeFile).toMatch(/^\w+\.v[\d.]+-\w+\.cache$/)
    })

    test.skipIf(codeFile !== cacheOf(name, process))(
      'is taken by the Node.js that made it',
      async () => {
        const look = `
        const { Script } = require('node:vm'), { readFileSync } = require('node:fs')
        const [script, code] = process.argv.slice(1)
        const { cachedDataRejected } =
          new Script(readFileSync(script, 'latin1'), { cachedData: readFileSync(code) })
        process.stdout.write(String(cachedDataRejected))
      `
        const files = [`${name}.cjs`, codeFile ?? ''].map((file) => join(made, file))
        const { stdout } = await promisify(execFile)(process.execPath, ['-e', look, ...files])
        expect(stdout).toBe('false')
      },
    )
  })
})

test('every other command loads the whole program', async () => {
  expect(await loadedBy('devnet')).toBe('cli/wholeMain.js')
})

describe('the bundle of a peer', () => {
  const bundle = join(dirname(MAIN), '../bundle')
  const files = readdirSync(bundle).filter((file) => /\.c?js$/.test(file))
  const textOf = (file: string): string => readFileSync(join(bundle, file), 'utf8')

  /** Chunks and packages that are loaded with a chunk, itself included. */
  function loadedWith(file: string, seen = new Set<string>()): ReadonlySet<string> {
    if (seen.has(file)) return seen
    seen.add(file)
    if (!file.endsWith('.js')) return seen
    for (const [, name = ''] of textOf(file).matchAll(/(?:from|^import)\s*"([^"]+)"/gm))
      loadedWith(name.replace(/^\.\//, ''), seen)
    return seen
  }

  test.each(['node', 'peers'])(
    'of "grapevine %s" has no library of Prometheus until metrics are served',
    (command) => {
      const chunk = files.find((file) => file.startsWith(`${command}-`)) ?? ''
      const loaded = loadedWith(chunk)
      expect(loaded).toContain('pino')
      expect(loaded).not.toContain('prom-client')
    },
  )

  test('is plain ASCII, which takes a byte a character in memory', () => {
    const others = files.filter((file) => /[^\0-\x7f]/.test(textOf(file)))
    expect(others).toEqual([])
  })
})
