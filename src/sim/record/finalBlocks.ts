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

/** What the nodes of one thread held final; those of all threads together make the figures. */
export interface FinalitySums {
  /** By the number of the block; more than one hash is a conflict. */
  readonly hashes: ReadonlyMap<bigint, ReadonlySet<Hash>>
  /** From a block's arrival to its finality, at each node, ms. */
  readonly timesMs: readonly number[]
  readonly evidenceAtNodes: number
}

/** Every block that some node held final at some time. */
export class FinalBlocks {
  readonly #hashes = new Map<bigint, Set<Hash>>()

  /**
   * A node holds `finalized` final, and with it its whole chain below: as far down as that is not
   * known yet.
   */
  note({ number: from }: Checkpoint, hashAt: HashAt): void {
    for (let number = from; number >= 0n; number--) {
      const hash = hashAt(number)
      const known = this.#hashes.get(number) ?? new Set()
      if (hash === undefined || known.has(hash)) return
      this.#hashes.set(number, known.add(hash))
    }
  }

  /** Throws where two nodes ever held final what does not go together. */
  assertOneChain(): void {
    const [conflict] = conflictsIn(this.#hashes)
    if (conflict !== undefined) throw new Error(`two final blocks conflict: ${conflict}`)
  }

  /** What is known of it here, with what the nodes that run tell. */
  sums(nodes: readonly Finality[]): FinalitySums {
    return {
      hashes: this.#hashes,
      timesMs: nodes.flatMap(({ times }) => times.all()),
      evidenceAtNodes: nodes.filter(({ evidence }) => evidence.count > 0).length,
    }
  }
}

/** The figures over all nodes, by what each thread knows of its own. */
export function finalityFigures(parts: readonly FinalitySums[]): FinalityFigures {
  const timesMs = parts.flatMap((part) => part.timesMs).toSorted((a, b) => a - b)
  const hashes = new Map<bigint, Set<Hash>>()
  for (const [number, some] of parts.flatMap((part) => [...part.hashes]))
    hashes.set(number, new Set([...(hashes.get(number) ?? []), ...some]))
  return {
    finalized: Number([...hashes.keys()].reduce((most, one) => (one > most ? one : most), 0n)),
    conflicts: conflictsIn(hashes).length,
    evidenceAtNodes: parts.reduce((sum, part) => sum + part.evidenceAtNodes, 0),
    times: timesMs.length,
    p50Ms: percentile(timesMs, 50) ?? null,
    p99Ms: percentile(timesMs, 99) ?? null,
  }
}

/** One line for each number of which two blocks were final. */
function conflictsIn(hashes: FinalitySums['hashes']): string[] {
  return [...hashes]
    .filter(([, some]) => some.size > 1)
    .map(([number, some]) => `block ${number} is ${[...some].join(' and ')}`)
}
