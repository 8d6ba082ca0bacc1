import { describe, expect, test } from 'vitest'
import { rewardsAt } from '../../src/rpc/fees.ts'
import { rpcCaller, rpcNode } from '../builders/rpc.ts'
import { GWEI, signedTransfer } from '../builders/tx.ts'

interface FeeHistory {
  readonly oldestBlock: string
  readonly baseFeePerGas: string[]
  readonly gasUsedRatio: number[]
  readonly reward?: string[][]
}

describe('suggestions', () => {
  test('are a gwei above the next base fee while there is no past', async () => {
    const node = rpcNode()
    const caller = rpcCaller(node)
    expect(await caller.result('eth_maxPriorityFeePerGas')).toBe('0x3b9aca00')
    const price = BigInt((await caller.result('eth_gasPrice')) as string)
    expect(price).toBe(GWEI + (node.chain.nextBaseFee() ?? 0n))
  })

  test('follow the tips of recent blocks and change with the head', async () => {
    const node = rpcNode()
    const caller = rpcCaller(node)
    node.seal([signedTransfer({ maxPriorityFeePerGas: 5n, from: 0 })])
    expect(await caller.result('eth_maxPriorityFeePerGas')).toBe('0x5')
    node.seal(
      [3n, 9n, 9n, 9n].map((tip, from) =>
        signedTransfer({ maxPriorityFeePerGas: tip, from: from + 1 }),
      ),
    )
    expect(await caller.result('eth_maxPriorityFeePerGas')).toBe('0x5')
    node.seal(
      [8n, 8n].map((tip, from) => signedTransfer({ maxPriorityFeePerGas: tip, from: from + 5 })),
    )
    expect(await caller.result('eth_maxPriorityFeePerGas')).toBe('0x8')
  })

  test('of blob gas are an error before Cancun', async () => {
    expect(await rpcCaller(rpcNode()).error('eth_blobBaseFee')).toMatchObject({ code: -32000 })
  })

  test('know the next base fee', async () => {
    const node = rpcNode()
    const next = BigInt((await rpcCaller(node).result('eth_baseFee')) as string)
    expect(next).toBe(node.chain.nextBaseFee())
    expect(node.seal().header.baseFeePerGas).toBe(next)
  })
})

describe('eth_feeHistory', () => {
  test('tells base fees with the next one, fullness and tips', async () => {
    const node = rpcNode()
    const caller = rpcCaller(node)
    node.seal()
    const block = node.seal([
      signedTransfer({ maxPriorityFeePerGas: 7n }),
      signedTransfer({ from: 1 }),
    ])
    const history = (await caller.result(
      'eth_feeHistory',
      '0x2',
      'latest',
      [0, 50, 100],
    )) as FeeHistory
    expect(history).toMatchObject({
      oldestBlock: '0x1',
      gasUsedRatio: [0, 42_000 / Number(block.header.gasLimit)],
      reward: [
        ['0x0', '0x0', '0x0'],
        ['0x7', '0x7', `0x${GWEI.toString(16)}`],
      ],
      baseFeePerBlobGas: ['0x0', '0x0', '0x0'],
      blobGasUsedRatio: [0, 0],
    })
    expect(history.baseFeePerGas.map(BigInt)).toEqual([
      node.chain.blockByNumber(1n)?.header.baseFeePerGas,
      block.header.baseFeePerGas,
      node.chain.nextBaseFee(),
    ])
  })

  test('takes the count as number or text, stops at the genesis, and has no reward unless asked', async () => {
    const node = rpcNode()
    const caller = rpcCaller(node)
    node.seal()
    for (const count of [5, '5', '0x5']) {
      const history = (await caller.result('eth_feeHistory', count, 'latest')) as FeeHistory
      expect(history).toMatchObject({ oldestBlock: '0x0', gasUsedRatio: [0, 0] })
      expect(history).not.toHaveProperty('reward')
    }
    expect(await caller.result('eth_feeHistory', 0, 'latest', [])).toEqual({
      oldestBlock: '0x0',
      gasUsedRatio: [],
    })
  })

  test.each([
    [[101]],
    [[-1]],
    [[50, 50]],
    [[60, 50]],
    [Array.from({ length: 101 }, (_, i) => i / 2)],
  ])('refuses the percentiles %j', async (percentiles) => {
    const caller = rpcCaller(rpcNode())
    expect(await caller.error('eth_feeHistory', 1, 'latest', percentiles)).toMatchObject({
      code: -32602,
    })
  })

  test('refuses a block beyond the head', async () => {
    expect(await rpcCaller(rpcNode()).error('eth_feeHistory', 1, '0x9')).toMatchObject({
      code: -32000,
    })
  })

  test('weighs tips by gas', () => {
    const paid = [
      { tip: 30n, gas: 10n },
      { tip: 10n, gas: 80n },
      { tip: 20n, gas: 10n },
    ]
    expect(rewardsAt(paid, 100n, [0, 80, 81, 90, 95, 100])).toEqual([10n, 10n, 20n, 20n, 30n, 30n])
    expect(rewardsAt([], 0n, [50])).toEqual([0n])
  })
})
