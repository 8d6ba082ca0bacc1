/**
 * The scenario a run was made from, as a report keeps it: enough to run it again and to compute its
 * bound; and what it asked.
 */
import { z } from 'zod'
import type { Immutable } from '../lib/records.ts'

const index = z.number().int().min(0)

/** Schema of the scenario in a report. */
export const scenarioRecordSchema = z
  .object({
    name: z.string(),
    seed: z.number().int().min(0).describe('Same scenario and seed, same plan.'),
    description: z.string().describe('What the scenario is to show.'),
    definition: z.unknown().describe('The scenario with every default filled in.'),
    regions: z.array(z.string().nullable()).describe('Region of each node, by its index.'),
    places: z
      .record(z.string(), z.object({ lat: z.number(), lon: z.number() }))
      .describe('Where the regions are, degrees.'),
    links: z
      .array(z.object({ a: index, b: index, latencyMs: z.number().min(0) }))
      .describe('The links that were planned, with the one-way latency they were given.'),
  })
  .meta({ id: 'ScenarioRecord', title: 'Scenario' })

/** A scenario as a report keeps it. */
export type ScenarioRecord = Immutable<z.infer<typeof scenarioRecordSchema>>

/** Schema of a question to the network, its answer, and the truth. */
export const questionRecordSchema = z
  .object({
    atMs: z.number().describe('When it was asked, after the start of the run.'),
    node: index.describe('The node that was asked.'),
    kind: z.enum(['ask', 'find']).describe('As `grapevine ask` or as `grapevine find`.'),
    words: z.string().describe('The question.'),
    value: z
      .number()
      .nullable()
      .describe(
        'The answer of the network. Of a hash: how many nodes have the item. Null where nothing was observed, or nothing came.',
      ),
    unit: z.string(),
    peer: index
      .nullable()
      .describe('Of `find`: the node that the answer names; null where it names none.'),
    rounds: index.nullable().describe('Rounds that the answer took.'),
    tookMs: z
      .number()
      .describe('From the question to the answer, or to the end of the wait for it.'),
    trueValues: z
      .array(z.number())
      .max(2)
      .describe(
        'The same figure as the instrument knows it: of gauges by reading all nodes, when the question was asked and when it was answered; of latencies and coverage from the sightings of the same minute. Empty where it is not known.',
      ),
    truePeer: index
      .nullable()
      .describe('Of a hash: the node where the item entered; null where that is not known.'),
    error: z
      .number()
      .nullable()
      .describe(
        'How far the answer lies outside of the true values, as a share of the nearer one; null where either is not known.',
      ),
    within: z.number().nullable().describe('The error that the scenario allows; null for any.'),
    failure: z.string().nullable().describe('Why there was no answer; null where there was one.'),
  })
  .meta({ id: 'AnsweredQuestion', title: 'Question to the network' })
