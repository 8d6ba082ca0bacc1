import { describe, expect, test } from 'vitest'
import { rpcCaller, rpcNode } from '../builders/rpc.ts'
import { GWEI, RECIPIENT, signedTransfer, testAccount } from '../builders/tx.ts'

const SENDER = testAccount().address
const POOR = `0x${'5a'.repeat(20)}`
const ETHER = `0x${(10n ** 18n).toString(16)}`

interface Outcome {
  readonly number: string
  readonly timestamp: string
  readonly hash: string
  readonly parentHash: string
  readonly stateRoot: string
  readonly gasUsed: string
  readonly baseFeePerGas: string
  readonly transactions: readonly unknown[]
  readonly calls: readonly {
    readonly status: string
    readonly gasUsed: string
    readonly logs: readonly unknown[]
  }[]
}

const blocks = (...blockStateCalls: readonly object[]) => ({ blockStateCalls })
const pay = (more: object = {}) => ({ from: SENDER, to: RECIPIENT, value: '0x5', ...more })

describe('eth_simulateV1', () => {
  test('comes to the state that the same transfer leaves when it is sealed', async () => {
    const node = rpcNode()
    const tx = signedTransfer({ value: 5n, maxFeePerGas: 2n * GWEI, maxPriorityFeePerGas: 0n })
    const fees = { maxFeePerGas: `0x${(2n * GWEI).toString(16)}`, maxPriorityFeePerGas: '0x0' }
    const [outcome] = (await rpcCaller(node).result('eth_simulateV1', {
      ...blocks({ calls: [pay({ ...fees, gas: '0x5208' })] }),
      validation: true,
    })) as [Outcome]
    const sealed = node.seal([tx])
    expect(outcome.stateRoot).toBe(sealed.header.stateRoot)
    expect(outcome.calls).toEqual([
      { returnData: '0x', logs: [], gasUsed: '0x5208', status: '0x1' },
    ])
    expect(BigInt(outcome.baseFeePerGas)).toBe(sealed.header.baseFeePerGas)
    expect(BigInt(outcome.gasUsed)).toBe(sealed.header.gasUsed)
  })

  test('leaves no trace, and builds each block on the one before', async () => {
    const node = rpcNode()
    const caller = rpcCaller(node)
    const answer = await caller.result(
      'eth_simulateV1',
      blocks({ calls: [pay(), pay()] }, { calls: [pay()] }),
    )
    const [first, second] = answer as [Outcome, Outcome]
    expect([first.number, second.number]).toEqual(['0x1', '0x2'])
    expect(first.parentHash).toBe(node.chain.head.hash)
    expect(second.parentHash).toBe(first.hash)
    expect(BigInt(second.timestamp) - BigInt(first.timestamp)).toBe(12n)
    expect(first.transactions).toHaveLength(2)
    expect(await caller.result('eth_getBalance', RECIPIENT)).toBe('0x0')
    expect(await caller.result('eth_blockNumber')).toBe('0x0')
  })

  test('fills gaps between numbers, and tells value as logs where it is asked to', async () => {
    const answer = await rpcCaller(rpcNode()).result('eth_simulateV1', {
      ...blocks({ blockOverrides: { number: '0x3' }, calls: [pay(), pay({ value: '0x0' })] }),
      traceTransfers: true,
      returnFullTransactions: true,
    })
    const outcomes = answer as Outcome[]
    expect(outcomes.map(({ number }) => number)).toEqual(['0x1', '0x2', '0x3'])
    const [told, silent] = outcomes[2]?.calls ?? []
    expect(told?.logs).toMatchObject([
      { address: `0x${'ee'.repeat(20)}`, data: `0x${'5'.padStart(64, '0')}`, logIndex: '0x0' },
    ])
    expect(silent?.logs).toEqual([])
    expect(outcomes[2]?.transactions[1]).toMatchObject({ from: SENDER, nonce: '0x1', type: '0x2' })
  })

  test('gives accounts what they do not have', async () => {
    const rich = { stateOverrides: { [POOR]: { balance: ETHER, nonce: '0x7' } } }
    const answer = await rpcCaller(rpcNode()).result('eth_simulateV1', {
      ...blocks({ ...rich, calls: [pay({ from: POOR })] }),
      returnFullTransactions: true,
    })
    const [outcome] = answer as [Outcome]
    expect(outcome.transactions).toMatchObject([{ from: POOR, nonce: '0x7' }])
  })

  const refusals: readonly (readonly [string, object, number, string])[] = [
    ['nothing', blocks(), -32602, 'empty input'],
    ['too many blocks', blocks({ blockOverrides: { number: '0x999' } }), -38026, 'too many blocks'],
    [
      'numbers that do not rise',
      blocks({ blockOverrides: { number: '0x2' } }, { blockOverrides: { number: '0x2' } }),
      -38020,
      'block numbers must be in order: 2 <= 2',
    ],
    [
      'times that do not rise',
      blocks({ blockOverrides: { time: '0x0' } }),
      -38021,
      'block timestamps must be in order',
    ],
    [
      'no funds',
      blocks({ calls: [pay({ from: POOR })] }),
      -38014,
      'err: insufficient funds for gas * price + value',
    ],
    [
      'too little gas',
      blocks({ calls: [pay({ gas: '0x1' })] }),
      -38013,
      'err: intrinsic gas too low: have 1, want 21000',
    ],
    [
      'more gas than a block has',
      blocks({ blockOverrides: { gasLimit: '0x5208' }, calls: [pay(), pay({ gas: '0x5208' })] }),
      -38015,
      'block gas limit reached: 21000 >= 21000',
    ],
    [
      'a nonce from the future',
      { ...blocks({ calls: [pay({ nonce: '0x9' })] }), validation: true },
      -38011,
      'err: nonce too high',
    ],
    [
      'no fee where fees count',
      { ...blocks({ calls: [pay()] }), validation: true },
      -38012,
      'err: max fee per gas less than block base fee',
    ],
    [
      'code',
      blocks({ calls: [{ from: SENDER, data: '0x6001' }] }),
      -32000,
      'contract creation is not supported',
    ],
    [
      'a creation without data',
      blocks({ calls: [{ from: SENDER }] }),
      -32000,
      'contract creation is not supported: this chain executes value transfers',
    ],
    [
      'code given to an account',
      blocks({ stateOverrides: { [POOR]: { code: '0x00' } } }),
      -32602,
      'invalid argument 0: stateOverrides: code is not supported',
    ],
    ['no object', 7 as unknown as object, -32602, 'invalid argument 0'],
  ]

  test.each(refusals)('refuses %s as geth does', async (_, request, code, message) => {
    const error = await rpcCaller(rpcNode()).error('eth_simulateV1', request)
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) as string })
  })

  test('refuses a sender with code by a sentence, not by the bare word of the reason', async () => {
    const code = { balance: ETHER, code: '0x6001' }
    const node = rpcNode({
      chain: { file: (file) => ({ ...file, alloc: { ...file.alloc, [POOR]: code } }) },
    })
    const request = blocks({ calls: [pay({ from: POOR })] })
    expect(await rpcCaller(node).error('eth_simulateV1', request)).toEqual({
      code: -38024,
      message: 'err: the sender is a contract (supplied gas 30000000)',
      data: { reason: 'sender-has-code' },
    })
  })
})
