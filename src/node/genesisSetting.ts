import { readFileSync } from 'node:fs'
import { devnetGenesis } from '../chain/genesis/devnetGenesis.ts'
import { parseGenesis, type Genesis } from '../chain/genesis/genesis.ts'
import { DEVNET_ADDRESSES } from '../crypto/devnetAddresses.ts'
import { assertLedgerRuns } from '../chain/ledgerKind.ts'
import { messageOf } from '../lib/assert.ts'
import type { Settings } from './settings/settings.ts'
import { SettingsError } from './settings/settingsError.ts'

/**
 * Signers of the built-in genesis: the accounts of the mnemonic after the ten that have money. With
 * four of them one may be off, and blocks become final all the same.
 */
export const DEVNET_SIGNER_INDEXES = [10, 11, 12, 13] as const
const DEVNET_PERIOD_S = 2
const SHOWN_DEFECTS = 5

/**
 * The genesis of a file, or the built-in one for an empty path. Throws a {@link SettingsError} of
 * one line.
 */
export function loadGenesis(path: string): Genesis {
  if (path === '') return parseGenesis(builtIn())
  const json = jsonIn(path)
  try {
    const genesis = parseGenesis(json)
    return { ...genesis, notes: genesis.notes.map((note) => `${path}: ${note}`) }
  } catch (error) {
    throw defectsIn(path, error)
  }
}

/** The genesis of these settings, if their ledger runs its chain; else a {@link SettingsError}. */
export function loadRunnableGenesis({
  genesis: path,
  ledger,
}: Pick<Settings, 'genesis' | 'ledger'>): Genesis {
  const genesis = loadGenesis(path)
  try {
    assertLedgerRuns(ledger, genesis.config)
  } catch (error) {
    throw defectsIn(path, error)
  }
  return genesis
}

/** The text of a genesis file, or of the built-in one for an empty path. */
export function genesisText(path: string): string {
  return path === '' ? JSON.stringify(builtIn(), undefined, 2) : readText(path)
}

function builtIn(): unknown {
  const signers = DEVNET_SIGNER_INDEXES.flatMap((index) => DEVNET_ADDRESSES[index] ?? [])
  return devnetGenesis({ signers, periodS: DEVNET_PERIOD_S })
}

function jsonIn(path: string): unknown {
  const text = readText(path)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new SettingsError(`--genesis: ${path} is not JSON: ${messageOf(error)}`)
  }
}

/** The lines of an error as one, with the name of the file: of many lines the first few. */
function defectsIn(path: string, error: unknown): SettingsError {
  const defects = messageOf(error).split('\n')
  const more = defects.length - SHOWN_DEFECTS
  const shown = defects.slice(0, SHOWN_DEFECTS)
  if (more > 0) shown.push(`and ${more} more`)
  return new SettingsError(`--genesis: ${path}: ${shown.join('; ')}`)
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new SettingsError(`--genesis: cannot read ${path}: ${messageOf(error)}`)
  }
}
