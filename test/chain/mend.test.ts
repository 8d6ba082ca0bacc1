import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeBlock, type Block } from '../../src/block/block.ts'
import type { DamagedBlock } from '../../src/chain/store/blockStore.ts'
import { Chain } from '../../src/chain/chain.ts'
import { storedGenesis } from '../../src/chain/store/storedGenesis.ts'
import { Database } from '../../src/chain/store/database.ts'
import { DiskBlockStore } from '../../src/chain/store/diskBlockStore.ts'
import { chainLimits, storeBounds } from '../../src/chain/limits.ts'
import { blockKey } from '../../src/chain/store/storedRecords.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { extend, nextBlock, sendersOf, testGenesis } from '../builders/chain.ts'
import { signedTransfer } from '../builders/tx.ts'

/** So few that the oldest blocks are on disk alone. */
const limits = { ...chainLimits, maxReorgDepth: 4, maxBlocks: 8 }

describe('a block that is damaged on disk while the chain is open', () => {
  let dir = ''
  let database: Database
  let chain: Chain
  let blocks: readonly Block[]

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'grapevine-mend-'))
    database = await Database.open(join(dir, 'chain'), silentLogger)
    const genesis = testGenesis()
    const first = storedGenesis(genesis)
    const store = new DiskBlockStore({
      database,
      genesis: first,
      base: first,
      bounds: storeBounds(limits),
    })
    await store.restored()
    chain = new Chain({ genesis, limits, store })
    blocks = Array.from({ length: 20 }, (_, index) =>
      extend(chain, {
        txs: [
          signedTransfer({ nonce: BigInt(index), data: new Uint8Array(index), gasLimit: 100_000n }),
        ],
      }),
    )
    await database.flushed()
  })

  afterEach(async () => {
    await database.close()
    rmSync(dir, { recursive: true })
  })

  function at(number: number): Block {
    const block = blocks[number - 1]
    if (block === undefined) throw new Error(`there is no block ${number}`)
    return block
  }

  async function damage(...numbers: readonly number[]): Promise<void> {
    for (const number of numbers)
      database.write([[blockKey(BigInt(number), at(number).hash), Uint8Array.of(1, 2, 3, 4, 5)]])
    await database.flushed()
  }

  test('is told of when it is asked for, and is as before when it was mended', async () => {
    const told: DamagedBlock[] = []
    chain.damaged.on((block) => told.push(block))
    await damage(5, 6)
    expect(chain.blockByNumber(5n)).toBeUndefined()
    expect(told).toEqual([{ hash: at(5).hash, number: 5n }])
    expect(chain.mend(at(5), sendersOf(at(5)))).toBe('mended')
    expect(chain.mend(at(6), sendersOf(at(6)))).toBe('mended')
    await database.flushed()
    for (const number of [5, 6]) {
      const { hash, raw, transactions } = at(number)
      expect(chain.blockByNumber(BigInt(number))?.raw).toEqual(raw)
      expect(chain.totalDifficulty(hash)).toBe(1n + 2n * BigInt(number))
      expect(chain.senders(hash)).toEqual(sendersOf(at(number)))
      expect(chain.location(transactions[0]?.hash ?? hash)?.block.hash).toBe(hash)
      const gas = chain.receipts(hash)?.at(-1)?.cumulativeGasUsed
      expect(gas).toBe(at(number).header.gasUsed)
    }
    chain.assertInvariants()
  })

  test('is not mended by another block, or another body', async () => {
    await damage(5)
    const other = nextBlock(chain, { parent: chain.head, lateS: 3 }).block
    expect(chain.mend(other, [])).toBe('another-block')
    const forged = makeBlock(at(5).header, at(6).transactions)
    expect(chain.mend(forged, sendersOf(at(6)))).toBe('another-block')
    expect(chain.blockByNumber(5n)).toBeUndefined()
  })

  test('is not mended while nothing tells its total difficulty', async () => {
    await damage(4, 5, 6)
    expect(chain.mend(at(5), sendersOf(at(5)))).toBe('no-neighbour')
    expect(chain.mend(at(4), sendersOf(at(4)))).toBe('mended')
    expect(chain.mend(at(5), sendersOf(at(5)))).toBe('mended')
  })
})
