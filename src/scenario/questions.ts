/**
 * Questions that a run asks its network while it goes: their form in a scenario, and their times in
 * a plan.
 */
import { z } from 'zod'
import { nodeIndex } from './selectorSchema.ts'

/** The longest question, characters: a function and the longest name of a gauge. */
const MAX_WORDS = 120
/** Stands for the hash of a transaction, which nobody knows before the load is signed. */
export const NEWEST_TRANSACTION = 'transaction'

const seconds = z.number().min(0)

/** Schema of a question. */
export const questionSchema = z
  .strictObject({
    ask: z
      .string()
      .min(1)
      .max(MAX_WORDS)
      .optional()
      .describe('What `grapevine ask` takes, such as `p99 tx.latency`.'),
    find: z
      .string()
      .min(1)
      .max(MAX_WORDS)
      .optional()
      .describe(
        `Alternatively: what \`grapevine find\` takes, such as \`largest txpool.pending\`, or \`${NEWEST_TRANSACTION}\`: the newest one of the load that was accepted at least 5 s before.`,
      ),
    node: nodeIndex.default(0).describe('The node that is asked.'),
    within: z
      .number()
      .min(0)
      .optional()
      .describe(
        'Largest error that is allowed, as a share of the true value. A run with an answer that is further off, or without one, falls short. Default: errors are only reported.',
      ),
    atS: seconds.describe('When it is asked, seconds after the warm-up.'),
    everyS: z.number().gt(0).optional().describe('Asks again at this interval, seconds.'),
    untilS: seconds
      .optional()
      .describe('With `everyS`: not again after this time, seconds. Default: the end of the run.'),
  })
  .meta({ id: 'Question', title: 'Question' })

/** A question as a scenario says it. */
export type ScenarioQuestion = z.infer<typeof questionSchema>

/** A question of a plan. */
export interface TimedQuestion {
  /** After the start of the measurement. */
  readonly atMs: number
  readonly kind: 'ask' | 'find'
  readonly words: string
  /** The node that is asked. */
  readonly node: number
  /** The largest share of the true value by which the answer may be off; any unless given. */
  readonly within?: number
}
