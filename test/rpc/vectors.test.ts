/** The answers recorded by execution-apis, from the blocks they were recorded about. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Block } from '../../src/block/block.ts'
import { parseGenesis } from '../../src/chain/genesis/genesis.ts'
import type { Hash } from '../../src/crypto/keccak.ts'
import { Emitter } from '../../src/lib/emitter.ts'
import type { RpcChain } from '../../src/rpc/context.ts'
import { rpcCaller, rpcNode } from '../builders/rpc.ts'
import { essence, FIXTURES, rpcFixtures } from '../builders/rpcFixtures.ts'
import { vectorChain } from '../builders/vectorChain.ts'

/** The blocks of the vectors, of which nobody needs the accounts here. */
function vectorRpcChain(): RpcChain {
  const genesis = parseGenesis(JSON.parse(readFileSync(new URL('genesis.json', FIXTURES), 'utf8')))
  const blocks = [genesis.block, ...vectorChain()]
  const byHash = new Map<Hash, Block>(blocks.map((block) => [block.hash, block]))
  const byTx = new Map(
    blocks.flatMap((block) => block.transactions.map((tx, index) => [tx.hash, { block, index }])),
  )
  const first = { number: 0n, hash: genesis.hash }
  return {
    genesis,
    config: genesis.config,
    ledger: 'none',
    chainId: genesis.config.chainId,
    head: blocks.at(-1) ?? genesis.block,
    signers: [],
    settled: { justified: first, finalized: first },
    state: genesis.state,
    heads: new Emitter(),
    nextBaseFee: () => undefined,
    block: (hash) => byHash.get(hash),
    blockByNumber: (number) => blocks[Number(number)],
    totalDifficulty: () => undefined,
    stateAt: () => undefined,
    knownNonce: () => undefined,
    receipts: () => undefined,
    location: (hash) => byTx.get(hash),
  }
}

const caller = rpcCaller(rpcNode({ context: { chain: vectorRpcChain() } }))

describe('execution-apis', () => {
  test.each(rpcFixtures().map((fixture) => [fixture.name, fixture] as const))(
    'answers %s as recorded',
    async (_, fixture) => {
      expect(fixture.calls.length).toBeGreaterThan(0)
      for (const { request, answer } of fixture.calls) {
        const given = (await caller.text(request)) ?? ''
        expect(essence(given, fixture)).toEqual(essence(answer, fixture))
      }
    },
  )
})
