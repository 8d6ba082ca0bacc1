import { linkOf, voteOf } from '../builders/votes.ts'
import { describe, expect, test } from 'vitest'
import { bytesToHex } from '../../src/lib/bytes.ts'
import { extend, nextBlock } from '../builders/chain.ts'
import { rpcCaller, rpcNode } from '../builders/rpc.ts'
import { GWEI, RECIPIENT, signedTransfer, testAccount } from '../builders/tx.ts'

const [SENDER, CONTRACT] = [testAccount().address, `0x${'c0'.repeat(20)}`]
const UNKNOWN = `0x${'11'.repeat(32)}`
const ETHER = 10n ** 18n

/** A node whose genesis has a contract with code and one word of storage. */
function nodeWithContract() {
  const alloc = { balance: '0x0', code: '0x6001', storage: { [`0x${'00'.repeat(32)}`]: '0x2a' } }
  return rpcNode({
    chain: { file: (file) => ({ ...file, alloc: { ...file.alloc, [CONTRACT]: alloc } }) },
  })
}

describe('block ids', () => {
  test('find accounts by tag, number, hash and EIP-1898 object', async () => {
    const node = rpcNode()
    const caller = rpcCaller(node)
    node.seal([signedTransfer({ value: 5n })])
    const { hash } = node.seal([signedTransfer({ nonce: 1n, value: 7n })])
    const balance = (id?: unknown) => caller.result('eth_getBalance', RECIPIENT, id)
    for (const id of [undefined, 'latest', 'pending', '0x2', hash, { blockHash: hash }])
      expect(await balance(id)).toBe('0xc')
    expect(await balance({ blockHash: hash, requireCanonical: true })).toBe('0xc')
    expect(await balance({ blockNumber: '0x1' })).toBe('0x5')
    for (const id of ['earliest', '0x0']) expect(await balance(id)).toBe('0x0')
  })

  const cases: readonly [unknown, number, string][] = [
    ['0x9', -32000, 'header not found'],
    [UNKNOWN, -32000, 'header for hash not found'],
    ['newest', -32602, 'invalid argument 1: hex string without 0x prefix'],
    ['0x00', -32602, 'invalid argument 1: hex number with leading zero digits'],
    ['0x8000000000000000', -32602, 'invalid argument 1: block number larger than int64'],
    [5, -32602, 'invalid argument 1: hex string without 0x prefix'],
    [{}, -32602, 'invalid argument 1: must specify either BlockHash or BlockNumber'],
    [
      { blockHash: UNKNOWN, blockNumber: '0x1' },
      -32602,
      'invalid argument 1: cannot specify both BlockHash and BlockNumber, choose one or the other',
    ],
  ]

  test.each(cases)('refuse %j', async (id, code, message) => {
    expect(await rpcCaller(rpcNode()).error('eth_getBalance', SENDER, id)).toEqual({
      code,
      message,
    })
  })

  test('refuse a block off the canonical chain only where a canonical one is demanded', async () => {
    const node = rpcNode({ chain: { signers: 3 } })
    const caller = rpcCaller(node)
    const [left, right] = [nextBlock(node.chain), nextBlock(node.chain, { lateS: 1 })]
    node.chain.import(left.block, left.senders)
    node.chain.import(right.block, right.senders)
    extend(node.chain, { parent: left.block })
    const blockHash = right.block.hash
    expect(await caller.result('eth_getBalance', RECIPIENT, { blockHash })).toBe('0x0')
    const strict = { blockHash, requireCanonical: true }
    expect(await caller.error('eth_getBalance', RECIPIENT, strict)).toEqual({
      code: -32000,
      message: 'hash is not currently canonical',
    })
  })

  test('take the justified block for safe and the final one for finalized, at first the genesis', async () => {
    const node = rpcNode({ chain: { signers: 4 } })
    const caller = rpcCaller(node)
    const numbers = async () => {
      const blocks = ['safe', 'finalized'].map((tag) => caller.result('eth_getBlockByNumber', tag))
      return (await Promise.all(blocks)).map((block) => (block as { number: string }).number)
    }
    expect(await numbers()).toEqual(['0x0', '0x0'])
    for (let i = 0; i < 9; i++) node.seal()
    expect(await numbers()).toEqual(['0x0', '0x0'])
    const { chain, clock, finality } = node
    for (const [source, target] of [
      [0, 4],
      [4, 8],
    ] as const) {
      for (const index of [0, 1, 3])
        finality.add(voteOf(chain, index, linkOf(chain, source, target)))
      clock.advance(1)
    }
    expect(await numbers()).toEqual(['0x8', '0x4'])
  })
})

describe('eth_call and eth_estimateGas', () => {
  test('run and price transfers, their data and access list included', async () => {
    const caller = rpcCaller(rpcNode())
    const transfer = { from: SENDER, to: RECIPIENT, value: '0x1' }
    const accessList = [{ address: RECIPIENT, storageKeys: [UNKNOWN] }]
    expect(await caller.result('eth_call', transfer, 'latest')).toBe('0x')
    expect(await caller.result('eth_estimateGas', transfer)).toBe('0x5208')
    const priced = [
      [{ ...transfer, data: '0x00ff' }, 21_000 + 4 + 16],
      [{ ...transfer, input: '0xff' }, 21_000 + 16],
      [{ ...transfer, accessList }, 21_000 + 2_400 + 1_900],
      [{ ...transfer, maxFeePerGas: '0x77359400', maxPriorityFeePerGas: '0x1' }, 21_000],
      [{ ...transfer, gas: '0x5208', nonce: '0x7', type: '0x2', chainId: '0x539' }, 21_000],
    ] as const
    for (const [request, gas] of priced)
      expect(Number(await caller.result('eth_estimateGas', request, 'pending'))).toBe(gas)
  })

  const transfer = { from: SENDER, to: RECIPIENT }
  const cases: readonly [object, string, RegExp][] = [
    [{ data: '0x6001' }, 'contract-creation', /^contract creation is not supported/],
    [{ to: CONTRACT }, 'call-to-contract', /^calls to contracts are not supported/],
    [{ to: `0x${'00'.repeat(19)}02` }, 'call-to-precompile', /^calls to precompiled contracts/],
  ]

  test.each(cases)('refuse %j with the reason %s', async (request, reason, message) => {
    const caller = rpcCaller(nodeWithContract())
    for (const method of ['eth_call', 'eth_estimateGas'])
      expect(await caller.error(method, request)).toEqual({
        code: -32000,
        message: expect.stringMatching(message),
        data: { reason },
      })
  })

  test('estimate nothing for a creation without data, which nobody can send', async () => {
    const caller = rpcCaller(rpcNode())
    const empty: readonly object[] = [{}, { from: SENDER }, { from: SENDER, data: '0x' }]
    for (const request of empty) {
      expect(await caller.result('eth_call', request)).toBe('0x')
      for (const method of ['eth_estimateGas', 'eth_createAccessList'])
        expect(await caller.error(method, request)).toEqual({
          code: -32000,
          message: expect.stringMatching(/^contract creation is not supported: /) as string,
          data: { reason: 'contract-creation' },
        })
    }
  })

  const from = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'
  const rich = `0x${(20_000n * ETHER).toString(16)}`
  const balance = 10_000n * ETHER

  /** geth 1.13's answers to eth_call and eth_estimateGas, the reason beside them ours. */
  const asGeth: readonly [object, string, string, string | undefined][] = [
    [
      { chainId: '0x7' },
      'wrong-chain-id',
      "chainId does not match node's (have=7, want=1337)",
      "chainId does not match node's (have=7, want=1337)",
    ],
    [
      { value: rich },
      'insufficient-funds',
      `err: insufficient funds for gas * price + value: address ${from} have ${balance} want ${20_000n * ETHER} (supplied gas 50000000)`,
      `failed with 30000000 gas: insufficient funds for gas * price + value: address ${from} have ${balance} want ${20_000n * ETHER}`,
    ],
    [
      { value: rich, gasPrice: '0x77359400', gas: '0x5208' },
      'insufficient-funds',
      `err: insufficient funds for gas * price + value: address ${from} have ${balance} want ${20_000n * ETHER + 21_000n * 2n * GWEI} (supplied gas 21000)`,
      'insufficient funds for transfer',
    ],
    [
      { maxFeePerGas: '0x1' },
      'fee-cap-below-base-fee',
      `err: max fee per gas less than block base fee: address ${from}, maxFeePerGas: 1, baseFee: 1000000000 (supplied gas 50000000)`,
      `failed with 30000000 gas: max fee per gas less than block base fee: address ${from}, maxFeePerGas: 1, baseFee: 1000000000`,
    ],
    [
      { maxPriorityFeePerGas: '0x1' },
      'tip-above-fee-cap',
      `err: max priority fee per gas higher than max fee per gas: address ${from}, maxPriorityFeePerGas: 1, maxFeePerGas: 0 (supplied gas 50000000)`,
      `failed with 30000000 gas: max priority fee per gas higher than max fee per gas: address ${from}, maxPriorityFeePerGas: 1, maxFeePerGas: 0`,
    ],
    [
      { maxFeePerGas: '0x77359400', maxPriorityFeePerGas: '0x77359401' },
      'tip-above-fee-cap',
      `err: max priority fee per gas higher than max fee per gas: address ${from}, maxPriorityFeePerGas: 2000000001, maxFeePerGas: 2000000000 (supplied gas 50000000)`,
      `failed with 30000000 gas: max priority fee per gas higher than max fee per gas: address ${from}, maxPriorityFeePerGas: 2000000001, maxFeePerGas: 2000000000`,
    ],
    [
      { gas: '0x5207' },
      'gas-below-intrinsic',
      'err: intrinsic gas too low: have 20999, want 21000 (supplied gas 20999)',
      // Below what a transfer costs it is no cap.
      undefined,
    ],
    [
      { gas: '0x5208', data: '0x01' },
      'gas-below-intrinsic',
      'err: intrinsic gas too low: have 21000, want 21016 (supplied gas 21000)',
      'gas required exceeds allowance (21000)',
    ],
  ]

  test.each(asGeth)(
    'answer %j with the reason %s and in the words of geth',
    async (change, reason, called, estimated) => {
      const caller = rpcCaller(rpcNode())
      const request = { ...transfer, ...change }
      const call = await caller.error('eth_call', request)
      expect(call).toEqual({ code: -32000, message: called, data: { reason } })
      const refusal = { code: -32000, message: estimated, data: { reason } }
      expect(await caller.ask('eth_estimateGas', [request])).toMatchObject(
        estimated === undefined ? { result: '0x5208' } : { error: refusal },
      )
    },
  )

  test('a call with a price and no gas is charged for the cap of one call, as by geth', async () => {
    const caller = rpcCaller(rpcNode())
    const priced = { ...transfer, gasPrice: '0x77359400' }
    const most = balance - 50_000_000n * 2n * GWEI
    const value = (wei: bigint) => ({ ...priced, value: `0x${wei.toString(16)}` })
    expect(await caller.result('eth_call', value(most))).toBe('0x')
    expect((await caller.error('eth_call', value(most + 1n))).message).toContain('insufficient')
  })

  test('refuse to estimate what the allowance does not cover', async () => {
    const caller = rpcCaller(rpcNode())
    const little = { ...transfer, gas: '0x5300', data: `0x${'01'.repeat(20)}` }
    expect(await caller.error('eth_estimateGas', little)).toMatchObject({
      message: 'gas required exceeds allowance (21248)',
    })
    const value = 10_000n * ETHER - 20_000n * 2n * GWEI
    const poor = { ...transfer, value: `0x${value.toString(16)}`, gasPrice: '0x77359400' }
    expect(await caller.error('eth_estimateGas', poor)).toMatchObject({
      message: 'gas required exceeds allowance (20000)',
    })
  })

  const wrong: readonly [object | string, string][] = [
    ['0x', 'cannot unmarshal non-object'],
    [{ to: '0x12' }, 'want 40 for common.Address'],
    [{ ...transfer, data: '0x01', input: '0x02' }, 'both "data" and "input" are set and not equal'],
    [{ ...transfer, accessList: [{}] }, 'cannot unmarshal'],
    [{ ...transfer, accessList: {} }, 'cannot unmarshal'],
  ]

  test.each(wrong)('refuse %j as an argument', async (request, message) => {
    const error = await rpcCaller(rpcNode()).error('eth_call', request, 'latest')
    expect(error.code).toBe(-32602)
    expect(error.message).toContain(message)
  })

  test('refuse overrides, but not empty ones', async () => {
    const caller = rpcCaller(rpcNode())
    expect(await caller.result('eth_call', transfer, 'latest', {})).toBe('0x')
    const overrides = { [RECIPIENT]: { code: '0x00' } }
    expect(await caller.error('eth_call', transfer, 'latest', overrides)).toMatchObject({
      code: -32602,
    })
  })
})

describe('accounts', () => {
  test('have the code and storage that the genesis gave them', async () => {
    const node = nodeWithContract()
    const caller = rpcCaller(node)
    node.seal()
    expect(await caller.result('eth_getCode', CONTRACT)).toBe('0x6001')
    expect(await caller.result('eth_getCode', RECIPIENT, 'latest')).toBe('0x')
    expect(await caller.result('eth_getStorageAt', CONTRACT, '0x0')).toBe(`0x${'00'.repeat(31)}2a`)
    expect(await caller.result('eth_getStorageAt', CONTRACT, '0x1', 'latest')).toBe(
      `0x${'00'.repeat(32)}`,
    )
    expect(await caller.error('eth_getStorageAt', CONTRACT, '0xasdf')).toEqual({
      code: -32602,
      message: 'invalid hex in storage key: "0xasdf"',
    })
    expect(await caller.error('eth_getStorageAt', CONTRACT, `0x${'0'.repeat(65)}`)).toMatchObject({
      code: -32602,
    })
  })

  test('count their transactions, with those in the pool where asked for pending', async () => {
    const node = rpcNode()
    const caller = rpcCaller(node)
    node.seal([signedTransfer()])
    for (const nonce of [1n, 2n, 4n])
      await caller.result('eth_sendRawTransaction', bytesToHex(signedTransfer({ nonce }).raw))
    const count = (id?: unknown) => caller.result('eth_getTransactionCount', SENDER, id)
    expect(await count()).toBe('0x1')
    expect(await count('earliest')).toBe('0x0')
    expect(await count('pending')).toBe('0x3')
    expect(await count({ blockNumber: 'pending' })).toBe('0x3')
  })
})
