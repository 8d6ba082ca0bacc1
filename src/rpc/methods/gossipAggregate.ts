import type { Aggregation } from '../../aggregate/aggregation.ts'
import { parseQuery, type Query } from '../../aggregate/gauges.ts'
import { messageOf } from '../../lib/assert.ts'
import { UserError } from '../../lib/userError.ts'
import type { RpcContext } from '../context.ts'
import { invalidParams, RPC_CODES, RpcError } from '../errors.ts'
import { defineMethod } from '../method.ts'
import { required, textKind } from '../params.ts'

/** The `gossip_` methods about the network as a whole. */
export const gossipAggregateMethods = [
  defineMethod({
    name: 'gossip_aggregate',
    params: [required('query', textKind)],
    result: 'object with value, unit, spread, nodes, rounds and ageMs',
    summary:
      'A figure of the whole network, such as mean txpool.pending or p99 tx.latency: all live members take part, and no collector does. value is null where nothing was observed; spread is how far the last partners of this node differed; nodes is how many took part (null if that is not known here). Waits some seconds unless an answer is at hand.',
    handler: async ({ node }, text) => {
      const aggregation = aggregationOf(node)
      const query = queryOf(aggregation, text)
      const { value, unit, spread, nodes, rounds, ageMs } = await answerOf(aggregation, query)
      return { value: value ?? null, unit, spread, nodes: nodes ?? null, rounds, ageMs }
    },
  }),
  defineMethod({
    name: 'gossip_gauge',
    params: [required('gauge', textKind)],
    result: 'object with unit and values',
    summary:
      'What this node itself observes of a gauge now, such as txpool.pending: the values that it adds to a figure of the whole network. Those of tx.latency and block.latency are there once the network has been asked for them.',
    handler: ({ node: { aggregation, observe } }, name) => {
      const gauge = aggregation?.gauges.find(name)
      if (gauge === undefined || observe === undefined)
        throw invalidParams(`no gauge is called "${name.slice(0, 80)}": see gossip_aggregate`)
      return { unit: gauge.unit, values: [...observe(name)] }
    },
  }),
]

type Asked = NonNullable<RpcContext['aggregation']>

function aggregationOf({ aggregation }: RpcContext): Asked {
  if (aggregation !== undefined) return aggregation
  throw new RpcError(RPC_CODES.methodNotFound, 'this node takes no part in aggregation')
}

function queryOf({ gauges }: Asked, text: string): Query {
  try {
    return parseQuery(text, gauges)
  } catch (error) {
    throw error instanceof UserError ? invalidParams(messageOf(error)) : error
  }
}

async function answerOf(aggregation: Asked, query: Query): ReturnType<Aggregation['ask']> {
  try {
    return await aggregation.ask(query)
  } catch (error) {
    throw error instanceof UserError ? new RpcError(RPC_CODES.server, messageOf(error)) : error
  }
}
