import { describe, expect, test } from 'vitest'
import { encodeHeader } from '../../src/block/header.ts'
import { bytesToHex } from '../../src/lib/bytes.ts'
import { account } from '../builders/keys.ts'
import { extend, testSigners } from '../builders/chain.ts'
import { rpcCaller, rpcNode } from '../builders/rpc.ts'

const signers = testSigners(3)
const addresses = signers.map(({ address }) => address)

describe('clique', () => {
  test('tells who may seal, by number, tag and hash', async () => {
    const node = rpcNode({ chain: { signers: 3 } })
    const caller = rpcCaller(node)
    const { hash } = node.seal()
    for (const params of [[], ['latest'], ['0x1'], ['earliest']])
      expect(await caller.result('clique_getSigners', ...params)).toEqual(addresses)
    expect(await caller.result('clique_getSignersAtHash', hash)).toEqual(addresses)
    expect(await caller.error('clique_getSigners', '0x9')).toMatchObject({
      message: 'unknown block',
    })
    const unknown = `0x${'12'.repeat(32)}`
    expect(await caller.error('clique_getSignersAtHash', unknown)).toMatchObject({
      message: 'unknown block',
    })
  })

  test('tells who sealed a block, given by name or as RLP', async () => {
    const node = rpcNode({ chain: { signers: 3 } })
    const caller = rpcCaller(node)
    const [, , third = account()] = signers
    const block = extend(node.chain, { signer: third })
    const names = [
      'latest',
      '0x1',
      block.hash,
      bytesToHex(block.raw),
      bytesToHex(encodeHeader(block.header)),
    ]
    for (const name of names)
      expect(await caller.result('clique_getSigner', name)).toBe(third.address)
    expect(await caller.result('clique_getSigner')).toBe(third.address)
    expect(await caller.error('clique_getSigner', '0x0')).toMatchObject({
      data: { reason: 'no-seal' },
    })
    expect(await caller.error('clique_getSigner', `0x${'c0'.repeat(99)}`)).toMatchObject({
      code: -32602,
    })
  })

  test('counts the last 64 blocks by signer and in turn', async () => {
    const node = rpcNode({ chain: { signers: 3 } })
    const caller = rpcCaller(node)
    const none = Object.fromEntries(addresses.map((address) => [address, 0]))
    expect(await caller.result('clique_status')).toEqual({
      inturnPercent: 0,
      sealerActivity: none,
      numBlocks: 0,
    })
    const [first = account(), second = account(), third = account()] = signers
    for (const signer of [second, third, second, third]) extend(node.chain, { signer })
    expect(await caller.result('clique_status')).toEqual({
      inturnPercent: 50,
      sealerActivity: { [first.address]: 0, [second.address]: 2, [third.address]: 2 },
      numBlocks: 4,
    })
    for (let block = 0; block < 70; block++) extend(node.chain)
    const status = await caller.result('clique_status')
    expect(status).toMatchObject({ numBlocks: 64, inturnPercent: 100 })
  })

  test('is no answer on a chain without seals', async () => {
    const file = { ethash: {}, clique: undefined, terminalTotalDifficulty: 0 }
    const node = rpcNode({
      chain: { ledger: 'none', file: (json) => ({ ...json, config: { ...json.config, ...file } }) },
    })
    for (const method of ['clique_getSigners', 'clique_getSigner', 'clique_status'])
      expect(await rpcCaller(node).error(method)).toMatchObject({ data: { reason: 'no-clique' } })
  })
})

test('the questions of web3 have answers', async () => {
  const plain = rpcCaller(rpcNode())
  expect(await plain.result('eth_coinbase')).toBe(`0x${'00'.repeat(20)}`)
  expect(await plain.result('eth_mining')).toBe(false)
  expect(await plain.result('eth_hashrate')).toBe('0x0')
  expect(await plain.result('eth_protocolVersion')).toBe('0x2')
  const { address } = account()
  const sealing = rpcCaller(rpcNode({ context: { sealer: address } }))
  expect(await sealing.result('eth_coinbase')).toBe(address)
  expect(await sealing.result('eth_mining')).toBe(true)
})
