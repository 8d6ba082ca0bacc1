/** What a node knows that others can look for. */
import type { Chain } from '../chain/chain.ts'
import type { Genesis } from '../chain/genesis/genesis.ts'
import { keccak256 } from '../crypto/keccak.ts'
import type { Network } from '../gossip/network.ts'
import { EMPTY_BYTES } from '../lib/bytes.ts'
import { offsetAt } from '../measure/clocks/clockSamples.ts'
import type { Membership } from '../membership/membership.ts'
import { isLive } from '../membership/member.ts'
import type { Mempool } from '../mempool/mempool.ts'
import { ORIGIN_WINDOW_MS, SETTLING_MS } from '../search/limits.ts'
import type { OwnKnowledge } from '../search/ownAnswers.ts'
import { Search, type SearchParts } from '../search/search.ts'
import type { Sync } from '../sync/sync.ts'
import type { Arrivals } from '../trace/arrivals.ts'

/** The parts of a node that its search reads. */
export interface SearchedParts {
  readonly arrivals: Arrivals
  /** What this node observes of a gauge now. */
  readonly observe: OwnKnowledge['observe']
  readonly prepare: OwnKnowledge['prepare']
  readonly chain: Chain
  readonly mempool: Mempool
  readonly members: Membership
  readonly sync: Sync
}

/** The world of a node, as far as its search needs it. */
export interface SearchWorld extends Pick<SearchParts, 'clock' | 'random' | 'log'> {
  readonly network: Network
  readonly genesis: Pick<Genesis, 'hash'>
  readonly clockId?: string
}

/** The search of a node. */
export function searchOf(parts: SearchWorld, searched: SearchedParts): Search {
  const { members, sync } = searched
  const { clock, clockId, genesis } = parts
  return new Search({
    ...parts,
    requests: sync.requests,
    genesisHash: genesis.hash,
    knowledge: knowledgeOf(searched),
    members: {
      isLive: (peer) => isLive(members.get(peer) ?? { state: 'dead' }),
      live: () => members.live().map(({ peer }) => peer),
      get liveCount() {
        return members.liveCount
      },
    },
    clockOf: (peer) => {
      const { clockSamples = [] } = sync.book.get(peer) ?? {}
      return offsetAt(clockSamples, clock.monotonicMs())
    },
    clockTag: clockTagOf(clockId),
  })
}

function knowledgeOf(searched: SearchedParts): OwnKnowledge {
  const { arrivals, chain, mempool, observe, prepare } = searched
  return {
    has: (hash) => mempool.has(hash) || chain.has(hash) || chain.location(hash) !== undefined,
    seenMs: (hash) => arrivals.get(hash)?.receivedMs,
    observe,
    prepare,
    *recent(item, nowMs) {
      const fromMs = nowMs - ORIGIN_WINDOW_MS
      for (const [hash, { receivedMs }] of arrivals.between(item, fromMs, nowMs - SETTLING_MS))
        yield [hash, receivedMs]
    },
  }
}

const CLOCK_TAG_BYTES = 8

/** Tells clocks apart without telling which host it is. */
function clockTagOf(clockId: string | undefined): Uint8Array {
  if (clockId === undefined) return EMPTY_BYTES
  return keccak256(new TextEncoder().encode(clockId)).slice(0, CLOCK_TAG_BYTES)
}
