/**
 * A load of one's own: three bursts, each of ten transfers at once, and the report of them alone.
 */
import { startDevnet, type TxPlan } from 'grapevine'
import { expect, test } from 'vitest'

const BURSTS_AT_MS = [0, 500, 1_000]
const load: readonly TxPlan[] = BURSTS_AT_MS.flatMap((atMs) =>
  Array.from({ length: 10 }, (_, sender) => ({ atMs, sender, node: sender % 4, dataBytes: 100 })),
)

test('every transfer of the bursts reaches every peer and a block', async () => {
  await using devnet = await startDevnet({ nodes: 4, accounts: 10 })

  const { transactions } = await devnet.measure({ load })

  expect(transactions).toMatchObject({ submitted: 30, accepted: 30, included: 30, coverage: 1 })
  expect(transactions.latencyMs.p99).toBeGreaterThan(0)
})
