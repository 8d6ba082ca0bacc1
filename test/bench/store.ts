import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Block } from '../../src/block/block.ts'
import { assembleBlock } from '../../src/chain/assemble.ts'
import { Chain } from '../../src/chain/chain.ts'
import { inlineVerifier } from '../../src/crypto/verifier.ts'
import type { PeerId } from '../../src/gossip/network.ts'
import { topicNames } from '../../src/gossip/topicNames.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { systemRandom } from '../../src/lib/random.ts'
import { createNode } from '../../src/node/node.ts'
import { openChain } from '../../src/node/openChain.ts'
import { openJournal } from '../../src/node/openJournal.ts'
import { Senders } from '../../src/tx/senders.ts'
import type { Tx } from '../../src/tx/tx.ts'
import { MemoryHub } from '../builders/network.ts'
import { testSettings } from '../builders/syncNode.ts'
import { pairedFigure, type Benchmark } from './benchmark.ts'
import { measurePair, type Side } from './pair.ts'
import { accounts, genesisFor, sealer, transfer } from './transfers.ts'

const SENDERS = 250
const BLOCKS_PER_TURN = 12
/**
 * Transactions in work at a time, as with a load that does not wait for each answer: at 9,000 a second and an answer
 * after 14 ms there are so many.
 */
const AT_ONCE = 125
const FROM = 'neighbour' as PeerId

/** How a transaction comes in: as a peer's message, or as a submission of a user's, which the journal keeps. */
type Road = 'gossip' | 'submission'

/**
 * Whole nodes without sockets, recovery on the same thread: a block's worth of transactions one by one, then the block
 * that has them, with the roots checked and the pool moved on. CPU time with all threads, those of the store included.
 */
export const store: Benchmark = {
  name: 'store',
  sentence: 'transactions judged, pooled and included, with a data directory against without',
  run: async ({ quick }) => [
    await figureFor('gossip', 'relayed transactions', quick),
    await figureFor('submission', 'submitted transactions', quick),
  ],
}

async function figureFor(road: Road, name: string, quick: boolean) {
  const dir = mkdtempSync(join(tmpdir(), 'grapevine-bench-'))
  const kept = await nodeSide(dir, road)
  const forgetful = await nodeSide('', road)
  try {
    const pair = await measurePair(kept.side, forgetful.side, quick ? 3 : 11)
    const goal = { bound: 'at least', value: 0.95 } as const
    return pairedFigure(name, pair, 'in memory', { goal })
  } finally {
    await kept.stop()
    await forgetful.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}

interface NodeSide {
  readonly side: Side
  readonly stop: () => Promise<void>
}

async function nodeSide(dataDir: string, road: Road): Promise<NodeSide> {
  const parts = { clock: systemClock, random: systemRandom, log: silentLogger }
  const genesis = genesisFor(SENDERS)
  const opened = await openChain({ ...parts, genesis, ledger: 'transfers', dataDir })
  const journal =
    dataDir === '' ? undefined : await openJournal({ ...parts, dataDir, sync: 'interval' })
  const verifier = inlineVerifier()
  const senders = new Senders(verifier)
  const network = new MemoryHub().join('self')
  const settings = testSettings()
  const { chain } = opened
  const node = createNode({
    ...parts,
    settings,
    genesis,
    chain,
    senders,
    journal,
    network,
    verifier,
  })
  await node.start()
  const source = blockSource()
  const topics = topicNames(genesis.hash)
  let blocks: readonly Block[] = []
  const take = async (block: Block): Promise<void> => {
    const takeOne = ({ raw }: Tx): Promise<unknown> =>
      road === 'gossip' ? network.receive(topics.tx, raw, FROM) : node.submit(raw)
    for (let at = 0; at < block.transactions.length; at += AT_ONCE)
      await Promise.all(block.transactions.slice(at, at + AT_ONCE).map(takeOne))
    const known = block.transactions.map(({ hash }) => senders.known(hash))
    const outcome = chain.import(
      block,
      known.filter((address) => address !== undefined),
    )
    if (outcome.status !== 'imported') throw new Error(`the chain answered ${outcome.status}`)
  }
  return {
    side: {
      prepare: () => {
        blocks = Array.from({ length: BLOCKS_PER_TURN }, source)
      },
      turn: async () => {
        for (const block of blocks) await take(block)
        await opened.flushed()
        return blocks.length * SENDERS
      },
    },
    stop: async () => {
      node.stop()
      await journal?.journal.close()
      await opened.close()
    },
  }
}

/** Blocks one after another, each with the next transfer of every account. */
function blockSource(): () => Block {
  const senders = accounts(SENDERS)
  const chain = new Chain({ genesis: genesisFor(SENDERS) })
  const { privateKey } = sealer()
  let nonce = 0
  return () => {
    const candidates = senders.map((sender) => ({
      tx: transfer(sender, nonce),
      sender: sender.address,
    }))
    nonce++
    const { block, senders: signers } = assembleBlock(chain, chain.head, candidates, {
      timestamp: 1n,
      privateKey,
    })
    chain.import(block, signers)
    return block
  }
}
