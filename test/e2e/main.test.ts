/** What the program loads: the real `cli/main.js`, with files beside it that say which of them it chose. */
import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { MAIN } from '../builders/program.ts'

let dist: string

beforeEach(() => {
  dist = mkdtempSync(join(tmpdir(), 'grapevine-main-'))
  write('package.json', '{"type":"module"}')
  mkdirSync(join(dist, 'cli'))
  copyFileSync(MAIN, join(dist, 'cli/main.js'))
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

async function loadedBy(command: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(dist, 'cli/main.js'),
    command,
  ])
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

test('every other command loads the whole program', async () => {
  expect(await loadedBy('devnet')).toBe('cli/wholeMain.js')
})
