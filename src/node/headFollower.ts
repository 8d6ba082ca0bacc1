/** What follows from a new head: the pool moves to it. */
import type { Block } from '../block/block.ts'
import type { Chain } from '../chain/chain.ts'
import type { HeadChange } from '../chain/importOutcome.ts'
import type { Unsubscribe } from '../lib/emitter.ts'
import type { ReturnedTx } from '../mempool/headChange.ts'
import type { Mempool } from '../mempool/mempool.ts'
import type { Senders } from '../tx/senders.ts'
import { recoverSender } from '../tx/signature.ts'

/** What follows the head. */
export interface HeadFollowerParts {
  readonly chain: Chain
  readonly mempool: Mempool
  readonly senders: Senders
}

/** Keeps the pool in step with the chain until the answer is called. */
export function followHeads(parts: HeadFollowerParts): Unsubscribe {
  return parts.chain.heads.on((change) => follow(parts, change))
}

function follow(parts: HeadFollowerParts, change: HeadChange): void {
  parts.mempool.reset({
    state: parts.chain.state,
    baseFee: parts.chain.nextBaseFee() ?? 0n,
    included: change.added,
    returned: change.dropped.flatMap((block) => returnedOf(parts.senders, block)),
  })
}

/**
 * Senders were recovered when the block came in; one that is forgotten by now is recovered again.
 */
function returnedOf(senders: Senders, block: Block): ReturnedTx[] {
  return block.transactions.flatMap((tx) => {
    const sender = senders.known(tx.hash) ?? recoverSender(tx)
    return sender === undefined ? [] : [{ tx, sender }]
  })
}
