import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { commandLine, programCommit } from '../../src/instrument/surroundings.ts'
import { loadPerCore, machineReport } from '../../src/lib/machineClock.ts'

describe('the command line in a report', () => {
  test('can be given to a shell again', () => {
    expect(commandLine(['measure', 'my scenario.yaml', '--set', "a='b'"])).toBe(
      String.raw`grapevine measure 'my scenario.yaml' --set 'a='\''b'\'''`,
    )
  })

  test('holds no login of a URL, no key and no mnemonic', () => {
    const args = [
      '--rpc',
      'http://me:secret@host:1',
      '--signer-key',
      '0xkey',
      '--mnemonic=a b',
      '--set',
    ]
    expect(commandLine([...args, 'signerKey=0x12', '--nodes', '3'])).toBe(
      'grapevine --rpc http://host:1 --signer-key HIDDEN --mnemonic=HIDDEN --set signerKey=HIDDEN --nodes 3',
    )
  })
})

describe('the commit of the program', () => {
  const root = mkdtempSync(join(tmpdir(), 'grapevine-commit-'))
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: root })
      .toString()
      .trim()
  afterAll(() => rmSync(root, { recursive: true }))

  test('is that of its clone, and says whether its files were changed', () => {
    git('init', '--quiet')
    writeFileSync(join(root, 'a'), '1')
    git('add', 'a')
    git('commit', '--quiet', '-m', 'one')
    const commit = git('rev-parse', 'HEAD')
    expect(programCommit(root)).toBe(commit)
    writeFileSync(join(root, 'a'), '2')
    expect(programCommit(root)).toBe(`${commit}-dirty`)
  })

  test('is not that of a clone in which it is installed', () => {
    const inside = join(root, 'node_modules', 'grapevine')
    mkdirSync(inside, { recursive: true })
    expect(programCommit(inside)).toBeNull()
  })
})

test('the machine has a kernel and cores, and its load is not below nothing', () => {
  const { kernel, cores } = machineReport()
  expect(kernel).toMatch(/\d/)
  expect(cores).toBeGreaterThan(0)
  expect(loadPerCore()).toBeGreaterThanOrEqual(0)
})
