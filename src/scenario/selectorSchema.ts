/** How a scenario names some of its nodes. */
import { z } from 'zod'

/** Schema of the index of a node. */
export const nodeIndex = z.number().int().min(0)

/** What a choice of nodes may look like, for messages about a wrong one. */
export const SELECTOR_FORM =
  'expected nodes as a list such as [0, 3], or {count: 2}, {share: 0.1}, {region: name} or {class: name}'

const bySelection = [
  z
    .strictObject({
      count: z.number().int().min(1).describe('Number of nodes, chosen at random with the seed.'),
    })
    .meta({ title: 'Nodes by count' }),
  z
    .strictObject({
      share: z
        .number()
        .gt(0)
        .max(1)
        .describe('Share of all nodes, chosen at random with the seed.'),
    })
    .meta({ title: 'Nodes by share' }),
  z
    .strictObject({ region: z.string().describe('All nodes of this region.') })
    .meta({ title: 'Nodes by region' }),
  z
    .strictObject({ class: z.string().describe('All nodes of this class.') })
    .meta({ title: 'Nodes by class' }),
] as const

/** Schema of a choice of nodes. */
export const selectorSchema = z
  .union([z.array(nodeIndex).min(1), ...bySelection], { error: SELECTOR_FORM })
  .meta({ id: 'Nodes', title: 'Nodes' })

/** Schema of one group of a partition. */
export const groupSchema = z
  .union([z.literal('rest'), z.array(nodeIndex).min(1), ...bySelection], {
    error: `${SELECTOR_FORM}, or rest for all that are in no other group`,
  })
  .meta({ id: 'Group', title: 'Group' })

/** A choice of nodes as a scenario writes it. */
export type Selector = z.infer<typeof selectorSchema>
/** One group of a partition as a scenario writes it. */
export type Group = z.infer<typeof groupSchema>
