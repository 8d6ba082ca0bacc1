import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Chain } from '../../src/chain/chain.ts'
import type { GenesisJson } from '../../src/chain/genesis/devnetGenesis.ts'
import { Database } from '../../src/chain/store/database.ts'
import { DataDirError } from '../../src/chain/store/dataDirError.ts'
import { openStoredChain, type StoredChain } from '../../src/chain/store/storedChain.ts'
import { FORMAT_KEY, openRecord, sealRecord } from '../../src/chain/store/storedRecords.ts'
import { EMPTY_BYTES } from '../../src/lib/bytes.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { decodeRlp, encodeRlp } from '../../src/lib/rlp.ts'
import { extend, testGenesis } from '../builders/chain.ts'

function grow(chain: Chain, count: number): void {
  for (let block = 0; block < count; block++) extend(chain)
}

describe('a directory of other rules', () => {
  let dataDir = ''

  function open(change: object): Promise<StoredChain> {
    const file = (json: GenesisJson) => ({ ...json, config: { ...json.config, ...change } })
    const genesis = testGenesis({ signers: 3, file })
    const clock = new ManualClock()
    return openStoredChain({ dataDir, genesis, ledger: 'transfers', clock, log: silentLogger })
  }

  function quarantines(): string[] {
    return readdirSync(dataDir).filter((name) => name.startsWith('quarantine-'))
  }

  async function openWith(change: object): Promise<bigint> {
    const stored = await open(change)
    const head = stored.chain.head.header.number
    await stored.close()
    return head
  }

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'grapevine-rules-'))
    const stored = await open({})
    grow(stored.chain, 5)
    await stored.close()
  })

  afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

  test.each<[string, object]>([
    ['chainId 1337, not 7', { chainId: 7 }],
    ['clique.period 1, not 2', { clique: { period: 2, epoch: 30_000 } }],
    ['clique.epoch 30000, not 9', { clique: { period: 1, epoch: 9 } }],
    ['muirGlacierBlock (not given), not 0', { muirGlacierBlock: 0 }],
    ['arrowGlacierBlock (not given), not 5', { arrowGlacierBlock: 5 }],
    ['terminalTotalDifficulty (not given), not 9', { terminalTotalDifficulty: 9 }],
  ])('is refused with %s in one line, and left as it is', async (difference, change) => {
    const refusal = openWith(change)
    await expect(refusal).rejects.toThrow(DataDirError)
    await expect(refusal).rejects.toThrow(
      `${dataDir} holds a chain made with ${difference}: give its genesis file with --genesis, or another --data-dir`,
    )
    expect(quarantines()).toEqual([])
    expect(await openWith({})).toBe(5n)
  })

  test('may plan a fork, and give it up again until it is reached', async () => {
    expect(await openWith({ arrowGlacierBlock: 7 })).toBe(5n)
    expect(await openWith({})).toBe(5n)
    expect(await openWith({ arrowGlacierBlock: 7 })).toBe(5n)
    const stored = await open({ arrowGlacierBlock: 7 })
    grow(stored.chain, 2)
    await stored.close()
    await expect(openWith({})).rejects.toThrow('made with arrowGlacierBlock 7, not (not given)')
    expect(await openWith({ arrowGlacierBlock: 7 })).toBe(7n)
    expect(quarantines()).toEqual([])
  })

  test('made before rules were kept takes those it is opened with', async () => {
    const database = await Database.open(join(dataDir, 'chain'), silentLogger)
    const payload = openRecord(FORMAT_KEY, database.get(FORMAT_KEY) ?? EMPTY_BYTES)
    const format = payload && decodeRlp(payload)
    if (!Array.isArray(format)) throw new Error('the format is no list')
    database.write([[FORMAT_KEY, sealRecord(FORMAT_KEY, encodeRlp(format.slice(0, 3)))]])
    await database.close()
    expect(await openWith({})).toBe(5n)
    await expect(openWith({ chainId: 7 })).rejects.toThrow('made with chainId 1337, not 7')
  })
})
