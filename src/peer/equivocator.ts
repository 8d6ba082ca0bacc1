/** A signer that votes against itself: what finality has to stand, for rehearsals alone. */
import type { Block } from '../block/block.ts'
import type { Chain } from '../chain/chain.ts'
import type { Checkpoint } from '../chain/checkpoint.ts'
import { keccak256Hash } from '../crypto/keccak.ts'
import type { Finality } from '../finality/finality.ts'
import { signVote } from '../finality/vote.ts'
import { hexToBytes } from '../lib/bytes.ts'
import type { Cancel } from '../lib/clock.ts'
import type { Node } from '../node/node.ts'

/** What it takes to vote against oneself. */
interface EquivocatorOptions {
  readonly chain: Pick<Chain, 'entered'>
  readonly finality: Pick<Finality, 'domain' | 'interval' | 'settled'>
  readonly privateKey: Uint8Array
  readonly publish: (vote: Uint8Array) => void
}

/**
 * For every block at the height of a checkpoint, on whatever branch, it votes for that block and
 * for one that nobody has. Beside that it goes on voting like an honest signer. The answer ends it.
 */
function equivocate({ chain, finality, privateKey, publish }: EquivocatorOptions): Cancel {
  const vote = (target: Checkpoint): void => {
    const source = finality.settled.justified
    if (source.number < target.number)
      publish(signVote(finality.domain, { source, target }, privateKey).raw)
  }
  return chain.entered.on(({ hash, header }: Block) => {
    const { number } = header
    if (number % finality.interval !== 0n) return
    vote({ number, hash })
    vote({ number, hash: keccak256Hash(hexToBytes(hash)) })
  })
}

/** Makes a running node vote against itself; nothing where it is no signer. */
export function equivocateAs({ parts, chain, finality, relay }: Node): Cancel {
  const { signerKey } = parts.settings
  if (signerKey === '') return () => {}
  return equivocate({
    chain,
    finality,
    privateKey: hexToBytes(signerKey),
    publish: (vote) => void relay.publish('vote', vote),
  })
}
