/**
 * Which chain a data directory is of, in files of their own: a command that is not told then knows.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LEDGER_KINDS, type LedgerKind } from '../chain/ledgerKind.ts'
import { makeDirectory } from '../lib/files/makeDirectory.ts'
import type { ResolvedSettings } from './settings/resolvedSettings.ts'
import type { GivenSettings } from './settings/givenSettings.ts'
import { genesisText } from './genesisSetting.ts'
import type { Settings } from './settings/settings.ts'

const GENESIS_FILE = 'genesis.json'
const LEDGER_FILE = 'ledger'

/** The settings, with the genesis and the ledger of the data directory where nobody gave others. */
export function withKeptChain({ settings, sources }: ResolvedSettings): Settings {
  const { genesis, ledger } = keptChain(settings.dataDir)
  return Object.freeze({
    ...settings,
    ...(sources.genesis === 'default' && genesis !== undefined && { genesis }),
    ...(sources.ledger === 'default' && ledger !== undefined && { ledger }),
  })
}

/** The genesis and the ledger of a data directory, as far as they are noted in it. */
export function keptChain(dataDir: string): Pick<GivenSettings, 'genesis' | 'ledger'> {
  if (dataDir === '') return {}
  const genesis = join(dataDir, GENESIS_FILE)
  const ledger = keptLedger(dataDir)
  return { ...(existsSync(genesis) && { genesis }), ...(ledger !== undefined && { ledger }) }
}

/** Whether a directory is a data directory that a chain is kept in. */
export function isKept(dataDir: string): boolean {
  return existsSync(join(dataDir, LEDGER_FILE))
}

/**
 * Notes which chain a data directory is of, and by which rules it goes on now. Where it cannot be
 * written nothing is lost: the chain itself is checked against what it was made with.
 */
export function keepChain({
  dataDir,
  genesis,
  ledger,
}: Pick<Settings, 'dataDir' | 'genesis' | 'ledger'>): void {
  if (dataDir === '') return
  try {
    makeDirectory(dataDir)
    writeWhole(join(dataDir, GENESIS_FILE), genesisText(genesis))
    writeWhole(join(dataDir, LEDGER_FILE), `${ledger}\n`)
  } catch {
    return
  }
}

function keptLedger(dataDir: string): LedgerKind | undefined {
  try {
    const text = readFileSync(join(dataDir, LEDGER_FILE), 'utf8').trim()
    return LEDGER_KINDS.find((kind) => kind === text)
  } catch {
    return undefined
  }
}

/**
 * A process that dies while it writes leaves no half of a file under the name. What is there
 * already is left alone.
 */
function writeWhole(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return
  writeFileSync(`${path}.partial`, text)
  renameSync(`${path}.partial`, path)
}
