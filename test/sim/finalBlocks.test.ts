import { describe, expect, test } from 'vitest'
import { keccak256Hash, type Hash } from '../../src/crypto/keccak.ts'
import { finalityFigures, FinalBlocks } from '../../src/sim/record/finalBlocks.ts'

/** The hash of a block on a branch; the branches are one below block 3. */
function hashOn(branch: string, number: bigint): Hash {
  const name = number < 3n ? 'both' : branch
  return keccak256Hash(new TextEncoder().encode(`${name} ${number}`))
}

/** A node on this branch holds the block of this number final. */
function note(blocks: FinalBlocks, branch: string, number: bigint): void {
  blocks.note({ number, hash: hashOn(branch, number) }, (at) => hashOn(branch, at))
}

describe('final blocks', () => {
  test('go together on one chain, in whatever order nodes tell of them', () => {
    const blocks = new FinalBlocks()
    for (const number of [4n, 2n, 6n]) note(blocks, 'left', number)
    blocks.assertOneChain()
    expect(finalityFigures([blocks.sums([])])).toMatchObject({ finalized: 6, conflicts: 0 })
  })

  test('conflict where two branches are final, at whatever heights and in whatever threads', () => {
    const [one, other] = [new FinalBlocks(), new FinalBlocks()]
    note(one, 'left', 4n)
    note(other, 'right', 6n)
    const apart = finalityFigures([one.sums([]), other.sums([])])
    expect(apart).toMatchObject({ finalized: 6, conflicts: 2 })
    note(one, 'right', 6n)
    expect(finalityFigures([one.sums([])])).toEqual(apart)
    expect(() => one.assertOneChain()).toThrow(/^two final blocks conflict: block [34] is 0x/)
  })
})
