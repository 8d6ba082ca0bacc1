/** `grapevine finality`: what a peer of a running network holds for justified and final. */
import { Command } from 'commander'
import { finalityAnswer } from '../instrument/rpc/rpcAnswers.ts'
import type { FinalityAnswer } from '../instrument/port.ts'
import { messageOf } from '../lib/assert.ts'
import { systemClock } from '../lib/clock.ts'
import { endsWithin } from '../lib/deadline.ts'
import { UserError } from '../lib/userError.ts'
import { rpcClient, type RpcClient } from '../rpc/client/rpcClient.ts'
import { rpcOption } from './options/rpcUrls.ts'
import { peerAnswer } from '../rpc/client/peerAnswer.ts'
import { untilStopRequested } from './terminal/lifetime.ts'
import { writeJson, writeText } from './terminal/output.ts'

interface FinalityFlags {
  readonly rpc: string
  readonly watch?: boolean
  readonly json?: boolean
}

/** Between two looks of a watch, ms: a checkpoint takes seconds. */
const WATCH_INTERVAL_MS = 1_000

/** The command `finality`. */
export function finalityCommand(): Command {
  return new Command('finality')
    .description('say what a peer of a running network holds for justified and final')
    .addOption(rpcOption())
    .option('--watch', 'go on with a line for every change, until it is asked to end')
    .option('--json', 'write lines of JSON')
    .action(showFinality)
}

async function showFinality({ rpc, watch = false, json = false }: FinalityFlags): Promise<void> {
  const client = rpcClient(rpc)
  const show = (one: FinalityAnswer): void => (json ? writeJson(one) : writeText(lineOf(one)))
  const first = await ask(client)
  show(first)
  if (!watch) return
  let isEnded = false
  const ended = untilStopRequested().then(() => {
    isEnded = true
  })
  for (let shown = first; ;) {
    await endsWithin(systemClock, WATCH_INTERVAL_MS, ended)
    if (isEnded) return
    const now = await ask(client)
    if (hasMoved(shown, now)) show(now)
    shown = now
  }
}

/** Throws a UserError where the peer is not there or has no finality to tell of. */
async function ask(client: RpcClient): Promise<FinalityAnswer> {
  try {
    return await peerAnswer(finalityAnswer, client, 'gossip_finality')
  } catch (error) {
    throw new UserError(`cannot read the finality of ${client.url}: ${messageOf(error)}`)
  }
}

function hasMoved(before: FinalityAnswer, now: FinalityAnswer): boolean {
  return (
    before.justified !== now.justified ||
    before.finalized !== now.finalized ||
    before.evidence !== now.evidence ||
    before.hasConflict !== now.hasConflict
  )
}

function lineOf({ justified, finalized, evidence, hasConflict, times }: FinalityAnswer): string {
  const parts = [
    `block ${finalized} final`,
    `block ${justified} justified`,
    ...(times
      ? [`time to finality p50 ${secondsText(times.p50Ms)}, p99 ${secondsText(times.p99Ms)}`]
      : []),
    evidence === 0 ? 'no contradictions' : `${evidence} proofs of contradictions: gossip_evidence`,
    ...(hasConflict ? ['A CONFLICTING BLOCK IS FINAL, TOO: see the log'] : []),
  ]
  return `${parts.join('; ')}\n`
}

function secondsText(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
