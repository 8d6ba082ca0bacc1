import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXIT_CODES } from '../../src/cli/exitCodes.ts'
import type { Report } from '../../src/measure/report.ts'
import type { EngineName } from '../../src/sim/engines/engineNames.ts'
import { grapevine, interruptedUnderLoad } from '../builders/program.ts'
import { networkOf } from '../builders/simulation.ts'

/** Everything that can make one node wait for another, or go. */
const ROUGH = networkOf(
  300,
  [
    'warmupS: 1',
    'links: { jitterMs: 0.4, loss: 0.01 }',
    'classes:',
    '  - { name: narrow, share: 0.2, upMbit: 5, downMbit: 10 }',
    '  - { name: silent, share: 0.1, hostile: withhold }',
    '  - { name: mute, share: 0.1, hostile: mute }',
    '  - { name: flood, share: 0.01, hostile: flood }',
    '  - { name: good, share: 0.59 }',
    'faults:',
    '  - { kind: kill, atS: 1, forS: 1, nodes: { share: 0.1 } }',
    '  - { kind: pause, atS: 2, forS: 1, nodes: { share: 0.1 } }',
    '  - { kind: partition, atS: 3, forS: 1, groups: [{ share: 0.3 }, rest] }',
    '  - { kind: one-way, atS: 1, forS: 1, from: [6], to: [0, 1, 2, 3, 4, 5, 7] }',
    '  - { kind: slow-link, nodes: [5], latencyMs: 100, atS: 2, forS: 2 }',
    '  - { kind: bandwidth, nodes: [8, 9, 10, 11], upMbit: 2, downMbit: 2, atS: 2, forS: 2 }',
    '  - { kind: leave, atS: 4, forS: 1, nodes: { share: 0.05 } }',
    '  - { kind: hostile, nodes: [12], behaviour: degrade, atS: 1, forS: 3 }',
  ].join('\n'),
).replace('dataBytes: 85', 'dataBytes: 2000')

/** The same for whole nodes, which dial, ban, ask and answer each other and agree on blocks. */
const ROUGH_NODES = [
  'name: test',
  'shows: Whole nodes that threads share.',
  'nodes: 32',
  'regions: { table: interop-8 }',
  'links: { loss: 0.01 }',
  'everyNode: { settings: { finalityInterval: 4 } }',
  'workload: { transactionsPerS: 8, dataBytes: 2000, blocks: { periodS: 1, signers: 4 } }',
  'classes:',
  '  - { name: narrow, share: 0.2, upMbit: 5, downMbit: 10 }',
  '  - { name: silent, share: 0.1, hostile: withhold }',
  '  - { name: spam, share: 0.07, hostile: spam }',
  '  - { name: flood, share: 0.04, hostile: flood }',
  '  - { name: good, share: 0.59 }',
  'faults:',
  '  - { kind: kill, atS: 1, forS: 6, nodes: { share: 0.1 } }',
  '  - { kind: pause, atS: 2, forS: 2, nodes: { share: 0.1 } }',
  '  - { kind: partition, atS: 9, forS: 3, groups: [{ share: 0.3 }, rest] }',
  '  - { kind: one-way, atS: 4, forS: 1, from: [6], to: [0, 1, 2, 3, 4, 5, 7] }',
  '  - { kind: leave, atS: 4, forS: 3, nodes: { share: 0.05 } }',
  '  - { kind: clock-jump, nodes: [13], byMs: 5000, atS: 3 }',
  'questions:',
  '  - { ask: count members, node: 1, atS: 1 }',
  '  - { ask: sum txpool.pending, node: 2, atS: 12 }',
  '  - { find: transaction, node: 3, atS: 13 }',
  'warmupS: 1',
  'durationS: 16',
].join('\n')

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'grapevine-threads-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function fileOf(yaml: string): string {
  const file = join(folder, 'scenario.yaml')
  writeFileSync(file, yaml)
  return file
}

async function simulatedIn(
  threads: number,
  yaml: string,
  engine: EngineName = 'router',
): Promise<Report> {
  return reportOf([fileOf(yaml), '--engine', engine, '--threads', String(threads)])
}

async function reportOf(args: readonly string[]): Promise<Report> {
  const { stdout } = await grapevine(['simulate', ...args, '--json']).finished
  return JSON.parse(stdout) as Report
}

/** When and how it was asked for, and on what. */
const OF_THE_REQUEST = ['command', 'commit', 'startedAt', 'citation', 'machine', 'loadPerCore']
const OF_THE_MACHINE = ['wallMs', 'peakRssBytes', 'threads']

/** All that is reported of the run itself. */
function told({ simulation, ...report }: Report): unknown {
  return {
    ...without(report, OF_THE_REQUEST),
    simulation: without(simulation ?? {}, OF_THE_MACHINE),
  }
}

function without(fields: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))
}

describe('threads that share the nodes of a simulation', () => {
  test('leave the whole report as it is, with faults, hostile nodes, narrow and lossy links', async () => {
    const one = await simulatedIn(1, ROUGH)
    expect(one.simulation?.threads).toBe(1)
    expect(one.faults.length).toBeGreaterThan(15)
    expect(one.transactions.items).toBe(10)
    for (const threads of [2, 3]) {
      const several = await simulatedIn(threads, ROUGH)
      expect(several.simulation?.threads).toBe(threads)
      expect(several.simulation?.traceHash).toBe(one.simulation?.traceHash)
      expect(told(several)).toEqual(told(one))
    }
  })

  test('leave the whole report of whole nodes as it is, with faults, hostile nodes and questions', async () => {
    const one = await simulatedIn(1, ROUGH_NODES, 'node')
    expect(one.faults.length).toBeGreaterThan(10)
    expect(one.questions).toHaveLength(3)
    expect(one.finality?.finalized).toBeGreaterThan(0)
    expect(one.members?.deathKnownMs?.count).toBeGreaterThan(50)
    for (const threads of [2, 3]) {
      const several = await simulatedIn(threads, ROUGH_NODES, 'node')
      expect(several.simulation?.threads).toBe(threads)
      expect(several.simulation?.traceHash).toBe(one.simulation?.traceHash)
      expect(told(several)).toEqual(told(one))
    }
  })

  test.each([
    ['links that become slow: frames come over connections that have ended', 'slow-link'],
    ['a partition', 'partition-and-heal'],
    ['several questions at once', 'questions'],
    ['faults that a seed draws', 'random-faults'],
  ])('leave the whole report of a scenario that ships as it is: %s', async (_what, name) => {
    const args = name === 'questions' ? [name] : [name, '--duration', '12']
    const one = told(await reportOf(args))
    for (const threads of ['2', '3'])
      expect(told(await reportOf([...args, '--threads', threads]))).toEqual(one)
  })

  test('take in a frame that comes in the very tick in which the instrument acts', async () => {
    const yaml = networkOf(30, 'links: { latencyMs: 4.9 }\nwarmupS: 1')
      .replace('regions: { table: interop-8 }\n', '')
      .replace('transactionsPerS: 2', 'transactionsPerS: 200')
      .replace('durationS: 5', 'durationS: 2')
    expect(told(await simulatedIn(2, yaml))).toEqual(told(await simulatedIn(1, yaml)))
  })

  test('meet at every tick where a frame may take no time, and the report stays the same', async () => {
    const yaml = networkOf(60, 'links: { latencyMs: 0 }')
      .replace('regions: { table: interop-8 }\n', '')
      .replace('durationS: 5', 'durationS: 2')
    expect(told(await simulatedIn(2, yaml))).toEqual(told(await simulatedIn(1, yaml)))
  })

  test('leave the report of a small network as it is, though it begins while they are still loading', async () => {
    const yaml = networkOf(20, 'warmupS: 1').replace('durationS: 5', 'durationS: 3')
    const one = await simulatedIn(1, yaml)
    for (let run = 0; run < 4; run++) expect(told(await simulatedIn(2, yaml))).toEqual(told(one))
  })

  test('report what has been simulated when the run is asked to end', async () => {
    const file = fileOf(networkOf(40).replace('durationS: 5', 'durationS: 5000'))
    const args = ['simulate', file, '--engine', 'router', '--threads', '2', '--json']
    const { code, stdout } = await interruptedUnderLoad(args)
    const report = JSON.parse(stdout) as Report
    expect(code).toBe(EXIT_CODES.fellShort.code)
    expect(report.simulation).toMatchObject({ isCut: true, threads: 2 })
    expect(report.transactions.items).toBeGreaterThan(0)
  })

  test.each([
    ['processes: 2', [], /^grapevine: --threads 2: nodes that share processes wait for each other/],
    ['', ['--check'], /^grapevine: --threads 2: the checks of --check/],
    ['', ['--engine', 'router', '--check'], /^grapevine: --threads 2: the checks of --check/],
  ])(
    'are refused in one line where one thread must have all nodes: %s %j',
    async (more, flags, line) => {
      const args = ['simulate', fileOf(networkOf(12, more)), '--threads', '2', ...flags]
      const { code, stderr, stdout } = await grapevine(args).finished
      expect(code).toBe(EXIT_CODES.usage.code)
      expect(stdout).toBe('')
      expect(stderr.trim().split('\n')).toHaveLength(1)
      expect(stderr).toMatch(line)
    },
  )
})
