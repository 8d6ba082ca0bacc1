/** The form of what JSON-RPC answers about the network as a whole. */
import { z } from 'zod'
import type { FoundAnswer, NetworkFigure } from '../port.ts'

/** Schema of a figure of the whole network. */
export const networkAnswer: z.ZodType<NetworkFigure> = z.object({
  value: z.number().nullable(),
  unit: z.string(),
  spread: z.number(),
  nodes: z.number().nullable(),
  rounds: z.number(),
  ageMs: z.number(),
})

/** Schema of what a search found, all of it. */
export const wholeFoundAnswer = z.looseObject({
  first: z
    .object({ peer: z.string(), atMs: z.number(), errorMs: z.number() })
    .nullable()
    .optional(),
  best: z
    .object({
      peer: z.string(),
      value: z.number(),
      unit: z.string(),
      client: z.string().nullable(),
    })
    .nullable()
    .optional(),
  have: z.number(),
  of: z.number(),
  haveError: z.number(),
  missing: z.array(z.string()),
  silent: z.array(z.string()),
  rounds: z.number(),
  tookMs: z.number(),
})

/** Schema of what a search found, as far as a run needs it. */
export const foundAnswer = wholeFoundAnswer.transform(
  ({ first, best, have, of, rounds }): FoundAnswer => ({
    peerId: best?.peer ?? first?.peer ?? null,
    value: best?.value ?? null,
    unit: best?.unit ?? '',
    have,
    of,
    rounds,
  }),
)

/** Schema of what a node observes itself. */
export const gaugeAnswer = z.object({ values: z.array(z.number()) })
