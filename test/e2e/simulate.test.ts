import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXIT_CODES } from '../../src/cli/exitCodes.ts'
import type { Report } from '../../src/measure/report.ts'
import { grapevine, interruptedUnderLoad } from '../builders/program.ts'
import { scenarioText } from '../builders/scenario.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'grapevine-simulate-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function scenarioFile(fields: Readonly<Record<string, unknown>>): string {
  const file = join(folder, 'scenario.yaml')
  writeFileSync(file, scenarioText(fields))
  return file
}

describe('grapevine simulate', () => {
  test.each([
    [
      'a graph that falls apart',
      { topology: { kind: 'edges', edges: [[0, 1]] } },
      /no way leads from node 0/,
    ],
    ['a negative delay', { links: { latencyMs: -5 } }, /links\.latencyMs: too small/],
    [
      'a fault on a node that is not there',
      { faults: [{ kind: 'kill', nodes: [17], atS: 1 }] },
      /there is no node 17: they go from 0 to 9/,
    ],
    [
      'a setting without meaning',
      { everyNode: { settings: { verifierThreads: 2 } } },
      /settings\.verifierThreads means nothing in a simulation/,
    ],
    [
      'a censor without a victim',
      { classes: [{ name: 'a', count: 1, hostile: 'censor' }] },
      /censor needs the node that it is against/,
    ],
  ])('%s is refused in one line', async (_what, fields, line) => {
    const { code, stdout, stderr } = await grapevine(['simulate', scenarioFile(fields)]).finished
    expect(code).toBe(EXIT_CODES.usage.code)
    expect(stdout).toBe('')
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(stderr).toMatch(line)
  })

  test('prints the report with what the simulation was', async () => {
    const file = scenarioFile({ warmupS: 1, durationS: 2, workload: { transactionsPerS: 2 } })
    const args = ['simulate', file, '--nodes', '6', '--seed', '7', '--duration', '3', '--json']
    const { code, stdout } = await grapevine([...args, '--check']).finished
    const report = JSON.parse(stdout) as Report
    expect(code).toBe(0)
    expect(report).toMatchObject({ nodes: 6, seed: 7 })
    expect(Object.keys(report.simulation ?? {}).slice(0, 6)).toEqual([
      'engine',
      'traceHash',
      'events',
      'virtualMs',
      'wallMs',
      'peakRssBytes',
    ])
    expect(report.simulation?.problems).toEqual([])
    expect(Object.keys(report.settings)).toContain('floodPublish')
  })

  test('writes the report of what has been simulated when it is asked to end', async () => {
    const file = scenarioFile({ durationS: 5_000, workload: { transactionsPerS: 0.2 } })
    const args = ['simulate', file, '--engine', 'router', '--json']
    const { code, stdout } = await interruptedUnderLoad(args)
    const report = JSON.parse(stdout) as Report
    expect(code).toBe(EXIT_CODES.fellShort.code)
    expect(report.simulation?.isCut).toBe(true)
    expect(report.transactions.items).toBeGreaterThan(0)
    expect(report.faults.map(({ kind }) => kind)).toEqual(['interrupted'])
  })
})
