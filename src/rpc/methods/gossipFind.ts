import type { GaugeBook } from '../../aggregate/gauges.ts'
import { messageOf } from '../../lib/assert.ts'
import { UserError } from '../../lib/userError.ts'
import type { Found } from '../../search/found.ts'
import { parseQuestion, type Question } from '../../search/question.ts'
import type { RpcContext } from '../context.ts'
import { invalidParams, RPC_CODES, RpcError } from '../errors.ts'
import { defineMethod } from '../method.ts'
import { required, textKind } from '../params.ts'
import type { Json, JsonObject } from '../server/json.ts'

/** Of a node that takes no part in aggregation. */
const NO_GAUGES: GaugeBook = { names: [], find: () => undefined }

/** The `gossip_` method that asks the whole network for its best answer. */
export const gossipFindMethods = [
  defineMethod({
    name: 'gossip_find',
    params: [required('question', textKind)],
    result: 'object with first or best, have, of, haveError, missing, silent, rounds and tookMs',
    summary:
      'Who of the whole network knows best. Of a hash: first, the peer that saw it first (atMs since 1970 by the clock of this node, right to errorMs), and how many of how many live members have it. Of words such as largest txpool.pending: best, with peer, value, unit and client. missing names members without it, silent those that gave no answer; haveError is 0 where all were counted.',
    handler: async ({ node }, text) => {
      const question = questionOf(node, text)
      const found = await foundBy(node, question)
      return { ...answerJson(node, question, found), ...countJson(found) }
    },
  }),
]

function questionOf({ aggregation }: RpcContext, text: string): Question {
  try {
    return parseQuestion(text, aggregation?.gauges ?? NO_GAUGES)
  } catch (error) {
    throw error instanceof UserError ? invalidParams(messageOf(error)) : error
  }
}

async function foundBy({ search }: RpcContext, question: Question): Promise<Found> {
  if (search === undefined)
    throw new RpcError(RPC_CODES.methodNotFound, 'this node takes no part in searches')
  try {
    return await search.find(question)
  } catch (error) {
    throw error instanceof UserError ? new RpcError(RPC_CODES.server, messageOf(error)) : error
  }
}

function answerJson(node: RpcContext, question: Question, { best }: Found): JsonObject {
  if (question.kind !== 'extremum')
    return { first: best === undefined ? null : firstJson(node, best) }
  if (best === undefined) return { best: null }
  const { peer, value } = best
  const { unit = '' } = node.aggregation?.gauges.find(question.gauge) ?? {}
  const client = node.members?.get(peer)?.record.client ?? null
  return { best: { peer, value, unit, client } }
}

/** A time of the monotonic clock by the calendar; both to a microsecond. */
function firstJson(
  { clock }: RpcContext,
  { peer, value, errorMs }: NonNullable<Found['best']>,
): Json {
  const atMs = clock.wallMs() - (clock.monotonicMs() - value)
  return { peer, atMs: rounded(atMs), errorMs: rounded(errorMs) }
}

function countJson({ have, of, haveError, missing, silent, rounds, tookMs }: Found): JsonObject {
  return {
    have,
    of,
    haveError: rounded(haveError),
    missing,
    silent,
    rounds,
    tookMs: rounded(tookMs),
  }
}

function rounded(value: number): number {
  return Number(value.toFixed(3))
}
