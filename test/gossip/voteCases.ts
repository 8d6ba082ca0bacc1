/** One message for every reason for which the topic of votes refuses. */
import { MAX_VOTE_BYTES, VOTE_CHECK_RATE } from '../../src/finality/limits.ts'
import { signVote } from '../../src/finality/vote.ts'
import type { Checkpoint } from '../../src/chain/checkpoint.ts'
import { bigintToBytes, hexToBytes } from '../../src/lib/bytes.ts'
import { encodeRlp } from '../../src/lib/rlp.ts'
import { testChain } from '../builders/chain.ts'
import type { GossipNode } from '../builders/gossipNode.ts'
import { account } from '../builders/keys.ts'
import { domainOf, noBlock, voteOf } from '../builders/votes.ts'
import type { Case } from './txCases.ts'

const chain = testChain()
const genesis: Checkpoint = { number: 0n, hash: chain.genesis.hash }

function at(number: bigint, index = 0): Checkpoint {
  return { number, hash: noBlock(index) }
}

function vote(target: Checkpoint, source = genesis): Uint8Array {
  return voteOf(chain, 0, { source, target }).raw
}

const fourSigners = testChain({ signers: 4 })

/** By one of four signers. */
function four(target: Checkpoint): Uint8Array {
  const source = { number: 0n, hash: fourSigners.genesis.hash }
  return voteOf(fourSigners, 0, { source, target }).raw
}

/** A vote in form whose signature has this r. */
function signedWith(r: bigint): Uint8Array {
  const seal = new Uint8Array(65)
  seal[31] = Number(r)
  seal[63] = 1
  return encodeRlp([
    bigintToBytes(0n),
    hexToBytes(genesis.hash),
    bigintToBytes(4n),
    hexToBytes(noBlock()),
    seal,
  ])
}

/** No point of the curve has the x 5. */
const NO_POINT = 5n

async function takeIn(node: GossipNode, ...votes: readonly Uint8Array[]): Promise<void> {
  for (const one of votes) await node.relay.judgeFetched('vote', one, 'stranger')
}

export const VOTE_CASES: Readonly<Record<string, () => Case>> = {
  oversized: () => ({ data: new Uint8Array(MAX_VOTE_BYTES + 1) }),
  known: () => {
    const data = vote(at(4n))
    return { data, prepare: (node) => takeIn(node, data) }
  },
  'malformed-vote': () => ({ data: encodeRlp([bigintToBytes(4n)]) }),
  'no-signers': () => ({
    data: vote(at(4n)),
    options: { chain: testChain({ ledger: 'none', file: withoutClique }) },
  }),
  'not-a-checkpoint': () => ({ data: vote(at(5n)) }),
  'old-vote': () => ({
    data: vote(at(4n)),
    options: { settled: { justified: at(400n), finalized: at(400n) } },
  }),
  'vote-too-far-ahead': () => ({ data: vote(at(4_000n)) }),
  'too-many-votes': () => ({
    data: vote(at(4n)),
    prepare: async (node) => {
      for (let sent = 0; sent < VOTE_CHECK_RATE.burst; sent++) {
        const stranger = signVote(domainOf(chain), { source: genesis, target: at(4n, sent) }, KEY)
        void node.receive('vote', stranger.raw)
      }
    },
  }),
  'bad-signature': () => ({ data: signedWith(NO_POINT) }),
  'not-a-signer': () => ({
    data: signVote(domainOf(chain), { source: genesis, target: at(4n) }, KEY).raw,
  }),
  'enough-votes': () => ({
    data: four(at(4n, 2)),
    options: { chain: testChain({ signers: 4 }) },
    prepare: (node) => takeIn(node, four(at(4n, 0)), four(at(4n, 1))),
  }),
  'internal-error': () => ({
    data: vote(at(4n)),
    prepare: ({ finality }) => {
      finality.add = () => {
        throw new Error('a fault of this node')
      }
    },
  }),
}

const KEY = account(77).privateKey

function withoutClique<File extends { readonly config: object }>(file: File): unknown {
  return { ...file, config: { ...file.config, clique: undefined } }
}
