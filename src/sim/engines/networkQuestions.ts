/**
 * Questions to the whole simulated network through one of its nodes, as JSON-RPC would put them.
 */
import { parseQuery } from '../../aggregate/gauges.ts'
import type { FoundAnswer, NetworkFigure } from '../../instrument/port.ts'
import type { Node } from '../../node/node.ts'
import { parseQuestion } from '../../search/question.ts'

/**
 * As `gossip_aggregate`. Rejects with a UserError where it is not understood or gets no answer in
 * time.
 */
export async function askNetwork(
  { aggregation }: Pick<Node, 'aggregation'>,
  query: string,
): Promise<NetworkFigure> {
  const answer = await aggregation.ask(parseQuery(query, aggregation.gauges))
  const { value = null, nodes = null, ...rest } = answer
  return { ...rest, value, nodes }
}

/** As `gossip_find`. Rejects with a UserError where it is not understood. */
export async function findInNetwork(
  { aggregation: { gauges }, search }: Pick<Node, 'aggregation' | 'search'>,
  question: string,
): Promise<FoundAnswer> {
  const parsed = parseQuestion(question, gauges)
  const { best, have, of, rounds } = await search.find(parsed)
  const common = { peerId: best?.peer ?? null, have, of, rounds }
  return parsed.kind === 'extremum'
    ? { ...common, value: best?.value ?? null, unit: gauges.find(parsed.gauge)?.unit ?? '' }
    : { ...common, value: null, unit: '' }
}
