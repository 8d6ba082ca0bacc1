/**
 * A node that executes nothing: what it can know it answers, for the rest it says that it cannot.
 */
import { describe, expect, test } from 'vitest'
import { ObservedAccounts } from '../../src/chain/observedAccounts.ts'
import type { Block } from '../../src/block/block.ts'
import { Chain } from '../../src/chain/chain.ts'
import { extend, sendersOf, testChain, testGenesis } from '../builders/chain.ts'
import { rpcCaller, rpcNode, type RpcCaller } from '../builders/rpc.ts'
import { RECIPIENT, signedTransfer, testAccount } from '../builders/tx.ts'

const ALICE = testAccount(0).address
const HELLO = signedTransfer({ nonce: 0n })

/** Three blocks: one transfer, none, one transfer. */
function unexecutedChain(): Chain {
  const genesis = testGenesis()
  const accounts = new ObservedAccounts(genesis)
  const chain = new Chain({ genesis, ledger: 'none', accounts })
  const executing = testChain()
  for (const txs of [[HELLO], [], [signedTransfer({ nonce: 1n })]])
    importAll(chain, extend(executing, { txs }))
  return chain
}

function importAll(chain: Chain, block: Block): void {
  const { status } = chain.import(block, sendersOf(block))
  if (status !== 'imported') throw new Error(`a block is ${status}`)
}

function caller(): RpcCaller {
  return rpcCaller(rpcNode({ context: { chain: unexecutedChain() } }))
}

describe('a node that executes nothing', () => {
  test.each([
    ['eth_getBalance', [ALICE]],
    ['eth_getBalance', [ALICE, 'latest']],
    ['eth_getBalance', [ALICE, '0x2']],
    ['eth_getCode', [ALICE, 'latest']],
    ['eth_getStorageAt', [ALICE, '0x0', 'latest']],
    ['eth_call', [{ to: RECIPIENT }, 'latest']],
    ['eth_estimateGas', [{ to: RECIPIENT }]],
    ['eth_getTransactionCount', [ALICE, '0x1']],
    ['eth_getTransactionCount', [RECIPIENT, 'latest']],
    ['eth_getTransactionCount', [RECIPIENT, 'pending']],
  ])('%s %j has no answer but that', async (method, params) => {
    const error = await caller().error(method, ...params)
    expect(error).toMatchObject({ code: -32000, data: { reason: 'no-state' } })
    expect(error.message).toContain('executes nothing')
  })

  test.each([
    ['eth_getTransactionReceipt', [HELLO.hash]],
    ['eth_getBlockReceipts', ['0x1']],
    ['debug_getRawReceipts', ['0x1']],
    ['eth_newFilter', [{}]],
    ['eth_sendRawTransactionSync', ['0x']],
  ])('%s %j says that receipts are not available (4444)', async (method, params) => {
    expect(await caller().error(method, ...params)).toMatchObject({ code: 4444 })
  })

  test('a balance at the genesis is known, and the nonce at the head', async () => {
    const rpc = caller()
    expect(await rpc.result('eth_getBalance', ALICE, 'earliest')).toBe('0x21e19e0c9bab2400000')
    expect(await rpc.result('eth_getTransactionCount', ALICE, 'latest')).toBe('0x2')
    expect(await rpc.result('eth_getTransactionCount', ALICE, 'earliest')).toBe('0x0')
  })

  test('receipts of a block without transactions are none; of a block that is not there, null', async () => {
    const rpc = caller()
    expect(await rpc.result('eth_getBlockReceipts', '0x2')).toEqual([])
    expect(await rpc.result('debug_getRawReceipts', 'earliest')).toEqual([])
    expect(await rpc.result('eth_getBlockReceipts', '0x9')).toBeNull()
    expect(await rpc.result('eth_getTransactionReceipt', `0x${'11'.repeat(32)}`)).toBeNull()
  })

  test('blocks whose bloom is empty have no logs', async () => {
    expect(await caller().result('eth_getLogs', { fromBlock: '0x0', toBlock: '0x3' })).toEqual([])
  })

  test('eth_capabilities names what is not served', async () => {
    expect(await caller().result('eth_capabilities')).toMatchObject({
      head: { number: '0x3' },
      blocks: { disabled: false, oldestBlock: '0x0' },
      state: { disabled: true },
      receipts: { disabled: true },
      logs: { disabled: true },
    })
  })

  test('eth_feeHistory weighs tips by gas limits', async () => {
    const history = await caller().result('eth_feeHistory', '0x3', 'latest', [50])
    expect(history).toMatchObject({
      oldestBlock: '0x1',
      reward: [['0x3b9aca00'], ['0x0'], ['0x3b9aca00']],
    })
  })
})

describe('a node that executes', () => {
  test('eth_capabilities tells from which block on it has accounts', async () => {
    const node = rpcNode({ chain: { limits: { maxReorgDepth: 4 } } })
    for (let i = 0; i < 9; i++) node.seal()
    const rpc = rpcCaller(node)
    expect(await rpc.result('eth_capabilities')).toMatchObject({
      head: { number: '0x9' },
      state: { disabled: false, oldestBlock: '0x5' },
      blocks: { oldestBlock: '0x0' },
    })
    await expect(rpc.result('eth_getBalance', ALICE, '0x5')).resolves.toBeDefined()
    await expect(rpc.result('eth_getBalance', ALICE, '0x4')).rejects.toThrow('not available')
  })

  test('eth_config gives the rules of a chain without forks by time', async () => {
    expect(await rpcCaller(rpcNode()).result('eth_config')).toMatchObject({
      current: {
        activationTime: 0,
        blobSchedule: null,
        chainId: '0x539',
        precompiles: { ECREC: `0x${'00'.repeat(19)}01`, BLAKE2F: `0x${'00'.repeat(19)}09` },
        systemContracts: {},
      },
      next: null,
      last: null,
    })
  })
})
