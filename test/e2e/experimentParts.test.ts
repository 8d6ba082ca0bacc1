import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { grapevine } from '../builders/program.ts'

const SMALL = `
title: Small
asks: Does it work?
items: transactions
varies: D
repeat: 2
scenario:
  name: small
  shows: Little.
  nodes: 6
  links: { latencyMs: 10 }
  workload: { transactionsPerS: 2, blocks: { periodS: 1 } }
  warmupS: 0
  durationS: 2
cases:
  - { label: '3', set: { everyNode: { router: { D: 3, Dlo: 2, Dhi: 4 } } } }
  - { label: '4', set: { everyNode: { router: { D: 4, Dlo: 3, Dhi: 5 } } } }
`
const folder = mkdtempSync(join(tmpdir(), 'grapevine-parts-'))
const file = join(folder, 'small.yaml')
writeFileSync(file, SMALL)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const SIMULATED = ['experiment', file, '--simulate', '--engine', 'router']

async function answer(...args: readonly string[]) {
  return grapevine(args, { cwd: folder }).finished
}

describe('an experiment that is simulated', () => {
  test('in parts and joined gives the same as all of it at once, and is not made twice', async () => {
    const whole = await answer(...SIMULATED, '--report-dir', 'all', '--json')
    expect(whole.code).toBe(0)
    for (const part of ['1/3', '2/3', '3/3']) {
      const shard = ['--shard', part, '--report-dir', `part-${part[0]}`]
      const { code } = await answer(...SIMULATED, ...shard)
      expect(code).toBe(0)
    }
    const joined = await answer('report', '--merge', 'part-3', 'part-1', 'part-2', '--json')
    expect(joined.stdout).toBe(whole.stdout)
    expect(joined.code).toBe(0)
    const lacking = await answer('report', '--merge', 'part-1', 'part-2')
    expect(lacking.code).toBe(3)
    expect(lacking.stderr).toContain('missing: run 2 of case 3')
    const again = await answer(...SIMULATED, '--report-dir', 'all', '--json')
    expect(again.stderr.match(/read from/g)).toHaveLength(4)
    expect(again.stdout).toBe(whole.stdout)
  })

  test('by measure has the transactions of the options and says what it was simulated with', async () => {
    const args = [
      'measure',
      '--simulate',
      '--nodes',
      '6',
      '--txs',
      '7',
      '--rate',
      '10',
      '--seed',
      '5',
    ]
    const { code, stdout } = await answer(...args, '--json', '--expect', 'coverage=1')
    expect(code).toBe(0)
    const report = JSON.parse(stdout) as Record<string, Record<string, unknown>>
    expect(report['transactions']?.['submitted']).toBe(7)
    expect(report['simulation']?.['engine']).toBe('node')
    expect(report['seed']).toBe(5)
  })

  test.each([
    [['measure', '--simulate', '--in-process'], '--in-process: has no meaning with --simulate'],
    [['measure', '--engine', 'router'], '--engine: needs --simulate'],
    [['measure', '--nodes', '500'], 'with --simulate they are simulated'],
    [['experiment', 'truth', '--simulate'], 'some cases of this experiment are real'],
    [['experiment', 'rounds', '--simulate'], 'this one is of rounds'],
    [['experiment', file, '--simulate', '--shard', '1/2'], '--shard: needs --report-dir'],
    [['experiment', file, '--shard', '3/2'], 'such as 2/5'],
    [['report', '--merge', 'x', '--html', 'y'], '--html: does not go with --merge'],
  ])('refuses %j in one line', async (args, words) => {
    const { code, stderr } = await answer(...args)
    expect(code).toBe(2)
    expect(stderr).toContain(words)
  })
})
