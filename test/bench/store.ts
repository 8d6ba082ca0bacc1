import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Block } from '../../src/block/block.ts'
import { assembleBlock } from '../../src/chain/assemble.ts'
import { Chain } from '../../src/chain/chain.ts'
import { inlineVerifier } from '../../src/crypto/verifier.ts'
import type { PeerId } from '../../src/gossip/network.ts'
import { topicNames } from '../../src/gossip/topics/topicNames.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { systemRandom } from '../../src/lib/random.ts'
import { createNode } from '../../src/node/node.ts'
import { openChain } from '../../src/node/openChain.ts'
import { openJournal } from '../../src/node/openJournal.ts'
import { Timelines } from '../../src/trace/timelines.ts'
import { Senders } from '../../src/tx/senders.ts'
import type { Tx } from '../../src/tx/tx.ts'
import { MemoryHub } from '../builders/network.ts'
import { testSettings } from '../builders/syncNode.ts'
import { amount, pairedFigure, type Benchmark } from './benchmark.ts'
import { measureBothWays, type Side } from './pair.ts'
import { accounts, genesisFor, sealer, transfer } from './transfers.ts'

const SENDERS = 250
const BLOCKS_PER_TURN = 12
/** Transactions that one turn of the event loop brings. */
const AT_ONCE = 25
const FROM = 'neighbour' as PeerId

/**
 * How a transaction comes in: as a peer's message, or as a submission of a user's, which the
 * journal keeps.
 */
type Route = 'gossip' | 'submission'

/**
 * Whole nodes without sockets, recovery on the same thread: a block's worth of transactions, while
 * the answers to the block's before are still on their way, then that block, with the roots checked
 * and the pool moved on. Transactions a second are what a user gets on this machine; by the CPU
 * time of all threads, those of the store included, it is told too.
 */
export const store: Benchmark = {
  name: 'store',
  sentence: 'transactions judged, pooled and included, with a data directory against without',
  run: async (effort) => {
    const turns = amount(effort, { usual: 41, quick: 3 })
    return [
      ...(await figuresFor('gossip', 'relayed transactions', turns)),
      ...(await figuresFor('submission', 'submitted transactions', turns)),
    ]
  },
}

async function figuresFor(route: Route, name: string, turns: number) {
  const dir = mkdtempSync(join(tmpdir(), 'grapevine-bench-'))
  const kept = await nodeSide(dir, route)
  const forgetful = await nodeSide('', route)
  try {
    const { byWall, byCpu } = await measureBothWays(kept.side, forgetful.side, turns)
    const goal = { bound: 'at least', value: 0.95 } as const
    return [
      pairedFigure(name, byWall, 'in memory', { goal }),
      pairedFigure(`${name}, by CPU time`, byCpu, 'in memory'),
    ]
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

async function nodeSide(dataDir: string, route: Route): Promise<NodeSide> {
  const started = await startNode(dataDir)
  const nextBlock = blockSource()
  let blocks: readonly Block[] = []
  return {
    side: {
      prepare: () => {
        blocks = Array.from({ length: BLOCKS_PER_TURN }, nextBlock)
      },
      turn: async () => {
        await takeInTurn(started, route, blocks)
        await started.opened.flushed()
        return blocks.length * SENDERS
      },
    },
    stop: async () => {
      started.node.stop()
      await started.journal?.journal.close()
      await started.opened.close()
    },
  }
}

type StartedNode = Awaited<ReturnType<typeof startNode>>

async function startNode(dataDir: string) {
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
    trace: new Timelines(),
  })
  await node.start()
  const txTopic = topicNames(genesis.hash).tx
  return { opened, journal, senders, network, chain, node, txTopic }
}

/** A block is included when the transactions of the next one are in work, and its own answered. */
async function takeInTurn(
  started: StartedNode,
  route: Route,
  blocks: readonly Block[],
): Promise<void> {
  let finishLast = (): unknown => undefined
  for (const block of blocks) {
    const answers = await takeTxs(started, route, block)
    await finishLast()
    finishLast = async () => {
      await Promise.all(answers)
      include(started, block)
    }
  }
  await finishLast()
}

async function takeTxs(
  { network, node, txTopic }: StartedNode,
  route: Route,
  { transactions }: Block,
): Promise<Promise<unknown>[]> {
  const takeOne = ({ raw }: Tx): Promise<unknown> =>
    route === 'gossip' ? network.receive(txTopic, raw, FROM) : node.submit(raw)
  const answers: Promise<unknown>[] = []
  for (let at = 0; at < transactions.length; at += AT_ONCE) {
    answers.push(...transactions.slice(at, at + AT_ONCE).map(takeOne))
    await setImmediate()
  }
  return answers
}

function include({ chain, senders }: StartedNode, block: Block): void {
  const known = block.transactions.map(({ hash }) => senders.known(hash))
  const outcome = chain.import(
    block,
    known.filter((address) => address !== undefined),
  )
  if (outcome.status !== 'imported') throw new Error(`the chain answered ${outcome.status}`)
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
