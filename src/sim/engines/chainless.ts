/** What every node answers that is a router alone: it has no chain, no pool and no knowledge. */
import { keccak256Hash } from '../../crypto/keccak.ts'
import type { FinalityAnswer, HeadAnswer, HeardClock, PoolAnswer } from '../../instrument/port.ts'

/** The network of a simulation without a chain. */
export const NO_CHAIN = keccak256Hash(new TextEncoder().encode('grapevine simulation'))

/** The answers, wherever the node is. */
export class Chainless {
  head(): HeadAnswer {
    return { number: 0, hash: NO_CHAIN, baseFeeWei: 0n }
  }

  block(): undefined {
    return undefined
  }

  nextNonce(): bigint {
    return 0n
  }

  clockSamples(): readonly HeardClock[] {
    return []
  }

  finality(): FinalityAnswer {
    return { justified: 0, finalized: 0, evidence: 0, hasConflict: false }
  }

  gauge(): readonly number[] {
    return []
  }

  pool(): PoolAnswer {
    return { pending: 0, queued: 0 }
  }
}
