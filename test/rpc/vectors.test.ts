/** The answers recorded by execution-apis, from the blocks they were recorded about. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Block } from '../../src/block/block.ts'
import { parseGenesis } from '../../src/chain/genesis.ts'
import type { Hash } from '../../src/crypto/keccak.ts'
import { Emitter } from '../../src/lib/emitter.ts'
import type { RpcChain } from '../../src/rpc/context.ts'
import { rpcCaller, rpcNode } from '../builders/rpc.ts'
import { vectorChain } from '../builders/vectorChain.ts'

const FOLDER = new URL('../vectors/rpc/', import.meta.url)

interface Case {
  readonly name: string
  readonly isShapeOnly: boolean
  readonly calls: readonly { readonly request: string; readonly answer: string }[]
}

function cases(): Case[] {
  return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.io'))
    .sort()
    .map((path) => readCase(path, readFileSync(new URL(path, FOLDER), 'utf8')))
}

function readCase(name: string, text: string): Case {
  const lines = text.split('\n')
  const requests = lines.filter((line) => line.startsWith('>> '))
  const answers = lines.filter((line) => line.startsWith('<< '))
  return {
    name,
    isShapeOnly: lines.some((line) => line.startsWith('// speconly')),
    calls: requests.map((request, at) => ({
      request: request.slice(3),
      answer: answers[at]?.slice(3) ?? '',
    })),
  }
}

/** The blocks of the vectors, of which nobody needs the accounts here. */
function vectorRpcChain(): RpcChain {
  const genesis = parseGenesis(JSON.parse(readFileSync(new URL('genesis.json', FOLDER), 'utf8')))
  const blocks = [genesis.block, ...vectorChain()]
  const byHash = new Map<Hash, Block>(blocks.map((block) => [block.hash, block]))
  const byTx = new Map(
    blocks.flatMap((block) => block.transactions.map((tx, index) => [tx.hash, { block, index }])),
  )
  return {
    genesis,
    config: genesis.config,
    ledger: 'none',
    chainId: genesis.config.chainId,
    head: blocks.at(-1) ?? genesis.block,
    signers: [],
    state: genesis.state,
    heads: new Emitter(),
    nextBaseFee: () => undefined,
    block: (hash) => byHash.get(hash),
    blockByNumber: (number) => blocks[Number(number)],
    totalDifficulty: () => undefined,
    stateAt: () => undefined,
    receipts: () => undefined,
    location: (hash) => byTx.get(hash),
  }
}

const caller = rpcCaller(rpcNode({ context: { chain: vectorRpcChain() } }))

/** What of an answer must equal the recorded one: all of it, the code of an error, or the names of the fields. */
function essence(answer: string, isShapeOnly: boolean): unknown {
  const { error, result } = JSON.parse(answer) as { error?: { code: number }; result?: object }
  if (isShapeOnly) return Object.keys(result ?? {})
  return error === undefined ? answer : error.code
}

describe('execution-apis', () => {
  test.each(cases())('answers $name as recorded', async ({ calls, isShapeOnly }) => {
    expect(calls.length).toBeGreaterThan(0)
    for (const { request, answer } of calls) {
      const given = (await caller.text(request)) ?? ''
      expect(essence(given, isShapeOnly)).toEqual(essence(answer, isShapeOnly))
    }
  })
})
