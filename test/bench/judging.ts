import { inlineVerifier } from '../../src/crypto/verifier.ts'
import type { RouterAction } from '../../src/gossip/network.ts'
import { Timelines } from '../../src/trace/timelines.ts'
import { noTrace, type Trace } from '../../src/trace/trace.ts'
import { amount, pairedFigure, type Benchmark } from './benchmark.ts'
import { JudgeTap } from './judgeTap.ts'
import { startJudgingNode } from './judgingNode.ts'
import { measurePair, type Side } from './pair.ts'
import { accounts, genesisFor, transfers } from './transfers.ts'

const SENDERS = 1_000
/**
 * Rounds through the known messages in one turn, so that it takes about as long as one of fresh
 * messages.
 */
const KNOWN_ROUNDS = 40
/** What a router with eight mesh peers tells of each message besides its first copy. */
const COPIES = { duplicates: 3, forwards: 6 }

const senders = accounts(SENDERS)
const genesis = genesisFor(SENDERS)

/**
 * Everything runs on one thread, recovery too, so that both sides are compared by all of their
 * work.
 */
export const duplicates: Benchmark = {
  name: 'duplicates',
  sentence: "the judge's answer to a known transaction, digest included, against a fresh one",
  run: async (effort) => {
    const fresh = freshSide(new Timelines())
    const pair = await measurePair(
      await knownSide(),
      fresh,
      amount(effort, { usual: 21, quick: 9 }),
    )
    const goal = { bound: 'at least', value: 50 } as const
    return [pairedFigure('known copies', pair, 'fresh ones', { goal })]
  },
}

export const tracing: Benchmark = {
  name: 'tracing',
  sentence: 'judging fresh transactions with every copy recorded, against recording nothing',
  run: async (effort) => {
    const traced = freshSide(new Timelines(), COPIES)
    const pair = await measurePair(
      traced,
      freshSide(noTrace, COPIES),
      amount(effort, { usual: 21, quick: 9 }),
    )
    const goal = { bound: 'at least', value: 0.95 } as const
    return [pairedFigure('transactions', pair, 'without trace', { goal })]
  },
}

/** Each turn brings every sender's next transaction to the same node. */
function freshSide(trace: Trace, copies = { duplicates: 0, forwards: 0 }): Side {
  const tap = judgingTap(trace)
  let nonce = 0
  let raws: readonly Uint8Array[] = []
  return {
    prepare: () => {
      raws = rawTransfers(nonce++)
    },
    turn: async () => {
      for (const raw of raws) {
        await receive(tap, raw, 'accept')
        for (let i = 0; i < copies.duplicates; i++) tap.duplicate(raw)
        for (let i = 0; i < copies.forwards; i++) tap.forwarded(raw)
      }
      return raws.length
    },
  }
}

/**
 * The judge answers a known copy at once, with the same promise each time: there is next to nothing
 * to wait for.
 */
async function knownSide(): Promise<Side> {
  const tap = judgingTap(new Timelines())
  const raws = rawTransfers(0)
  for (const raw of raws) await receive(tap, raw, 'accept')
  const repeated = Array.from({ length: KNOWN_ROUNDS }, () => raws).flat()
  return {
    turn: async () => {
      const answers = new Set<Promise<RouterAction>>()
      for (const raw of repeated) answers.add(tap.receive(raw))
      for (const answer of answers) expectAction(await answer, 'ignore')
      return repeated.length
    },
  }
}

function judgingTap(trace: Trace): JudgeTap {
  const network = new JudgeTap()
  startJudgingNode({ genesis, network, verifier: inlineVerifier(), trace })
  return network
}

function rawTransfers(nonce: number): readonly Uint8Array[] {
  return transfers(senders, [nonce, nonce + 1]).map((tx) => tx.raw)
}

async function receive(tap: JudgeTap, raw: Uint8Array, expected: RouterAction): Promise<void> {
  expectAction(await tap.receive(raw), expected)
}

function expectAction(action: RouterAction, expected: RouterAction): void {
  if (action !== expected) throw new Error(`the judge answered ${action}, not ${expected}`)
}
