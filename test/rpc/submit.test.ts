import { describe, expect, test } from 'vitest'
import { TX_STEPS } from '../../src/gossip/rules/txRules.ts'
import { bytesToHex } from '../../src/lib/bytes.ts'
import { hasSentence, refusalError } from '../../src/rpc/refusal.ts'
import type { Tx } from '../../src/tx/tx.ts'
import { rpcCaller, rpcNode, type RpcCaller } from '../builders/rpc.ts'
import { PATIENT } from '../builders/rpcServer.ts'
import { GWEI, signedTransfer, testAccount } from '../builders/tx.ts'

const ETHER = 10n ** 18n

async function refusalOf(caller: RpcCaller, tx: Tx): Promise<unknown> {
  return await caller.error('eth_sendRawTransaction', bytesToHex(tx.raw))
}

describe('refusals', () => {
  const reasons = TX_STEPS.flatMap(({ rules }) => rules.map(({ reason }) => reason))

  test.each(reasons)('have a sentence for %s', (reason) => {
    expect(hasSentence(reason)).toBe(true)
    expect(refusalError(reason)).toMatchObject({ code: -32000, data: { reason } })
  })
})

describe('eth_sendRawTransaction', () => {
  test('answers the hash of what the pool took, executable or behind a gap', async () => {
    const node = rpcNode()
    const caller = rpcCaller(node)
    for (const tx of [
      signedTransfer(),
      signedTransfer({ nonce: 5n }),
      signedTransfer({ nonce: 40n }),
    ]) {
      expect(await caller.result('eth_sendRawTransaction', bytesToHex(tx.raw))).toBe(tx.hash)
      expect(node.mempool.get(tx.hash)?.origin).toBe('local')
    }
    expect(await caller.result('eth_getTransactionCount', testAccount().address, 'pending')).toBe(
      '0x1',
    )
    expect(await caller.result('eth_getTransactionCount', testAccount().address)).toBe('0x0')
  })

  test('says "nonce too low" of one that a block has included already', async () => {
    const node = rpcNode()
    const caller = rpcCaller(node)
    const tx = signedTransfer()
    await caller.result('eth_sendRawTransaction', bytesToHex(tx.raw))
    node.seal()
    const refusal = {
      code: -32000,
      message: 'nonce too low: next nonce 1, tx nonce 0',
      data: { reason: 'nonce-too-low' },
    }
    expect(await refusalOf(caller, tx)).toEqual(refusal)
    // A router that has seen it answers before anybody looks at its nonce.
    const verdict = { action: 'ignore', reason: 'known' } as const
    const seen = { ...node.context, submit: async () => ({ hash: tx.hash, verdict }) }
    expect(await refusalOf(rpcCaller(seen), tx)).toEqual(refusal)
  })

  test('says "already known" the second time', async () => {
    const caller = rpcCaller(rpcNode())
    const tx = signedTransfer()
    await caller.result('eth_sendRawTransaction', bytesToHex(tx.raw))
    expect(await refusalOf(caller, tx)).toEqual({
      code: -32000,
      message: 'already known',
      data: { reason: 'known' },
    })
  })

  test('answers -32602 for what is no hex and -32000 for what is no transaction', async () => {
    const caller = rpcCaller(rpcNode())
    expect(await caller.error('eth_sendRawTransaction', 'f86c')).toMatchObject({ code: -32602 })
    expect(await caller.error('eth_sendRawTransaction', '0x123')).toMatchObject({ code: -32602 })
    expect(await caller.error('eth_sendRawTransaction', '0x')).toMatchObject({
      code: -32000,
      data: { reason: 'empty' },
    })
    expect(await caller.error('eth_sendRawTransaction', '0x7f00')).toMatchObject({
      message: 'transaction type not supported',
      data: { reason: 'unknown-type' },
    })
    const large = bytesToHex(new Uint8Array(131_073).fill(0xff))
    expect(await caller.error('eth_sendRawTransaction', large)).toMatchObject({
      message: 'oversized data',
      data: { reason: 'oversized' },
    })
  })

  test('whoever sends blobs is told about blobs, not about bytes', async () => {
    const large = bytesToHex(new Uint8Array(137_000).fill(3))
    const error = await rpcCaller(rpcNode()).error('eth_sendRawTransaction', large)
    expect(error).toMatchObject({ code: -32000, data: { reason: 'blob-transaction' } })
    expect(error.message).toContain('carries no blobs')
  })

  const balance = 10_000n * ETHER
  const cost = balance + 42_000n * GWEI
  const cases: readonly [string, Tx, string][] = [
    [
      'gas-below-intrinsic',
      signedTransfer({ gasLimit: 20_999n }),
      'intrinsic gas too low: gas 20999, minimum needed 21000',
    ],
    [
      'insufficient-funds',
      signedTransfer({ value: balance }),
      `insufficient funds for gas * price + value: balance ${balance}, tx cost ${cost}, overshot ${cost - balance}`,
    ],
    ['gas-above-block-limit', signedTransfer({ gasLimit: 40_000_000n }), 'exceeds block gas limit'],
    [
      'wrong-chain-id',
      signedTransfer({ chainId: 1n }),
      'invalid sender: invalid chain id for signer: have 1 want 1337',
    ],
    ['fee-too-low', signedTransfer({ maxPriorityFeePerGas: 0n }), 'transaction underpriced'],
    [
      'tip-above-fee-cap',
      signedTransfer({ maxPriorityFeePerGas: 3n * GWEI }),
      'max priority fee per gas higher than max fee per gas: maxPriorityFeePerGas: 3000000000, maxFeePerGas: 2000000000',
    ],
    ['nonce-gap-too-far', signedTransfer({ nonce: 100n }), 'nonce too high'],
    ['nonce-too-high', signedTransfer({ nonce: 2n ** 64n - 1n }), 'nonce has max value'],
    ['type-not-active', signedTransfer({ type: 4 }), 'transaction type not supported'],
    [
      'unprotected',
      signedTransfer({ type: 0, chainId: undefined }),
      'only replay-protected (EIP-155) transactions allowed over RPC',
    ],
    [
      'contract-creation',
      signedTransfer({ to: undefined, gasLimit: 60_000n }),
      'contract creation is not supported: this chain executes value transfers between accounts without code',
    ],
    [
      'fee-above-cap',
      signedTransfer({ maxFeePerGas: 50_000n * GWEI }),
      'tx fee (1.05 ether) exceeds the configured cap (1.00 ether)',
    ],
  ]

  test.each(cases)('refuses %s in the words of geth', async (reason, tx, message) => {
    const node = rpcNode()
    expect(await refusalOf(rpcCaller(node), tx)).toEqual({
      code: -32000,
      message,
      data: { reason },
    })
    expect(node.mempool.has(tx.hash)).toBe(false)
  })

  test('refuses a used nonce, an overdraft and a cheap replacement with their figures', async () => {
    const node = rpcNode()
    const caller = rpcCaller(node)
    const send = (tx: Tx) => caller.result('eth_sendRawTransaction', bytesToHex(tx.raw))
    await send(signedTransfer())
    expect(await refusalOf(caller, signedTransfer({ value: 2n }))).toMatchObject({
      message: 'replacement transaction underpriced',
      data: { reason: 'replacement-underpriced' },
    })
    const rest = signedTransfer({ nonce: 1n, value: 9_999n * ETHER + ETHER / 2n })
    await send(rest)
    expect(await refusalOf(caller, signedTransfer({ nonce: 2n, value: ETHER }))).toMatchObject({
      message: expect.stringMatching(
        /^insufficient funds .*: balance \d+, queued cost \d+, tx cost/,
      ),
      data: { reason: 'overdraft' },
    })
    node.seal()
    expect(await refusalOf(caller, signedTransfer({ value: 3n }))).toMatchObject({
      message: 'nonce too low: next nonce 2, tx nonce 0',
      data: { reason: 'nonce-too-low' },
    })
  })

  test('has no cap at 0 and lets unprotected transactions to the judge where allowed', async () => {
    const dear = signedTransfer({ maxFeePerGas: 50_000n * GWEI })
    const uncapped = rpcCaller(rpcNode({ context: { feeCapWei: 0n } }))
    expect(await uncapped.result('eth_sendRawTransaction', bytesToHex(dear.raw))).toBe(dear.hash)
    const judged: Uint8Array[] = []
    const open = rpcNode({ context: { allowUnprotected: true } })
    const legacy = signedTransfer({ type: 0, chainId: undefined })
    const submit: typeof open.context.submit = (raw) => {
      judged.push(raw)
      return open.context.submit(raw)
    }
    await refusalOf(rpcCaller({ ...open.context, submit }), legacy)
    expect(judged).toEqual([legacy.raw])
  })
})

describe('eth_sendRawTransactionSync', () => {
  test('answers the receipt when a block includes the transaction', async () => {
    const node = rpcNode()
    const tx = signedTransfer()
    const answer = rpcCaller(node).result('eth_sendRawTransactionSync', bytesToHex(tx.raw))
    await expect.poll(() => node.mempool.has(tx.hash), PATIENT).toBe(true)
    const block = node.seal()
    expect(await answer).toMatchObject({
      transactionHash: tx.hash,
      blockHash: block.hash,
      status: '0x1',
      gasUsed: '0x5208',
    })
  })

  test('gives up after the time asked for and names the hash', async () => {
    const node = rpcNode()
    const tx = signedTransfer()
    const answer = rpcCaller(node).error('eth_sendRawTransactionSync', bytesToHex(tx.raw), 500)
    await expect.poll(() => node.mempool.has(tx.hash), PATIENT).toBe(true)
    node.clock.advance(500)
    expect(await answer).toMatchObject({ code: 4, data: tx.hash })
    expect(node.mempool.has(tx.hash)).toBe(true)
  })
})
