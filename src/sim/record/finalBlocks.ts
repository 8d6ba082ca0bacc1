/**
 * What the whole nodes of a simulation hold final, and whether it goes together: the checker of
 * finality.
 */
import type { Checkpoint } from '../../chain/checkpoint.ts'
import type { Hash } from '../../crypto/keccak.ts'
import type { Finality } from '../../finality/finality.ts'
import { percentile } from '../../measure/percentile.ts'
import type { Report } from '../../measure/report.ts'

type FinalityFigures = NonNullable<Report['finality']>

/** The canonical block of a number, on the chain of one node. */
type HashAt = (number: bigint) => Hash | undefined

/** Every block that some node held final at some time. */
export class FinalBlocks {
  readonly #hashes = new Map<bigint, Hash>()
  #highest = 0n
  readonly #conflicts: string[] = []

  /** A node holds `finalized` final, and with it its whole chain below. */
  note(node: number, finalized: Checkpoint, hashAt: HashAt): void {
    for (const [number, hash] of this.#hashes) {
      const theirs = number <= finalized.number ? hashAt(number) : hash
      if (theirs !== hash)
        this.#conflicts.push(`node ${node}: block ${number} is ${theirs}, was ${hash}`)
    }
    this.#hashes.set(finalized.number, finalized.hash)
    if (finalized.number > this.#highest) this.#highest = finalized.number
  }

  /** Throws where two nodes ever held final what does not go together. */
  assertOneChain(): void {
    if (this.#conflicts.length > 0)
      throw new Error(`two final blocks conflict: ${this.#conflicts[0]}`)
  }

  /** The figures over all nodes that run. */
  figures(nodes: readonly Finality[]): FinalityFigures {
    const timesMs = nodes.flatMap(({ times }) => times.all()).toSorted((a, b) => a - b)
    return {
      finalized: Number(this.#highest),
      conflicts: this.#conflicts.length,
      evidenceAtNodes: nodes.filter(({ evidence }) => evidence.count > 0).length,
      times: timesMs.length,
      p50Ms: percentile(timesMs, 50) ?? null,
      p99Ms: percentile(timesMs, 99) ?? null,
    }
  }
}
