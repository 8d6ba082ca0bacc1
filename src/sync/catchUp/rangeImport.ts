import type { Block } from '../../block/block.ts'
import type { Chain } from '../../chain/chain.ts'
import type { ImportRefusalReason } from '../../chain/importOutcome.ts'
import type { Address } from '../../crypto/address.ts'
import { during } from '../../lib/eventLoop.ts'
import type { Mempool } from '../../mempool/mempool.ts'
import type { Senders } from '../../tx/senders.ts'
import type { Tx } from '../../tx/tx.ts'
import { ProtocolViolation } from '../protocol.ts'

/** Who may know the sender of a transaction, and who finds it out. */
export interface SenderParts {
  readonly senders: Pick<Senders, 'known' | 'recover'>
  readonly mempool: Pick<Mempool, 'get'>
}

/** What a block of a range is judged and imported with. */
export interface RangeImportParts extends SenderParts {
  readonly chain: Pick<Chain, 'import'>
}

/** Refusals that are due to us and our bounds; every other one is due to the block. */
const OWN_REASONS: readonly ImportRefusalReason[] = [
  'too-deep',
  'too-many-side-blocks',
  'conflicts-with-finalized',
]

/**
 * Recovers the senders of a block that came in a range, ahead of those of transactions, and imports
 * it. Throws a {@link ProtocolViolation} where the block is bad: the peer has it in its chain, so
 * it did not look. Throws an Error where we could not judge it.
 */
export async function importOfRange(parts: RangeImportParts, block: Block): Promise<void> {
  const senders = await sendersOf(parts, block)
  const outcome = during('importing a block of a range', () => parts.chain.import(block, senders))
  if (outcome.status === 'imported' || outcome.status === 'known') return
  const reason = outcome.status === 'refused' ? outcome.reason : 'its parent is not known any more'
  const message = `block ${block.hash} is not taken: ${reason}`
  const isOurs = outcome.status === 'orphan' || OWN_REASONS.includes(outcome.reason)
  throw isOurs ? new Error(message) : new ProtocolViolation(message)
}

/**
 * Who signed each transaction; throws a {@link ProtocolViolation} where one is signed by nobody.
 */
export function sendersOf(parts: SenderParts, block: Block): Promise<readonly Address[]> {
  return Promise.all(block.transactions.map((tx) => senderOf(parts, tx)))
}

async function senderOf({ senders, mempool }: SenderParts, tx: Tx): Promise<Address> {
  const known = senders.known(tx.hash) ?? mempool.get(tx.hash)?.sender
  if (known !== undefined) return known
  const recovered = await senders.recover(tx, 'block')
  if ('address' in recovered) return recovered.address
  const message = `the sender of transaction ${tx.hash} is not known: ${recovered.failure}`
  throw recovered.failure === 'bad-signature' ? new ProtocolViolation(message) : new Error(message)
}
