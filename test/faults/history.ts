import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { assembleBlock } from '../../src/chain/assemble.ts'
import { Chain } from '../../src/chain/chain.ts'
import { signingTurn } from '../../src/chain/rules/sealRules.ts'
import { DEVNET_MNEMONIC, mnemonicAccount } from '../../src/crypto/accounts.ts'
import { DEVNET_ACCOUNTS } from '../../src/devnet/accounts.ts'
import type { DevnetOptions } from '../../src/devnet/devnet.ts'
import { openNetworkFolder, peerFolder } from '../../src/devnet/networkFolder.ts'
import { concatBytes } from '../../src/lib/bytes.ts'
import { loadGenesis } from '../../src/node/genesisSetting.ts'
import { signTx, unsignedTx } from '../../src/tx/signTx.ts'
import { grapevine } from '../builders/program.ts'

const GWEI = 1_000_000_000n

/**
 * Gives the first peer of a devnet that has not been started yet a chain of `blocks` blocks with a
 * transfer in each.
 */
export async function importHistory(options: DevnetOptions, blocks: number): Promise<void> {
  const folder = await openNetworkFolder(options)
  const { genesisFile: genesis } = folder
  await folder.release()
  const file = join(options.dir, 'history.rlp')
  writeFileSync(file, concatBytes(...history(genesis, blocks)))
  const place = ['--data-dir', peerFolder(options.dir, 0), '--genesis', genesis]
  const { code, stderr } = await grapevine(['import', ...place, file]).finished
  if (code !== 0) throw new Error(`the history was not imported: ${stderr}`)
}

function history(genesisFile: string, blocks: number): Uint8Array[] {
  const chain = new Chain({ genesis: loadGenesis(genesisFile) })
  const sender = mnemonicAccount(DEVNET_MNEMONIC, 0)
  return Array.from({ length: blocks }, (_, index) => {
    const tx = transfer(chain.chainId, BigInt(index), sender.privateKey)
    const { block, senders } = assembleBlock(chain, chain.head, [{ tx, sender: sender.address }], {
      timestamp: 0n,
      privateKey: keyInTurn(chain),
    })
    const { status } = chain.import(block, senders)
    if (status !== 'imported') throw new Error(`block ${block.header.number} is ${status}`)
    return block.raw
  })
}

function keyInTurn(chain: Chain): Uint8Array {
  const signers = chain.signers.map((_, index) =>
    mnemonicAccount(DEVNET_MNEMONIC, DEVNET_ACCOUNTS + index),
  )
  const inTurn = signers.find(
    ({ address }) => signingTurn(chain, chain.head, address) === 'in-turn',
  )
  if (inTurn === undefined) throw new Error('nobody is in turn')
  return inTurn.privateKey
}

function transfer(chainId: bigint, nonce: bigint, privateKey: Uint8Array) {
  const unsigned = unsignedTx({
    type: 2,
    chainId,
    nonce,
    gasLimit: 21_000n,
    to: mnemonicAccount(DEVNET_MNEMONIC, 1).address,
    value: 1n,
    maxFeePerGas: 50n * GWEI,
    maxPriorityFeePerGas: GWEI,
  })
  return signTx(unsigned, privateKey)
}
