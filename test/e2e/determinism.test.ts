import { fork } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parseScenario } from '../../src/scenario/parseScenario.ts'
import type { EngineName } from '../../src/sim/engines/engineNames.ts'
import type { SimNotice, SimOrder } from '../../src/sim/simMessages.ts'

const MAIN = fileURLToPath(new URL('../../dist/sim/main.js', import.meta.url))
const here = (name: string): string => pathToFileURL(join(import.meta.dirname, 'host', name)).href

/**
 * Everything that a node does is in it: blocks, a restart, a partition, a hostile node, limited
 * links.
 */
const BUSY = [
  'name: busy',
  'shows: All parts of a simulation at work.',
  'nodes: 8',
  'topology: { kind: random-regular, degree: 4 }',
  'links: { latencyMs: 20, jitterMs: 5, loss: 0.01 }',
  'everyNode: { upMbit: 20, downMbit: 20 }',
  'workload: { transactionsPerS: 3, dataBytes: 2000, blocks: { periodS: 1 } }',
  'faults:',
  '  - { kind: kill, nodes: [6], atS: 1, forS: 2 }',
  '  - { kind: partition, groups: [{ share: 0.5 }, rest], atS: 2, forS: 1 }',
  '  - { kind: hostile, nodes: [7], behaviour: flood, atS: 1, forS: 2 }',
  'warmupS: 1',
  'durationS: 5',
].join('\n')

interface Trapped {
  readonly notice: SimNotice
  /** Each use of the host while the simulation ran, with its stack. */
  readonly uses: readonly string[]
}

async function trapped(engine: EngineName, preloads: readonly string[]): Promise<Trapped> {
  const { scenario, problems } = parseScenario(BUSY)
  if (scenario === undefined) throw new Error(problems.join('\n'))
  const folder = mkdtempSync(join(tmpdir(), 'grapevine-traps-'))
  const file = join(folder, 'uses.json')
  try {
    const child = fork(MAIN, [], {
      serialization: 'advanced',
      execArgv: preloads.flatMap((name) => ['--import', here(name)]),
      env: { ...process.env, TRAPS_FILE: file },
    })
    const notice = await new Promise<SimNotice>((resolve, reject) => {
      child.on('message', (message) => {
        const told = message as SimNotice
        if (told.notice !== 'progress') resolve(told)
      })
      child.once('error', reject)
      child.once('close', (code) => reject(new Error(`it ended with ${code}`)))
      const order: SimOrder = {
        order: 'simulate',
        scenario,
        engine,
        command: 'test',
        settings: {},
        startedAt: '2026-01-01T00:00:00.000Z',
        isChecked: false,
        threads: 1,
      }
      child.send(order)
    })
    await new Promise((resolve) => {
      if (child.exitCode === null) child.once('exit', resolve)
      else resolve(undefined)
    })
    return { notice, uses: JSON.parse(readFileSync(file, 'utf8')) as string[] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('a process that simulates', () => {
  test.each(['node', 'router'] as const)(
    'reads no clock, timer or randomness of the host while engine %s runs',
    async (engine) => {
      const { notice, uses } = await trapped(engine, ['traps.mjs'])
      expect(notice.notice === 'failed' ? notice.message : '').toBe('')
      expect(uses).toEqual([])
    },
  )

  test('would be caught if a dependency did', async () => {
    const { uses } = await trapped('router', ['traps.mjs', 'leak.mjs'])
    expect(uses).toHaveLength(1)
    expect(uses[0]).toMatch(/now[\s\S]*leak\.mjs/)
  })
})
