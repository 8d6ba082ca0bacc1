/**
 * Where what a node knows of finality comes from, and the record of what its signer has voted for.
 */
import { secp256k1 } from '../crypto/secp256k1.ts'
import { addressOfPublicKey } from '../crypto/address.ts'
import { openFinalityFile, type FinalityKeeper } from '../finality/finalityFile.ts'
import { openVoteRecord, type VoteRecord } from '../finality/voteRecord.ts'
import { messageOf } from '../lib/assert.ts'
import { hexToBytes } from '../lib/bytes.ts'
import type { Logger } from '../lib/log.ts'
import { SettingsError } from './settings/settingsError.ts'
import type { OpenedChain } from './openChain.ts'
import type { Settings } from './settings/settings.ts'

/** What of finality is kept in a data directory; nothing without one. */
export interface OpenedFinality {
  readonly finalityKeeper?: FinalityKeeper
  readonly voteRecord?: VoteRecord
}

/**
 * Opens both. Rejects with a {@link SettingsError} where the record of a signer is there and cannot
 * be read.
 */
export async function openFinality(
  { signerKey }: Pick<Settings, 'signerKey'>,
  { chain, keptIn }: Pick<OpenedChain, 'chain' | 'keptIn'>,
  log: Logger,
): Promise<OpenedFinality> {
  if (keptIn === undefined) return {}
  const { genesis, chainId, checkpointInterval: interval, signers } = chain
  const domain = { genesisHash: genesis.hash, chainId, interval }
  const finalityKeeper = await openFinalityFile(keptIn, { domain, signers, log })
  if (signerKey === '') return { finalityKeeper }
  const signer = addressOfPublicKey(secp256k1.publicKey(hexToBytes(signerKey)))
  try {
    return { finalityKeeper, voteRecord: await openVoteRecord(keptIn, signer, log) }
  } catch (error) {
    throw new SettingsError(`--data-dir: the record of votes cannot be read: ${messageOf(error)}`)
  }
}
