/** A rule of one's own: these nodes relay no transfer of more than one ether. */
import { startNode, type OwnRule } from 'grapevine'
import { parseEther } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { expect, test, vi } from 'vitest'

const NO_LARGE_TRANSFERS: OwnRule = {
  sentence: 'It moves one ether at most.',
  otherwise: 'reject',
  holds: ({ value }) => value <= parseEther('1'),
}

/** Has funds in the built-in genesis. */
const account = mnemonicToAccount('test test test test test test test test test test test junk')

function transfer(ether: string, nonce: number) {
  return account.signTransaction({
    chainId: 1337,
    nonce,
    to: '0x00000000000000000000000000000000000000aa',
    value: parseEther(ether),
    gas: 21_000n,
    maxFeePerGas: 10_000_000_000n,
    maxPriorityFeePerGas: 1_000_000_000n,
  })
}

test('a transfer that breaks the rule goes nowhere; another reaches the other node', async () => {
  const rules = [NO_LARGE_TRANSFERS]
  await using first = await startNode({ rules })
  await using second = await startNode({ rules, settings: { bootnodes: first.multiaddrs } })
  await vi.waitUntil(() => first.mesh('tx').includes(second.peerId), { timeout: 60_000 })

  const large = await first.submit(await transfer('2', 0))
  expect(large.verdict).toEqual({
    action: 'reject',
    reason: 'own-rule',
    message: 'It moves one ether at most.',
  })

  const small = await first.submit(await transfer('1', 0))
  expect(small.verdict.action).toBe('accept')
  await vi.waitUntil(() => second.timeline(small.hash)?.verdict === 'accept', { timeout: 60_000 })
  expect(second.timeline(large.hash)).toBeUndefined()
})
