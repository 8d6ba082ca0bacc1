import { decodeBlock } from '../../src/block/block.ts'
import { isBlockDefect } from '../../src/block/defect.ts'
import { orderedTrieRoot } from '../../src/block/orderedTrie.ts'
import { assembleBlock } from '../../src/chain/assemble.ts'
import { Chain } from '../../src/chain/chain.ts'
import { amount, type Benchmark, type Figure } from './benchmark.ts'
import { measureAlone, type Side } from './pair.ts'
import { accounts, genesisFor, sealer, transfers } from './transfers.ts'

const TRANSFERS = 640

/**
 * What a block of 640 transfers costs once its senders are known, as they mostly are from gossip.
 */
export const blocks: Benchmark = {
  name: 'blocks',
  sentence: `a block of ${TRANSFERS} transfers: decoding, transactions root, sealing, import`,
  run: async (effort) => {
    const turns = amount(effort, { usual: 11, quick: 5 })
    const figures: Figure[] = []
    for (const [name, side] of Object.entries(sides()))
      figures.push({ name, unit: '1/s', measured: await measureAlone(side, turns) })
    return figures
  },
}

function sides(): Readonly<Record<string, Side>> {
  const senders = accounts(TRANSFERS)
  const genesis = genesisFor(TRANSFERS)
  const txs = transfers(senders, [0, 1])
  const candidates = txs.map((tx, index) => {
    const { address } = senders[index] ?? sealer()
    return { tx, sender: address }
  })
  const assemble = () => {
    const chain = new Chain({ genesis })
    const { privateKey } = sealer()
    return assembleBlock(chain, chain.head, candidates, { timestamp: 1n, privateKey })
  }
  const { block, senders: blockSenders } = assemble()
  if (block.transactions.length !== TRANSFERS) throw new Error('the block is not full')
  return {
    'decode, with every hash': once(() => {
      if (isBlockDefect(decodeBlock(block.raw))) throw new Error('the block does not decode')
    }),
    'transactions root': once(() => orderedTrieRoot(txs.map(({ raw }) => raw))),
    'execute and seal': once(assemble),
    'check, execute, import': once(() => {
      const { status } = new Chain({ genesis }).import(block, blockSenders)
      if (status !== 'imported') throw new Error(`the chain answered ${status}`)
    }),
  }
}

function once(work: () => unknown): Side {
  return {
    turn: () => {
      work()
      return 1
    },
  }
}
