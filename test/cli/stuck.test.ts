import { describe, expect, test } from 'vitest'
import { whyStuck } from '../../src/cli/submit/stuck.ts'
import type { Tx } from '../../src/tx/tx.ts'
import { rpcCaller, rpcNode, type RpcNode } from '../builders/rpc.ts'
import { GWEI, signedTransfer, testAccount } from '../builders/tx.ts'

const SENDER = testAccount(0).address

async function nodeWith(...txs: readonly Tx[]): Promise<RpcNode> {
  const node = rpcNode()
  for (const tx of txs) await node.context.submit(tx.raw)
  return node
}

function why(node: RpcNode, { hash }: Tx, sawBlock = true): Promise<string> {
  const caller = rpcCaller(node)
  const call = (method: string, params: readonly unknown[] = []) => caller.result(method, ...params)
  return whyStuck({ call }, hash, sawBlock)
}

describe('what keeps an accepted transaction out of blocks', () => {
  test('is that the pool lost it', async () => {
    expect(await why(await nodeWith(), signedTransfer())).toContain('submit it again')
  })

  test('is a nonce gap, with the nonce that is missing', async () => {
    const tx = signedTransfer({ nonce: 3n })
    expect(await why(await nodeWith(signedTransfer(), tx), tx)).toBe(
      `nonce gap: it has nonce 3, and nonce 1 of ${SENDER} is missing`,
    )
  })

  test('is a fee under the base fee', async () => {
    const tx = signedTransfer({ maxFeePerGas: 5n, maxPriorityFeePerGas: 5n })
    expect(await why(await nodeWith(tx), tx)).toMatch(
      /^fee under base fee: it pays at most 5 wei per gas, the next block asks \d+$/,
    )
  })

  test('is that no block came', async () => {
    const tx = signedTransfer()
    expect(await why(await nodeWith(tx), tx, false)).toContain('no signer seals')
  })

  test('is one before it of the same sender', async () => {
    const tx = signedTransfer({ nonce: 1n })
    expect(await why(await nodeWith(signedTransfer(), tx), tx)).toBe(
      `it waits for nonce 0 of ${SENDER}, which is in no block yet`,
    )
  })

  test('is nothing but the room in blocks', async () => {
    const tx = signedTransfer()
    expect(await why(await nodeWith(tx), tx)).toContain('blocks are full, or its tip is low')
  })

  test('is missing money, where the peer says so', async () => {
    const answers: Readonly<Record<string, unknown>> = {
      eth_getTransactionByHash: {
        from: SENDER,
        nonce: '0x0',
        gas: '0x5208',
        gasPrice: '0x2',
        value: '0x5',
      },
      eth_getTransactionCount: '0x0',
      eth_baseFee: null,
      eth_getBalance: '0x7',
    }
    const peer = { call: async (method: string) => answers[method] }
    expect(await whyStuck(peer, '0x', true)).toBe(
      `sender without funds: it may cost 42005 wei, ${SENDER} has 7`,
    )
  })

  test('is no mystery of legacy transactions either', async () => {
    const tx = signedTransfer({ type: 0, maxFeePerGas: 2n * GWEI })
    expect(await why(await nodeWith(tx), tx, false)).toContain('no signer seals')
  })
})
