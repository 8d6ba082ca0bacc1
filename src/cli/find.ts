/** `grapevine find`: who of a whole running network knows best, from any of its peers. */
import { Command } from 'commander'
import type { z } from 'zod'
import { wholeFoundAnswer } from '../instrument/rpc/knowledgeAnswers.ts'
import { GAUGE_BOOK } from '../node/gauges.ts'
import { rpcClient } from '../rpc/client/rpcClient.ts'
import { rpcOption } from './options/rpcUrls.ts'
import { parseQuestion } from '../search/question.ts'
import { peerAnswer } from '../rpc/client/peerAnswer.ts'
import { writeJson, writeText } from './terminal/output.ts'

type FoundAnswer = z.infer<typeof wholeFoundAnswer>

interface FindFlags {
  readonly rpc: string
  readonly json?: boolean
}

/** The command `find`. */
export function findCommand(): Command {
  return new Command('find')
    .description(
      'ask a running network who saw a transaction or block first and who has it, or which node is best, such as "worst tx.latency"',
    )
    .argument('<question...>', 'a hash, or words such as: largest txpool.pending')
    .addOption(rpcOption())
    .option('--json', 'write the answer as a line of JSON')
    .action(find)
}

/** A question that nobody understands is not sent. */
async function find(words: readonly string[], { rpc, json = false }: FindFlags): Promise<void> {
  const text = words.join(' ')
  parseQuestion(text, GAUGE_BOOK)
  const found = await peerAnswer(wholeFoundAnswer, rpcClient(rpc), 'gossip_find', [text])
  if (json) writeJson(found)
  else writeText(linesOf(found))
}

function linesOf(found: FoundAnswer): string {
  const { have, of, haveError, missing, silent, rounds, tookMs } = found
  const error = haveError === 0 ? '' : ` (give or take ${Math.ceil(haveError)})`
  return [
    answerLine(found),
    `${have} of ${of} nodes have it${error}; ${rounds} rounds, ${Math.round(tookMs)} ms`,
    ...missing.map((peer) => `does not have it: ${peer}`),
    ...silent.map((peer) => `did not answer: ${peer}`),
    '',
  ].join('\n')
}

function answerLine({ first, best }: FoundAnswer): string {
  if (best !== undefined && best !== null)
    return `${best.peer}: ${best.value} ${best.unit} (${best.client ?? 'an unknown client'})`
  if (first !== undefined && first !== null)
    return `first seen by ${first.peer} at ${new Date(first.atMs).toISOString()} (give or take ${first.errorMs} ms)`
  return first === undefined ? 'no node has a value' : 'no node remembers when it came'
}
