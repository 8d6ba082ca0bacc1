import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { topicName } from '../../src/gossip/topics/topicNames.ts'
import { amount, pairedFigure, type Benchmark, type Figure } from './benchmark.ts'
import { writeTxs, type Plan } from './forwarding/plan.ts'
import { runThrough, type Outcome } from './forwarding/run.ts'
import { pairOf } from './pair.ts'
import { quartilesOf } from './quartiles.ts'
import { accounts, DATA_FOR_200_BYTES, genesisFor, transfers } from './transfers.ts'

const SENDERS = 1_000
const WARM_UP = 10_000

/**
 * Three processes on two cores leave none to itself, so this is wall time: what a user of the
 * machine would see.
 */
export const forwarding: Benchmark = {
  name: 'forwarding',
  sentence: 'transactions of 200 bytes through a validating node, against a bare router',
  run: async (effort) => {
    const dir = mkdtempSync(join(tmpdir(), 'grapevine-bench-'))
    try {
      const plan = makePlan(dir, amount(effort, { usual: 30, quick: 15, smoke: 11 }))
      return figuresOf(await runInTurns(plan, amount(effort, { usual: 5, quick: 3 })))
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  },
}

interface Outcomes {
  readonly ours: Outcome
  readonly bare: Outcome
}

async function runInTurns(plan: Plan, turns: number): Promise<readonly Outcomes[]> {
  const outcomes: Outcomes[] = []
  for (let turn = 0; turn < turns; turn++) {
    const ours = await runThrough('judgingNode', plan)
    outcomes.push({ ours, bare: await runThrough('bareNode', plan) })
  }
  return outcomes
}

/**
 * Type-2 transfers of funded accounts, `perSender` nonces of each; the pool has room for all of
 * them.
 */
function makePlan(dir: string, perSender: number): Plan {
  const raws = transfers(accounts(SENDERS), [0, perSender], DATA_FOR_200_BYTES).map(
    ({ raw }) => raw,
  )
  const file = join(dir, 'transactions')
  writeTxs(file, raws)
  return {
    topic: topicName(genesisFor(SENDERS).hash, 'tx'),
    file,
    count: raws.length,
    warmUp: WARM_UP,
    senders: SENDERS,
  }
}

function figuresOf(outcomes: readonly Outcomes[]): readonly Figure[] {
  const pair = pairOf(outcomes.map(({ ours, bare }) => [ours.perS, bare.perS]))
  const goal = { bound: 'at least', value: 0.6 } as const
  return [
    pairedFigure('transactions', pair, 'bare router', { goal }),
    cpuFigure('CPU of the node for each', outcomes, ({ nodeUs }) => nodeUs),
    cpuFigure('CPU of all three', outcomes, ({ allUs }) => allUs),
  ]
}

function cpuFigure(
  name: string,
  outcomes: readonly Outcomes[],
  usOf: (outcome: Outcome) => number,
): Figure {
  return {
    name,
    unit: 'µs',
    measured: quartilesOf(outcomes.map(({ ours }) => usOf(ours))),
    baseline: {
      name: 'bare router',
      measured: quartilesOf(outcomes.map(({ bare }) => usOf(bare))),
    },
    ratio: quartilesOf(outcomes.map(({ ours, bare }) => usOf(ours) / usOf(bare))),
  }
}
