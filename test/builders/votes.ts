/** Votes of the signers of the builders' chains. */
import type { Chain } from '../../src/chain/chain.ts'
import type { Checkpoint } from '../../src/chain/checkpoint.ts'
import type { Hash } from '../../src/crypto/keccak.ts'
import { signVote, type VoteLink, type Vote, type VoteDomain } from '../../src/finality/vote.ts'
import { testSigners } from './chain.ts'
import type { TestAccount } from './keys.ts'

export function domainOf(chain: Chain): VoteDomain {
  const { genesis, chainId, checkpointInterval: interval } = chain
  return { genesisHash: genesis.hash, chainId, interval }
}

/** A checkpoint of the canonical chain; throws where there is none. */
export function checkpointAt(chain: Chain, number: number): Checkpoint {
  const block = chain.blockByNumber(BigInt(number))
  if (block === undefined) throw new Error(`the chain has no block ${number}`)
  return { number: BigInt(number), hash: block.hash }
}

export function linkOf(chain: Chain, source: number, target: number): VoteLink {
  return { source: checkpointAt(chain, source), target: checkpointAt(chain, target) }
}

/** A hash of no block. */
export function noBlock(index = 0): Hash {
  return `0x${(index + 1).toString(16).padStart(64, '0')}` as Hash
}

/** The vote of signer `index`, in the order of turns. */
export function voteOf(chain: Chain, index: number, link: VoteLink): Vote {
  return signVote(domainOf(chain), link, signerAt(chain, index).privateKey)
}

export function signerAt(chain: Chain, index: number): TestAccount {
  const signer = testSigners(chain.signers.length)[index]
  if (signer === undefined) throw new Error(`there is no signer ${index}`)
  return signer
}
