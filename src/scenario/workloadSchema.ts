/** What load a scenario puts on its network. */
import { z } from 'zod'
import { nodeIndex } from './selectorSchema.ts'

/** With its envelope such a transaction is just below the 128 KiB that every Ethereum client relays at most. */
export const MAX_DATA_BYTES = 130_000

const dataBytes = z.number().int().min(0).max(MAX_DATA_BYTES)

const range = z
  .strictObject({
    min: dataBytes.describe('Smallest.'),
    max: dataBytes.describe('Largest; all between are equally likely.'),
  })
  .meta({ id: 'Range', title: 'Range of sizes' })

const sizes = z
  .union([dataBytes, z.array(dataBytes).min(1), range], {
    error: `expected bytes from 0 to ${MAX_DATA_BYTES}: a number, a list to draw from or {min, max}`,
  })
  .meta({ id: 'Sizes', title: 'Sizes' })

const bursts = z
  .strictObject({
    everyS: z.number().gt(0).describe('Seconds from one burst to the next; the first comes at 0.'),
    count: z.number().int().min(1).max(100_000).describe('Transactions of a burst, all at once.'),
  })
  .meta({ id: 'Bursts', title: 'Bursts' })

const fill = z
  .union(
    [
      z
        .strictObject({
          bytes: z
            .number()
            .int()
            .min(1_000)
            .max(7_000_000)
            .describe('Size that blocks come to on average.'),
        })
        .meta({ title: 'Fill by size' }),
      z
        .strictObject({
          gasShare: z
            .number()
            .gt(0)
            .max(1)
            .describe('Share of the gas limit; above 0.5 the base fee rises block by block.'),
        })
        .meta({ title: 'Fill by gas' }),
    ],
    { error: 'expected {bytes: 100000} or {gasShare: 0.5}' },
  )
  .meta({ id: 'Fill', title: 'Fill' })

const blocks = z
  .strictObject({
    periodS: z.number().int().min(1).max(3_600).default(2).describe('Seconds between blocks.'),
    signers: z
      .number()
      .int()
      .min(1)
      .max(200)
      .default(4)
      .describe(
        'Nodes that seal and vote: the first of the network, or all if there are fewer. With 4, one may be off and blocks become final all the same.',
      ),
    gasLimit: z
      .number()
      .int()
      .min(1_000_000)
      .max(10_000_000_000)
      .optional()
      .describe('Gas limit of a block; left out, twice what the load needs, 30 million at least.'),
    fill: fill
      .optional()
      .describe('Transactions with much calldata come on top until blocks are so large.'),
    fillTxBytes: dataBytes
      .min(100)
      .default(100_000)
      .describe('Calldata of each of those, or the size of the block if that is less.'),
  })
  .meta({ id: 'Blocks', title: 'Blocks' })

const submitTo = z
  .union(
    [
      z.enum(['all', 'random']),
      z
        .strictObject({ node: nodeIndex.describe('One node gets all.') })
        .meta({ title: 'To one node' }),
      z
        .strictObject({ region: z.string().describe('All nodes of a region.') })
        .meta({ title: 'To a region' }),
      z
        .strictObject({ class: z.string().describe('All nodes of a class.') })
        .meta({ title: 'To a class' }),
    ],
    { error: 'expected all, random, {node: 0}, {region: name} or {class: name}' },
  )
  .meta({ id: 'SubmitTo', title: 'Where to submit' })

/** Schema of a load. */
export const workloadSchema = z
  .strictObject({
    transactionsPerS: z
      .number()
      .min(0)
      .max(10_000)
      .default(10)
      .describe('Transactions per second over all senders, open loop; 0 for none.'),
    arrivals: z
      .enum(['even', 'poisson'])
      .default('even')
      .describe('Evenly in time, or with random gaps of that mean (a Poisson process).'),
    senders: z
      .number()
      .int()
      .min(1)
      .max(500)
      .optional()
      .describe('Accounts that sign, each with its own node; left out, one for each such node.'),
    dataBytes: sizes
      .default(0)
      .describe('Calldata of a transaction; its envelope adds about 115 bytes.'),
    bursts: bursts.optional().describe('Transactions that come on top, many at once.'),
    blocks: blocks.prefault({}).describe('How blocks come to be.'),
    submitTo: submitTo
      .default('all')
      .describe(
        'Which nodes the senders submit to: `all` in turn, `random` ones, or those named. While a node is down, and for 5 s after it came, the next one that is up gets its transactions.',
      ),
  })
  .meta({ id: 'Workload', title: 'Workload' })

/** A load as a scenario says it. */
export type Workload = z.infer<typeof workloadSchema>
/** How sizes of transactions are drawn, bytes. */
export type Sizes = z.infer<typeof sizes>
