/** Scenarios from the file to the report, as their users run them. */
import { isRecord } from '../../src/lib/records.ts'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readReport } from '../../src/measure/reportFile.ts'
import { EXIT_CODES } from '../../src/cli/exitCodes.ts'
import { grapevine, type Finished } from '../builders/program.ts'
import { scenarioText } from '../builders/scenario.ts'

const SMALL = {
  name: 'small',
  nodes: 6,
  topology: { kind: 'ring' },
  links: { latencyMs: 5 },
  workload: { transactionsPerS: 10, blocks: { periodS: 1 } },
  faults: [{ kind: 'kill', nodes: [4], atS: 0.5, forS: 1 }],
  warmupS: 1,
  durationS: 3,
}

describe('a scenario', () => {
  let folder = ''

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'grapevine-scenario-'))
  })

  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  function run(...args: string[]): Promise<Finished> {
    return grapevine(args, { cwd: folder }).finished
  }

  function write(fields: Readonly<Record<string, unknown>>): void {
    writeFileSync(join(folder, 'it.yaml'), scenarioText(fields))
  }

  async function planned(...args: string[]): Promise<Record<string, unknown>> {
    const { code, stdout, stderr } = await run('measure', ...args, '--dry-run')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const plan: unknown = JSON.parse(stdout)
    if (!isRecord(plan)) throw new Error('no plan was printed')
    return plan
  }

  test('is run again with the next seed, as often as it is asked for', async () => {
    write(SMALL)
    const args = ['measure', 'it.yaml', '--simulate', '--repeat', '2', '--json']
    const { code, stdout, stderr } = await run(...args)
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(JSON.parse(stdout)).toMatchObject({
      runs: [
        { seed: 1, scenario: { name: 'small' } },
        { seed: 2, scenario: { name: 'small' } },
      ],
    })
  })

  test('exports each of its runs to a folder of its own, and says of which the report was there', async () => {
    write(SMALL)
    const args = ['measure', 'it.yaml', '--simulate', '--repeat', '2', '--export', 'csv']
    const { code, stderr } = await run(...args)
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stderr.match(/^written: .*$/gm)).toEqual(['written: run-1/csv', 'written: run-2/csv'])
    const kept = [...args, '--report-dir', 'kept']
    expect((await run(...kept)).stderr).toContain('written: kept/run-2/report.json')
    const again = (await run(...kept)).stderr
    expect(again).toMatch(/^run 2 of 2, read from kept\/run-2: coverage/m)
    expect(again.match(/^written: .*$/gm)).toEqual(
      [1, 2].map((one) => `written: kept/run-${one}/csv`),
    )
  })

  test('reaches the terminal without the control characters of its texts', async () => {
    const shows = '\u001b[31mred'
    write({ ...SMALL, shows })
    const shown = await run('measure', 'it.yaml', '--simulate')
    expect(shown.stdout).toContain(': ?[31mred')
    write({ ...SMALL, name: 'a\u0000', shows })
    const refused = await run('measure', 'it.yaml', '--simulate')
    expect(refused.code).toBe(EXIT_CODES.usage.code)
    for (const text of [shown.stdout, shown.stderr, refused.stdout, refused.stderr])
      expect(text).not.toMatch(/[^\P{Cc}\n]/u)
  })

  test('runs in one process, is disturbed as planned and reported with all it was made from', async () => {
    write(SMALL)
    const { code, stderr } = await run(
      'measure',
      'it.yaml',
      '--in-process',
      '1',
      '--report-dir',
      'out',
    )
    expect({ code, stderr }).toMatchObject({ code: 0 })
    const report = readReport(readFileSync(join(folder, 'out', 'report.json'), 'utf8'))
    expect(report).toMatchObject({
      nodes: 6,
      seed: 1,
      scenario: { name: 'small', definition: { durationS: 3, topology: { kind: 'ring' } } },
      sightingsLost: 0,
      transactions: { submitted: 30, accepted: 30, included: 30 },
    })
    expect(report.scenario?.links).toHaveLength(6)
    expect(report.faults.map(({ kind, detail }) => [kind, detail])).toEqual([
      ['kill', 'kill peer 4'],
      ['restart', 'restart peer 4'],
    ])
    const others = new Set(
      report.spreads.transactions.map(({ first, missed }) => first.length + missed.length),
    )
    expect(others).toEqual(new Set([4, 5]))
    expect(report.transactions.coverage).toBeGreaterThan(0.8)
    for (const { traffic } of report.peers) {
      if (traffic === null) continue
      const { bytesReceived, payloadBytes, duplicateBytes, refusedBytes, openBytes, otherBytes } =
        traffic
      const parts = [payloadBytes, duplicateBytes, refusedBytes, openBytes, otherBytes]
      expect(parts.reduce((sum, bytes) => sum + bytes, 0)).toBe(bytesReceived)
      expect(Math.min(...parts)).toBeGreaterThanOrEqual(0)
    }
  })

  test('runs its nodes in as many processes as it names', async () => {
    write({ ...SMALL, faults: [], processes: 2 })
    const program = grapevine(['devnet', 'it.yaml', '--json'], { cwd: folder })
    const { peers } = await program.event((one) => Array.isArray(one['peers']))
    program.child.kill('SIGINT')
    await program.finished
    const pids = Array.isArray(peers)
      ? peers.map((peer: Record<string, unknown>) => peer['pid'])
      : []
    expect(pids).toHaveLength(6)
    expect(new Set(pids).size).toBe(2)
  })

  test('is planned alike for the same seed, and by the flags that change it', async () => {
    write(SMALL)
    const plan = await planned('it.yaml')
    expect(await planned('it.yaml')).toEqual(plan)
    expect(await planned('it.yaml', '--seed', '1')).toEqual(plan)
    const changed = await planned('it.yaml', '--nodes', '8', '--duration', '2', '--rate', '5')
    expect(changed).toMatchObject({
      scenario: { definition: { nodes: 8, durationS: 2, workload: { transactionsPerS: 5 } } },
      plan: { durationMs: 2_000, load: { length: 15 } },
    })
  })

  test('of the program is found by its name', async () => {
    const plan = await planned('eight-regions', '--seed', '3')
    expect(plan).toMatchObject({ scenario: { name: 'eight-regions', seed: 3 } })
  })

  test.each([
    [
      ['measure', 'eight-region'],
      'there is no scenario eight-region: it is neither a file nor a built-in scenario',
    ],
    [['measure', 'eight-region'], 'did you mean eight-regions?'],
    [['measure', 'no/such.yaml'], 'cannot read scenario no/such.yaml'],
    [['devnet', 'it.yaml', '--txs', '5'], '--txs: the scenario sets this'],
    [['measure', 'it.yaml', '--data-bytes', '5'], '--data-bytes: the scenario sets this'],
    [['devnet', '--duration', '5'], '--duration: needs a scenario'],
    [['devnet', '--dry-run'], '--dry-run: needs a scenario'],
    [
      ['measure', 'it.yaml', '--rpc', 'http://127.0.0.1:1'],
      '--rpc: a scenario starts its own network',
    ],
    [['measure', 'it.yaml', '--nodes', '3'], 'line 14: faults[0].nodes: there is no node 4'],
    [['devnet', '--in-process', 'it.yaml'], 'name the scenario before this option'],
  ])('is refused with 2 and one clear line: %j', async (args, message) => {
    write(SMALL)
    const { code, stdout, stderr } = await run(...args)
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('    at ')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  test('that pauses nodes needs a process for each', async () => {
    write({ ...SMALL, faults: [{ kind: 'pause', nodes: [1], atS: 1 }] })
    const { code, stderr } = await run('measure', 'it.yaml', '--in-process')
    expect(stderr).toContain('--in-process: the scenario pauses nodes')
    expect(code).toBe(2)
  })

  test('with several mistakes is told each in its line', async () => {
    write({ ...SMALL, nodez: 1, links: { latency: 3 } })
    const { code, stderr } = await run('measure', 'it.yaml')
    expect(code).toBe(2)
    expect(stderr.trim().split('\n').toSorted()).toEqual([
      'grapevine: it.yaml: line 20: nodez: unknown key; did you mean nodes?',
      'grapevine: it.yaml: line 7: links.latency: unknown key; did you mean latencyMs?',
    ])
  })
})
