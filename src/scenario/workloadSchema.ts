/** What load a scenario puts on its network. */
import { z } from 'zod'
import { nodeIndex } from './selectorSchema.ts'

/**
 * With its envelope such a transaction is just below the 128 KiB that every Ethereum client relays
 * at most.
 */
export const MAX_DATA_BYTES = 130_000

const dataBytes = z.number().int().min(0).max(MAX_DATA_BYTES)

const range = z
  .strictObject({
    min: dataBytes.describe('Smallest size, bytes.'),
    max: dataBytes.describe('Largest size, bytes. All sizes in between are equally likely.'),
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
    count: z
      .number()
      .int()
      .min(1)
      .max(100_000)
      .describe('Transactions in a burst, all sent at once.'),
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
            .describe('Average size of a block, bytes.'),
        })
        .meta({ title: 'Fill by size' }),
      z
        .strictObject({
          gasShare: z
            .number()
            .gt(0)
            .max(1)
            .describe('Share of the gas limit; above 0.5 the base fee rises with every block.'),
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
        'Number of nodes that seal and vote: the first nodes of the network, or all if there are fewer. With 4, blocks still become final while one is off.',
      ),
    gasLimit: z
      .number()
      .int()
      .min(1_000_000)
      .max(10_000_000_000)
      .optional()
      .describe(
        'Gas limit of a block. Default: twice what the load needs, but at least 30 million.',
      ),
    fill: fill
      .optional()
      .describe('Adds transactions with large calldata until blocks have this size.'),
    fillTxBytes: dataBytes
      .min(100)
      .default(100_000)
      .describe('Calldata of each of these transactions, bytes; at most the size of the block.'),
  })
  .meta({ id: 'Blocks', title: 'Blocks' })

const submitTo = z
  .union(
    [
      z.enum(['all', 'random']),
      z
        .strictObject({ node: nodeIndex.describe('All transactions go to this node.') })
        .meta({ title: 'To one node' }),
      z
        .strictObject({
          region: z.string().describe('The transactions go to the nodes of this region.'),
        })
        .meta({ title: 'To a region' }),
      z
        .strictObject({
          class: z.string().describe('The transactions go to the nodes of this class.'),
        })
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
      .describe('Transactions per second of all senders together, open loop; 0 for none.'),
    arrivals: z
      .enum(['even', 'poisson'])
      .default('even')
      .describe(
        '`even`: at equal intervals. `poisson`: at random intervals with the same mean (a Poisson process).',
      ),
    senders: z
      .number()
      .int()
      .min(1)
      .max(500)
      .optional()
      .describe(
        'Number of accounts that sign; each submits to its own node. Default: one for each node of `submitTo`.',
      ),
    dataBytes: sizes
      .default(0)
      .describe('Calldata of a transaction, bytes. The rest of a transaction is about 115 bytes.'),
    bursts: bursts.optional().describe('Additional transactions, many at once.'),
    blocks: blocks.prefault({}).describe('How blocks are made.'),
    submitTo: submitTo
      .default('all')
      .describe(
        'Nodes that the senders submit to: `all` in turn, `random` ones, or the given ones. While a node is down, and for 5 s after its start, the next node that is up gets its transactions.',
      ),
  })
  .meta({ id: 'Workload', title: 'Workload' })

/** A load as a scenario says it. */
export type Workload = z.infer<typeof workloadSchema>
/** How sizes of transactions are drawn, bytes. */
export type Sizes = z.infer<typeof sizes>
