/**
 * The place of a run in its experiment, as its report keeps it: reports alone are enough to put an
 * experiment together.
 */
import { z } from 'zod'
import type { Immutable } from '../../lib/records.ts'
import { PANELS } from '../../rehearsal/panels.ts'

const position = z.number().int().min(0)

/** Schema of the experiment in a report. */
export const experimentRecordSchema = z
  .object({
    title: z.string(),
    asks: z.string().describe('The question that the experiment answers.'),
    items: z.enum(['transactions', 'blocks']).describe('Whose propagation answers it.'),
    varies: z.string().describe('What differs from case to case.'),
    panels: z.array(z.enum(PANELS)).describe('What the plot of the experiment shows.'),
    agreeWithin: z
      .number()
      .optional()
      .describe('The first two cases are to have the same figures up to this share.'),
    cases: z
      .array(z.object({ label: z.string(), group: z.string().optional() }))
      .describe('All cases in their order.'),
    rounds: position.describe('Runs of each case.'),
    caseIndex: position.describe('Which of the cases this run is of.'),
    round: position.describe('Which run of the case it is, from 0.'),
  })
  .meta({ id: 'ExperimentRecord', title: 'Experiment' })

/** The place of a run in its experiment. */
export type ExperimentRecord = Immutable<z.infer<typeof experimentRecordSchema>>
/** What the reports of an experiment have in common. */
export type ExperimentFacts = Omit<ExperimentRecord, 'caseIndex' | 'round'>
