/** How fast does a transaction spread? A test of anybody's, on a network of whole nodes. */
import { startDevnet } from 'grapevine'
import { expect, test } from 'vitest'

test('a transaction reaches every peer, and the report says how fast', async () => {
  await using devnet = await startDevnet({ nodes: 4, blockTime: 1 })

  const hash = await devnet.transfer()
  const { arrivals } = await devnet.waitForAll(hash)
  expect(arrivals).toHaveLength(4)

  const { transactions } = await devnet.report()
  expect(transactions.coverage).toBe(1)
  expect(transactions.latencyMs.count).toBe(3)
})
