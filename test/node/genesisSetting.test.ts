/** What is wrong with a genesis file is told in one line, with the name that the user gave. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { devnetGenesis } from '../../src/chain/genesis/devnetGenesis.ts'
import { loadGenesis, loadRunnableGenesis } from '../../src/node/genesisSetting.ts'
import { SettingsError } from '../../src/node/settings/settingsError.ts'
import { testSigners } from '../builders/chain.ts'

const devnet = devnetGenesis({ signers: testSigners(1).map(({ address }) => address), periodS: 1 })

describe('a genesis file', () => {
  let folder = ''

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'grapevine-genesis-'))
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  function written(json: unknown): string {
    const file = join(folder, 'mine.json')
    writeFileSync(file, JSON.stringify(json))
    return file
  }

  test('that lacks its fields is refused in one line with its own name, once', () => {
    const file = written({ config: {} })
    const load = () => loadGenesis(file)
    expect(load).toThrow(SettingsError)
    expect(load).toThrow(`--genesis: ${file}: config.chainId: missing, expected a chain id`)
    expect(load).toThrow(/^[^\n]+; gasLimit: missing[^\n]+; alloc: missing[^\n]+$/)
    expect(load).not.toThrow(/genesis\.json|mine\.json.*mine\.json/)
  })

  test('with many faults tells the first few, and how many more there are', () => {
    const alloc = Object.fromEntries(Array.from({ length: 90 }, (_, index) => [`a${index}`, {}]))
    expect(() => loadGenesis(written({ ...devnet, alloc }))).toThrow(/; and 85 more$/)
  })

  test('with an unknown key is noted by its own name', () => {
    const file = written({ ...devnet, comment: 'mine' })
    expect(loadGenesis(file).notes).toEqual([`${file}: comment: an unknown key, without effect`])
  })

  test('of a chain that the ledger cannot run is refused by its own name, as a setting', () => {
    const file = written({ ...devnet, config: { ...devnet.config, clique: undefined } })
    const load = () => loadRunnableGenesis({ genesis: file, ledger: 'transfers' })
    expect(load).toThrow(SettingsError)
    expect(load).toThrow(`--genesis: ${file}: config: clique is missing: the ledger 'transfers'`)
    expect(loadRunnableGenesis({ genesis: file, ledger: 'none' }).config.clique).toBeUndefined()
  })
})
