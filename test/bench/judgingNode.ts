/**
 * The judging half of a node, as the node itself puts it together: chain, pool, senders, both
 * topics, relay.
 */
import { Finality } from '../../src/finality/finality.ts'
import { VoteTopic } from '../../src/gossip/topics/voteTopic.ts'
import { Chain } from '../../src/chain/chain.ts'
import type { Genesis } from '../../src/chain/genesis/genesis.ts'
import type { Verifier } from '../../src/crypto/verifier.ts'
import { BlockImport } from '../../src/gossip/topics/blockImport.ts'
import { BlockTopic } from '../../src/gossip/topics/blockTopic.ts'
import type { Topic } from '../../src/gossip/topics/topic.ts'
import { ignore } from '../../src/gossip/rules/verdict.ts'
import { Relay, type RelayOptions } from '../../src/gossip/relay.ts'
import { TxTopic } from '../../src/gossip/topics/txTopic.ts'
import { ITEM_KINDS } from '../../src/item/itemKinds.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { Mempool } from '../../src/mempool/mempool.ts'
import type { Trace } from '../../src/trace/trace.ts'
import { Senders } from '../../src/tx/senders.ts'

export interface JudgingNodeOptions {
  readonly genesis: Genesis
  readonly network: RelayOptions['network']
  readonly verifier: Verifier
  readonly trace: Trace
}

/**
 * More room than the default of 5,120 slots, so that a run never meets a full pool: what is
 * measured is relaying, and nothing seals blocks meanwhile.
 */
const ROOM = { pendingSlots: 200_000, senderPendingSlots: 1_000 }

/** Nobody speaks of members in a benchmark. */
const refusingTopic: Topic<'member'> = {
  kind: 'member',
  isOffered: false,
  judge: ({ digest }) => ({ verdict: ignore('member-stale'), hash: digest, queuedMs: 0 }),
}

/** A node that judges what `network` hands it. */
export function startJudgingNode({ genesis, network, verifier, trace }: JudgingNodeOptions): Relay {
  const clock = systemClock
  const log = silentLogger
  const chain = new Chain({ genesis })
  const baseFee = chain.nextBaseFee() ?? 0n
  const mempool = new Mempool({ clock, state: chain.state, baseFee, limits: ROOM })
  const senders = new Senders(verifier)
  const imports = new BlockImport({ chain, trace, clock, log })
  const judged = { chain, mempool, senders, clock }
  const relay = new Relay({
    network,
    genesisHash: genesis.hash,
    kinds: ITEM_KINDS,
    topics: {
      tx: new TxTopic({ ...judged, allowUnprotected: false, isSyncing: () => false }),
      block: new BlockTopic({ ...judged, imports, trace }),
      member: refusingTopic,
      vote: new VoteTopic({ finality: new Finality({ chain, clock, log }), clock }),
    },
    hold: { keep: () => Promise.resolve('gone') },
    mempool,
    chain,
    trace,
    clock,
    log,
  })
  relay.start()
  return relay
}
