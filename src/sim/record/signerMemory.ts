/**
 * The disks of simulated signers: what a signer voted for outlives its node, as on a machine with a
 * data directory.
 */
import type { VoteMemory, VoteRecord } from '../../finality/voteRecord.ts'

/** A record for each node by its index. */
export class SignerMemory {
  readonly #byNode = new Map<number, VoteMemory>()

  record(node: number): VoteRecord {
    return {
      found: this.#byNode.get(node),
      write: async (memory) => {
        this.#byNode.set(node, memory)
      },
    }
  }
}
