import { readFileSync } from 'node:fs'
import { devnetGenesis } from '../chain/genesis/devnetGenesis.ts'
import { parseGenesis, type Genesis } from '../chain/genesis/genesis.ts'
import { DEVNET_ADDRESSES } from '../crypto/devnetAddresses.ts'
import { messageOf } from '../lib/assert.ts'
import { SettingsError } from './settings/settingsError.ts'

/**
 * Signers of the built-in genesis: the accounts of the mnemonic after the ten that have money. With
 * four of them one may be off, and blocks become final all the same.
 */
export const DEVNET_SIGNER_INDEXES = [10, 11, 12, 13] as const
const DEVNET_PERIOD_S = 2

/**
 * The genesis of a file, or the built-in one for an empty path. Throws a {@link SettingsError} of
 * one line.
 */
export function loadGenesis(path: string): Genesis {
  if (path === '') return parseGenesis(builtIn())
  try {
    return parseGenesis(JSON.parse(readText(path)))
  } catch (error) {
    if (error instanceof SettingsError) throw error
    const isJson = !(error instanceof SyntaxError)
    throw new SettingsError(
      isJson ? messageOf(error) : `--genesis: ${path} is not JSON: ${messageOf(error)}`,
    )
  }
}

/** The text of a genesis file, or of the built-in one for an empty path. */
export function genesisText(path: string): string {
  return path === '' ? JSON.stringify(builtIn(), undefined, 2) : readText(path)
}

function builtIn(): unknown {
  const signers = DEVNET_SIGNER_INDEXES.flatMap((index) => DEVNET_ADDRESSES[index] ?? [])
  return devnetGenesis({ signers, periodS: DEVNET_PERIOD_S })
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new SettingsError(`--genesis: cannot read ${path}: ${messageOf(error)}`)
  }
}
