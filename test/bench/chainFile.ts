/** A chain of full blocks in a file, as `grapevine import` reads it, with its genesis beside it. */
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { assembleBlock } from '../../src/chain/assemble.ts'
import { Chain } from '../../src/chain/chain.ts'
import { accounts, genesisFor, genesisJsonFor, sealer, transfer } from './transfers.ts'

export interface ChainFile {
  readonly blocks: number
  readonly txsPerBlock: number
  readonly blockFile: string
  readonly genesisFile: string
}

/** `blocks` blocks of a transfer of each of `txsPerBlock` accounts. */
export function writeChain(dir: string, blocks: number, txsPerBlock: number): ChainFile {
  const senders = accounts(txsPerBlock)
  const chain = new Chain({ genesis: genesisFor(txsPerBlock) })
  const { privateKey } = sealer()
  const genesisFile = join(dir, 'genesis.json')
  const blockFile = join(dir, 'chain.rlp')
  writeFileSync(genesisFile, JSON.stringify(genesisJsonFor(txsPerBlock)))
  const file = openSync(blockFile, 'w')
  for (let nonce = 0; nonce < blocks; nonce++) {
    const candidates = senders.map((sender) => ({
      tx: transfer(sender, nonce),
      sender: sender.address,
    }))
    const made = assembleBlock(chain, chain.head, candidates, { timestamp: 1n, privateKey })
    if (made.block.transactions.length !== txsPerBlock) throw new Error('a block is not full')
    const { status } = chain.import(made.block, made.senders)
    if (status !== 'imported') throw new Error(`the chain answered ${status}`)
    writeSync(file, made.block.raw)
  }
  closeSync(file)
  return { blocks, txsPerBlock, blockFile, genesisFile }
}
