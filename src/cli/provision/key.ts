/** `grapevine key`: the key of a peer, or of an account, made and shown. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { mnemonicAccount, newMnemonic } from '../../crypto/accounts.ts'
import { checksumAddress } from '../../crypto/address.ts'
import { bytesToHex } from '../../lib/bytes.ts'
import { UserError } from '../../lib/userError.ts'
import { PEER_KEY_FILE, peerIdIn } from '../../p2p/peers/peerKey.ts'
import { refuseFlags } from '../options/applies.ts'
import { writeJson, writeText } from '../terminal/output.ts'

interface KeyFlags {
  readonly dataDir?: string
  readonly account?: boolean
  readonly json?: boolean
}

/** The command `key`. */
export function keyCommand(): Command {
  return new Command('key')
    .description('make the key of a peer in its data directory, or show the one that is there')
    .option('--data-dir <dir>', 'data directory of the peer')
    .option('--account', 'make a new Ethereum account instead, for a signer; it is only shown')
    .option('--json', 'write one line of JSON')
    .action(makeKey)
}

async function makeKey({ dataDir, account, json }: KeyFlags, command: Command): Promise<void> {
  if (account) {
    refuseFlags(command, ['dataDir'], 'an account is kept nowhere; leave it out')
    return showAccount(json)
  }
  if (!dataDir) throw new UserError('--data-dir: say where the key is kept')
  const file = join(dataDir, PEER_KEY_FILE)
  const isNew = !existsSync(file)
  const peerId = await peerIdIn(dataDir)
  if (json) writeJson({ peerId, file, isNew })
  else writeText(`peer id  ${peerId}\nkey      ${file}${isNew ? '' : ' (was there)'}\n`)
}

function showAccount(json: boolean | undefined): void {
  const mnemonic = newMnemonic()
  const { address, privateKey } = mnemonicAccount(mnemonic, 0)
  const shown = { address: checksumAddress(address), privateKey: bytesToHex(privateKey), mnemonic }
  if (json) writeJson(shown)
  else
    writeText(
      `address      ${shown.address}\nprivate key  ${shown.privateKey}\nmnemonic     ${mnemonic}\n`,
    )
}
