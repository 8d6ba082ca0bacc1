/** Nodes that take part in searches over the in-memory network. */
import type { Hash } from '../../src/crypto/keccak.ts'
import type { PeerId } from '../../src/gossip/network.ts'
import { EMPTY_BYTES } from '../../src/lib/bytes.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { seededRandom } from '../../src/lib/random.ts'
import type { Answers } from '../../src/search/answers.ts'
import { NO_ANSWERS } from '../../src/search/answers.ts'
import type { OwnKnowledge } from '../../src/search/ownAnswers.ts'
import { Search } from '../../src/search/search.ts'
import type { Question } from '../../src/search/question.ts'
import { queryStatement, SEARCH_DOMAIN } from '../../src/search/searchQuery.ts'
import type { PeerClock } from '../../src/search/peerClock.ts'
import { encodeSearchMessage } from '../../src/search/searchMessages.ts'
import { testGenesis } from './chain.ts'
import type { MemoryHub, MemoryNetwork } from './network.ts'
import { puppet, type Puppet } from './syncNode.ts'

const GENESIS = testGenesis()
const NETWORK_ID = GENESIS.hash.slice(2, 10)

/** A node that takes part. */
export interface Searcher extends Puppet {
  readonly search: Search
}

/** What a node knows, unless it is told otherwise: nothing. */
export const KNOWS_NOTHING: OwnKnowledge = {
  has: () => false,
  seenMs: () => undefined,
  observe: () => [],
  recent: () => [],
  prepare: async () => {},
}

/** How the nodes of a network differ from the plainest. */
export interface SearcherOptions {
  readonly knowledge?: Partial<OwnKnowledge>
  readonly clockOf?: (peer: PeerId) => PeerClock | undefined
  readonly clockTag?: Uint8Array
  readonly seed?: number
  /** Live members, itself included; all that were made unless told. */
  readonly members?: () => readonly PeerId[]
}

/** A started node without links. */
export async function searcher(hub: MemoryHub, options: SearcherOptions): Promise<Searcher> {
  const { knowledge, clockOf = () => undefined, clockTag = EMPTY_BYTES, seed = 1 } = options
  const one = puppet(hub)
  const members = options.members ?? (() => [one.id])
  const search = new Search({
    network: one.network,
    requests: one.requests,
    genesisHash: GENESIS.hash,
    clock: hub.clock,
    random: seededRandom(seed),
    log: silentLogger,
    knowledge: { ...KNOWS_NOTHING, ...knowledge },
    members: {
      isLive: (peer) => members().includes(peer),
      live: members,
      get liveCount() {
        return members().length
      },
    },
    clockOf,
    clockTag,
  })
  await search.start()
  return { ...one, search }
}

/**
 * `count` nodes in a circle, each linked to three others on either side, who all know each other.
 */
export async function searchers(
  hub: MemoryHub,
  count: number,
  optionsOf: (index: number) => SearcherOptions,
): Promise<readonly [Searcher, ...Searcher[]]> {
  const all: Searcher[] = []
  const members = (): PeerId[] => all.map(({ id }) => id)
  for (let index = 0; index < count; index++)
    all.push(await searcher(hub, { seed: index + 1, members, ...optionsOf(index) }))
  for (const [at, a] of all.entries())
    for (const step of [1, 2, 3]) {
      const b = all[(at + step) % count]
      if (b !== undefined && b !== a) hub.link(a.network, b.network)
    }
  return all as [Searcher, ...Searcher[]]
}

/** A message that tells one query, signed by `asker`. */
export async function tellingQuery(
  asker: Pick<MemoryNetwork, 'envelopes'>,
  question: Question,
  facts: { readonly number: number; readonly rounds?: number; readonly round?: number },
  answers: Answers = NO_ANSWERS,
): Promise<Uint8Array> {
  const { number, rounds = 20, round = 0 } = facts
  const statement = queryStatement(NETWORK_ID, { number, rounds, question })
  const envelope = await asker.envelopes.seal(SEARCH_DOMAIN, statement)
  return encodeSearchMessage({ clock: EMPTY_BYTES, told: [{ envelope, round, answers }] })
}

/** Some hash. */
export function hashOfByte(byte: number): Hash {
  return `0x${byte.toString(16).padStart(2, '0').repeat(32)}` as Hash
}
