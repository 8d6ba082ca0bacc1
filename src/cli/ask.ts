/** `grapevine ask`: a figure of a whole running network, from any of its peers. */
import { Command } from 'commander'
import { parseQuery } from '../aggregate/gauges.ts'
import type { NetworkFigure } from '../instrument/port.ts'
import { networkAnswer } from '../instrument/rpc/knowledgeAnswers.ts'
import { GAUGE_BOOK } from '../node/gauges.ts'
import { rpcClient } from '../rpc/client/rpcClient.ts'
import { rpcOption } from './options/rpcUrls.ts'
import { peerAnswer } from '../rpc/client/peerAnswer.ts'
import { writeJson, writeText } from './terminal/output.ts'

interface AskFlags {
  readonly rpc: string
  readonly json?: boolean
}

/** The command `ask`. */
export function askCommand(): Command {
  return new Command('ask')
    .description(
      'ask a running network for a figure of all its nodes, such as "mean txpool.pending"',
    )
    .argument('<query...>', 'a function and a gauge, such as: max chain.head')
    .addOption(rpcOption())
    .option('--json', 'write the answer as a line of JSON')
    .action(ask)
}

/** A question that nobody understands is not sent. */
async function ask(words: readonly string[], { rpc, json = false }: AskFlags): Promise<void> {
  const query = words.join(' ')
  parseQuery(query, GAUGE_BOOK)
  const answer = await peerAnswer(networkAnswer, rpcClient(rpc), 'gossip_aggregate', [query])
  if (json) writeJson(answer)
  else writeText(`${lineOf(answer)}\n`)
}

function lineOf({ value, unit, spread, nodes, rounds, ageMs }: NetworkFigure): string {
  const figure = value === null ? 'nothing observed' : `${shown(value)} ${unit}`
  const who = nodes === null ? 'an unknown number of nodes' : `${nodes} nodes`
  return `${figure} (spread ${shown(spread)}; ${who}, ${rounds} rounds, ${ageMs} ms old)`
}

/** Four digits after the point are more than any estimate is good for. */
function shown(value: number): string {
  return String(Number(value.toFixed(4)))
}
