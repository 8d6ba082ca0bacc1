import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Chain } from '../../src/chain/chain.ts'
import { Database } from '../../src/chain/store/database.ts'
import { chainLimits, type ChainLimits } from '../../src/chain/limits.ts'
import { openStoredChain, type StoredChain } from '../../src/chain/store/storedChain.ts'
import {
  blockKey,
  END_OF_SNAPSHOTS,
  FIRST_SNAPSHOT_KEY,
  FORMAT_KEY,
  hashKey,
  numberKey,
} from '../../src/chain/store/storedRecords.ts'
import { bytesToHex } from '../../src/lib/bytes.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { extend, nextBlock, testGenesis, testSigners } from '../builders/chain.ts'
import { account } from '../builders/keys.ts'
import { signedTransfer, testAccount } from '../builders/tx.ts'

const [first = account(), second = account(), third = account()] = testSigners(3)
const genesis = testGenesis({ signers: 3 })
const clock = new ManualClock()
let dataDir = ''

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'grapevine-store-'))
})

afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true })
})

/** A short tree and a small memory, so that a few blocks reach every part. */
const short: Partial<ChainLimits> = { maxReorgDepth: 4, maxBlocks: 8 }

function open(limits: Partial<ChainLimits> = {}): Promise<StoredChain> {
  return openStoredChain({
    dataDir,
    genesis,
    ledger: 'transfers',
    limits: { ...chainLimits, ...limits },
    clock,
    log: silentLogger,
  })
}

/** Opens, does something, closes. */
async function withChain<T>(
  act: (chain: Chain, stored: StoredChain) => T | Promise<T>,
  limits: Partial<ChainLimits> = {},
): Promise<T> {
  const stored = await open(limits)
  try {
    stored.chain.assertInvariants()
    return await act(stored.chain, stored)
  } finally {
    await stored.close()
  }
}

/** Blocks by the three signers in turn, each with one transfer. */
function grow(chain: Chain, count: number): void {
  for (let i = 0; i < count; i++) {
    const nonce = chain.state.nonce(testAccount(0).address)
    extend(chain, { txs: [signedTransfer({ nonce })] })
  }
}

/** Everything that anybody can ask a chain, as text. */
function tellingOf(chain: Chain): unknown {
  const blocks = []
  for (let number = 0n; number <= chain.head.header.number; number++) {
    const block = chain.blockByNumber(number)
    if (block === undefined) throw new Error(`block ${number} is not there`)
    blocks.push({
      raw: bytesToHex(block.raw),
      td: chain.totalDifficulty(block.hash),
      receipts: chain.receipts(block.hash),
      places: block.transactions.map(({ hash }) => {
        const place = chain.location(hash)
        return [place?.block.hash, place?.index]
      }),
    })
  }
  return { head: chain.head.hash, root: chain.rootNumber, state: chain.root.state?.root(), blocks }
}

async function withDatabase(act: (database: Database) => void | Promise<void>): Promise<void> {
  const database = await Database.open(join(dataDir, 'chain'), silentLogger)
  await act(database)
  await database.close()
}

function quarantines(): string[] {
  return readdirSync(dataDir).filter((name) => name.startsWith('quarantine-'))
}

describe('a chain on disk', () => {
  test('is the same after it was closed and opened', async () => {
    const before = await withChain((chain) => {
      grow(chain, 5)
      return tellingOf(chain)
    })
    expect(await withChain(tellingOf)).toEqual(before)
  })

  test('answers from disk what memory no longer holds, in the same process and in the next', async () => {
    const before = await withChain(async (chain, stored) => {
      grow(chain, 30)
      await stored.flushed()
      return tellingOf(chain)
    }, short)
    expect(await withChain(tellingOf, short)).toEqual(before)
    await withChain((chain) => {
      expect(chain.blockByNumber(2n ** 64n)).toBeUndefined()
      expect(chain.blockByNumber(31n)).toBeUndefined()
      const oldest = chain.blockByNumber(1n)?.transactions[0]
      expect(oldest && chain.location(oldest.hash)).toMatchObject({ index: 0 })
      expect(oldest && chain.recentLocation(oldest.hash)).toBeUndefined()
    }, short)
  })

  test('goes on where it ended, with the states a reorganisation needs', async () => {
    await withChain((chain) => grow(chain, 6))
    await withChain((chain) => {
      const fork = chain.blockByNumber(4n)
      if (fork === undefined) throw new Error('block 4 is not there')
      let parent = fork
      for (let late = 1; late < 4; late++) {
        const { block, senders } = nextBlock(chain, { parent, lateS: late })
        expect(chain.import(block, senders).status).toBe('imported')
        parent = block
      }
      expect(chain.head.hash).toBe(parent.hash)
      chain.assertInvariants()
    })
    await withChain((chain) => {
      expect(chain.head.header.number).toBe(7n)
      expect(chain.state.nonce(testAccount(0).address)).toBe(4n)
    })
  })

  test('keeps side blocks, and the index of what was reorganised', async () => {
    const tx = signedTransfer()
    const before = await withChain((chain) => {
      const light = extend(chain, { signer: third, txs: [tx] })
      const { block } = nextBlock(chain, { parent: genesis.block, signer: second })
      chain.import(block, [])
      expect(chain.head.hash).toBe(block.hash)
      expect(chain.location(tx.hash)).toBeUndefined()
      return { light, telling: tellingOf(chain) }
    })
    await withChain((chain) => {
      expect(tellingOf(chain)).toEqual(before.telling)
      expect(chain.location(tx.hash)).toBeUndefined()
      expect(chain.block(before.light.hash)).toEqual(before.light)
      expect(chain.import(before.light, [first.address]).status).toBe('known')
    })
  })

  test('starts from a snapshot of the accounts, and from the genesis if none is whole', async () => {
    const telling = await withChain(async (chain, stored) => {
      grow(chain, 300)
      clock.advance(1_000)
      await stored.flushed()
      return tellingOf(chain)
    }, short)
    await withDatabase(async (database) => {
      const keys = []
      for await (const [key] of database.range(FIRST_SNAPSHOT_KEY, END_OF_SNAPSHOTS)) keys.push(key)
      expect(keys.length).toBeGreaterThan(1)
      for (const key of keys) database.write([[key, Uint8Array.of(1, 2, 3, 4, 5)]])
    })
    expect(await withChain(tellingOf, short)).toEqual(telling)
  })

  test('opens with any prefix of what was written', async () => {
    const written: Uint8Array[] = []
    await withChain((chain) => grow(chain, 8))
    await withDatabase(async (database) => {
      for await (const [key] of database.range(new Uint8Array(), Uint8Array.of(255)))
        written.push(key)
    })
    const head = await withChain(({ head }) => head)
    await withDatabase((database) => {
      database.write([[numberKey(8n), undefined]])
    })
    await withChain((chain) => expect(chain.head.hash).toBe(head.hash))
    await withDatabase((database) => {
      database.write([
        [blockKey(8n, head.hash), undefined],
        [hashKey(head.hash), undefined],
        [numberKey(8n), undefined],
      ])
    })
    await withChain((chain) => expect(chain.head.hash).toBe(head.header.parentHash))
    expect(written.length).toBeGreaterThan(20)
    expect(quarantines()).toEqual([])
  })
})

describe('a damaged directory', () => {
  test('keeps what is below a damaged block and moves the rest to quarantine', async () => {
    const blocks = await withChain((chain) => {
      grow(chain, 10)
      return [5n, 10n].map((number) => chain.blockByNumber(number))
    })
    const [fifth, tenth] = blocks
    if (fifth === undefined || tenth === undefined) throw new Error('blocks are missing')
    await withDatabase((database) => {
      const key = blockKey(6n, asChild(database))
      const record = Buffer.from(database.get(key) ?? [])
      record[record.length - 1] = (record.at(-1) ?? 0) ^ 1
      database.write([[key, record]])
    })
    await withChain((chain) => {
      expect(chain.head.hash).toBe(fifth.hash)
      expect(chain.block(tenth.hash)).toBeUndefined()
      expect(chain.blockByNumber(6n)).toBeUndefined()
      grow(chain, 2)
    })
    expect(quarantines()).toHaveLength(1)
    const [name = ''] = quarantines()
    const kept = readFileSync(join(dataDir, name, 'blocks.records'))
    expect(kept.includes(Buffer.from(tenth.raw))).toBe(true)
    await withChain((chain) => expect(chain.head.header.number).toBe(7n))
    expect(quarantines()).toHaveLength(1)
  })

  test('that does not say whose it is goes to quarantine whole', async () => {
    await withChain((chain) => grow(chain, 3))
    await withDatabase((database) => database.write([[FORMAT_KEY, undefined]]))
    await withChain((chain) => expect(chain.head.hash).toBe(genesis.hash))
    expect(readdirSync(join(dataDir, quarantines()[0] ?? ''))).toContain('chain')
  })

  test.each(['--genesis', '--ledger'])('of another %s is refused in one line', async (flag) => {
    await withChain((chain) => grow(chain, 1))
    const other = flag === '--genesis' ? testGenesis({ signers: 2 }) : genesis
    const ledger = flag === '--ledger' ? 'none' : 'transfers'
    const opening = openStoredChain({ dataDir, genesis: other, ledger, clock, log: silentLogger })
    await expect(opening).rejects.toThrow(flag)
  })

  test('opens whatever is done to its files, with a chain that holds, and opens again', async () => {
    const telling = await withChain((chain) => {
      grow(chain, 12)
      return tellingOf(chain) as { blocks: { raw: string }[] }
    })
    const pristine = new Map(
      readdirSync(join(dataDir, 'chain')).map((name) => [
        name,
        readFileSync(join(dataDir, 'chain', name)),
      ]),
    )
    const damage = fc.record({
      file: fc.nat(),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      kind: fc.constantFrom('flip', 'truncate', 'empty', 'delete', 'zero'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async (damages) => {
        rmSync(dataDir, { recursive: true, force: true })
        spoil(pristine, damages)
        for (const _ of ['at once', 'and again'])
          await withChain((chain) => {
            const kept = tellingOf(chain) as { blocks: { raw: string }[] }
            expect(telling.blocks.map(({ raw }) => raw)).toEqual(
              expect.arrayContaining(kept.blocks.map(({ raw }) => raw)),
            )
          })
      }),
      { numRuns: 40 },
    )
  })
})

/** The hash of the canonical block 6. */
function asChild(database: Database) {
  const record = database.get(numberKey(6n))
  if (record === undefined) throw new Error('block 6 has no place')
  return bytesToHex(record.subarray(4)) as typeof genesis.hash
}

interface Damage {
  readonly file: number
  readonly at: number
  readonly kind: 'flip' | 'truncate' | 'empty' | 'delete' | 'zero'
}

function spoil(pristine: ReadonlyMap<string, Buffer>, damages: readonly Damage[]): void {
  const files = new Map([...pristine].map(([name, bytes]) => [name, Buffer.from(bytes)]))
  for (const { file, at, kind } of damages) {
    const names = [...files.keys()]
    const name = names[file % names.length] ?? ''
    const bytes = files.get(name) ?? Buffer.alloc(0)
    const offset = Math.floor(Math.max(0, bytes.length - 1) * at)
    if (kind === 'flip' && bytes.length > 0) bytes[offset] = (bytes[offset] ?? 0) ^ 0x10
    if (kind === 'zero') bytes.fill(0, offset)
    if (kind === 'truncate') files.set(name, bytes.subarray(0, offset))
    if (kind === 'empty') files.set(name, Buffer.alloc(0))
    if (kind === 'delete') files.delete(name)
  }
  const chainDir = join(dataDir, 'chain')
  mkdirSync(chainDir, { recursive: true })
  for (const [name, bytes] of files) writeFileSync(join(chainDir, name), bytes)
}

describe('a disk that fails', () => {
  test('is said once, and the chain goes on from memory', async () => {
    const lines: string[] = []
    const log = { ...silentLogger, error: (line: string) => void lines.push(line) }
    const stored = await openStoredChain({ dataDir, genesis, ledger: 'transfers', clock, log })
    grow(stored.chain, 3)
    await stored.flushed()
    expect(stored.status()).toEqual({ isWritable: true, waitingBytes: 0, damagedReads: 0 })
    await stored.close()
    grow(stored.chain, 3)
    await stored.flushed()
    grow(stored.chain, 3)
    expect(stored.status().isWritable).toBe(false)
    expect(lines).toHaveLength(1)
    expect(stored.chain.head.header.number).toBe(9n)
    stored.chain.assertInvariants()
    await withChain((chain) => expect(chain.head.header.number).toBe(3n))
  })

  test('that does not keep up is given up before memory is full', async () => {
    const database = await Database.open(join(dataDir, 'chain'), silentLogger)
    const block = new Uint8Array(32 * 1024 * 1024)
    for (let number = 0; number < 5; number++) database.write([[Uint8Array.of(number), block]])
    expect(database.status).toEqual({ isWritable: false, waitingBytes: 0, damagedReads: 0 })
    await database.close()
  })
})
