import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { resolveSettings, type SettingFlags } from '../../src/node/settings/resolvedSettings.ts'
import { loadGenesis } from '../../src/node/genesisSetting.ts'
import { keepChain, withKeptChain } from '../../src/node/keptChain.ts'
import type { Settings } from '../../src/node/settings/settings.ts'

const VECTOR_GENESIS = new URL('../vectors/rpc/genesis.json', import.meta.url).pathname

describe('the chain that a data directory is of', () => {
  let dataDir = ''

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'grapevine-kept-'))
  })

  afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

  function settings(flags: SettingFlags = {}): Settings {
    return withKeptChain(
      resolveSettings({ dataDir, ...flags }, { environment: {}, envFile: join(dataDir, '.env') }),
    )
  }

  test('is known without a flag once it is kept, and the genesis file is not needed any more', () => {
    keepChain({ dataDir, genesis: VECTOR_GENESIS, ledger: 'none' })
    const { genesis, ledger } = settings()
    expect(ledger).toBe('none')
    expect(genesis.startsWith(dataDir)).toBe(true)
    expect(loadGenesis(genesis).hash).toBe(loadGenesis(VECTOR_GENESIS).hash)
  })

  test('gives way to what the user says', () => {
    keepChain({ dataDir, genesis: VECTOR_GENESIS, ledger: 'none' })
    const said = settings({ genesis: 'other.json', ledger: 'transfers' })
    expect([said.genesis, said.ledger]).toEqual(['other.json', 'transfers'])
  })

  test('is noted again where its rules are others now, and left alone where they are not', () => {
    keepChain({ dataDir, genesis: VECTOR_GENESIS, ledger: 'none' })
    const kept = join(dataDir, 'genesis.json')
    const before = statSync(kept).ino
    keepChain({ dataDir, genesis: settings().genesis, ledger: 'none' })
    expect(statSync(kept).ino).toBe(before)
    const planned = join(dataDir, 'planned.json')
    const text = readFileSync(VECTOR_GENESIS, 'utf8').replace(
      '"chainId"',
      '"bpo5Time": 99999999999, "chainId"',
    )
    writeFileSync(planned, text)
    keepChain({ dataDir, genesis: planned, ledger: 'none' })
    expect(loadGenesis(settings().genesis).config.forkTimes.bpo5Time).toBe(99_999_999_999n)
    expect(readdirSync(dataDir).sort()).toEqual(['genesis.json', 'ledger', 'planned.json'])
  })

  test('is the default where nothing is kept, and where the note is none of ours', () => {
    expect(settings()).toMatchObject({ genesis: '', ledger: 'transfers' })
    writeFileSync(join(dataDir, 'ledger'), 'everything')
    expect(settings()).toMatchObject({ ledger: 'transfers' })
  })

  test('without a data directory nothing is written and nothing read', () => {
    keepChain({ dataDir: '', genesis: '', ledger: 'none' })
    const config = resolveSettings({}, { environment: {}, envFile: join(dataDir, '.env') })
    expect(withKeptChain(config)).toEqual(config.settings)
  })

  test('a directory that cannot be written is no failure', () => {
    writeFileSync(join(dataDir, 'file'), '')
    expect(() =>
      keepChain({ dataDir: join(dataDir, 'file'), genesis: '', ledger: 'none' }),
    ).not.toThrow()
  })
})
