/**
 * Questions of a scenario: the same file on real processes and in the simulator, each answer beside
 * the truth.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EXIT_CODES } from '../../src/cli/exitCodes.ts'
import type { Report } from '../../src/measure/report.ts'
import { readReport } from '../../src/measure/reportFile.ts'
import { grapevine } from '../builders/program.ts'
import { scenarioText } from '../builders/scenario.ts'

/** A histogram has two buckets to each doubling. */
const ONE_BUCKET = 0.42
/** All items of the last minute are in the sample of the network, which has 40 at most. */
const ASKED = {
  name: 'asked',
  nodes: 8,
  links: { latencyMs: 10 },
  workload: { transactionsPerS: 2, blocks: { periodS: 2 } },
  warmupS: 6,
  durationS: 10,
  questions: [
    { ask: 'p99 tx.latency', node: 1, atS: 8, within: ONE_BUCKET },
    { ask: 'p50 tx.latency', node: 6, atS: 8, within: ONE_BUCKET },
    { ask: 'count members', node: 2, atS: 1, within: 0.3 },
    { find: 'oldest version', node: 3, atS: 1, within: 0 },
    { find: 'transaction', node: 4, atS: 8, within: 0 },
  ],
}

describe('the questions of a scenario', () => {
  let folder = ''

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'grapevine-questions-'))
  })

  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  async function report(command: 'measure' | 'simulate'): Promise<Report> {
    writeFileSync(join(folder, 'it.yaml'), scenarioText(ASKED))
    const args = [command, 'it.yaml', '--report-dir', command]
    const { code, stdout, stderr } = await grapevine(args, { cwd: folder }).finished
    expect({ code, stdout, stderr }).toMatchObject({ code: EXIT_CODES.success.code })
    expect(stdout).toContain('questions to the network:')
    expect(stdout).toContain('ask p99 tx.latency of node 1 at 8.0 s:')
    return readReport(readFileSync(join(folder, command, 'report.json'), 'utf8'))
  }

  test.each(['measure', 'simulate'] as const)(
    'are answered within one bucket of what the collector says, by %s',
    async (command) => {
      const { questions } = await report(command)
      expect(questions.map(({ failure }) => failure)).toEqual(Array(5).fill(null))
      expect(questions).toHaveLength(ASKED.questions.length)
      for (const { words, trueValues, error } of questions) {
        expect({ words, known: trueValues.length > 0 }).toEqual({ words, known: true })
        expect(error).toBeLessThanOrEqual(ONE_BUCKET)
      }
      const found = questions.find(({ truePeer }) => truePeer !== null)
      expect(found).toMatchObject({ value: 8, trueValues: [8], error: 0 })
      expect(found?.peer).toBe(found?.truePeer)
    },
    120_000,
  )

  test('that nobody understands are refused before anything starts, one line each', async () => {
    const questions = [
      { ask: 'median txpool', atS: 1 },
      { find: 'biggest pool', atS: 1 },
    ]
    writeFileSync(join(folder, 'it.yaml'), scenarioText({ ...ASKED, questions }))
    const { code, stderr } = await grapevine(['measure', 'it.yaml'], { cwd: folder }).finished
    expect(code).toBe(EXIT_CODES.usage.code)
    const lines = stderr.trim().split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[0]).toContain('questions[0]: cannot answer "median txpool": ask a function')
    expect(lines[1]).toContain('questions[1]: cannot look for "biggest pool": give the hash')
  })

  test('mean nothing to routers alone', async () => {
    writeFileSync(join(folder, 'it.yaml'), scenarioText(ASKED))
    const args = ['simulate', 'it.yaml', '--engine', 'router']
    const { code, stderr } = await grapevine(args, { cwd: folder }).finished
    expect(code).toBe(EXIT_CODES.usage.code)
    expect(stderr).toContain('questions[0]: a router alone answers no questions: use --engine node')
  })
})
