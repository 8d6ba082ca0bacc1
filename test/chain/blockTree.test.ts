import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BlockTree, type TreeBlock, type TreeChange } from '../../src/chain/blockTree.ts'
import {
  cliqueForkChoice,
  difficultyForkChoice,
  turnDistance,
  type ForkChoice,
  type HeadCandidate,
} from '../../src/chain/rules/forkChoice.ts'
import { keccak256Hash, type Hash } from '../../src/crypto/keccak.ts'
import { seededRandom, shuffled } from '../../src/lib/random.ts'
import { genesisHeader } from '../builders/block.ts'
import { testSigners } from '../builders/chain.ts'
import { account } from '../builders/keys.ts'

const root = treeBlock(undefined, 0, 1n, 0n)

/** A block of the tree; `salt` tells siblings apart. */
function treeBlock(
  parent: TreeBlock | undefined,
  salt: number,
  difficulty: bigint,
  distance: bigint,
): TreeBlock {
  const number = parent === undefined ? 0n : parent.number + 1n
  const header = { ...genesisHeader(), number, ...(parent && { parentHash: parent.hash }) }
  return {
    hash: keccak256Hash(new TextEncoder().encode(`${header.parentHash} ${salt}`)),
    number,
    totalDifficulty: (parent?.totalDifficulty ?? 0n) + difficulty,
    turnDistance: distance,
    header,
    state: undefined,
  }
}

/** Some block tree: each block's parent is one of those before it. */
const blocks = fc
  .array(fc.tuple(fc.nat(), fc.constantFrom(1n, 2n), fc.constantFrom(0n, 1n, 2n)), {
    minLength: 1,
    maxLength: 40,
  })
  .map((recipes) => {
    const made: TreeBlock[] = [root]
    for (const [index, [pick, difficulty, distance]] of recipes.entries()) {
      // Mostly near the end, so that trees are deep and branches long.
      const back = Math.min(made.length, 1 + (pick % 4) * (pick % 3))
      made.push(treeBlock(made[made.length - back], index, difficulty, distance))
    }
    return made.slice(1)
  })

/**
 * What the tree must be, written for shortness: all blocks ever added, everything computed anew
 * each time.
 */
class NaiveTree {
  readonly all = new Map<Hash, TreeBlock>([[root.hash, root]])
  root = root

  readonly choice: ForkChoice

  constructor(choice: ForkChoice) {
    this.choice = choice
  }

  add(block: TreeBlock, maxDepth: number): void {
    this.all.set(block.hash, block)
    const path = this.canonical()
    const depth = path.length - 1
    if (depth > maxDepth) this.root = path[depth - maxDepth] ?? this.root
    for (const { hash } of this.all.values())
      if (!this.pathOf(hash).includes(this.root)) this.all.delete(hash)
  }

  head(): TreeBlock {
    return [...this.all.values()].reduce((best, block) =>
      this.choice(block, best) > 0 ? block : best,
    )
  }

  canonical(): TreeBlock[] {
    return this.pathOf(this.head().hash)
  }

  pathOf(hash: Hash): TreeBlock[] {
    const block = this.all.get(hash)
    if (block === undefined) return []
    return block === this.root ? [block] : [...this.pathOf(block.header.parentHash), block]
  }
}

/** A parent comes before its children; otherwise the order is that of the seed. */
function someOrder(made: readonly TreeBlock[], seed: number): TreeBlock[] {
  const ordered: TreeBlock[] = []
  const known = new Set<Hash>([root.hash])
  let waiting = shuffled(seededRandom(seed), made)
  while (waiting.length > 0) {
    const next = waiting.find((block) => known.has(block.header.parentHash))
    if (next === undefined) throw new Error('a block without a parent')
    known.add(next.hash)
    ordered.push(next)
    waiting = waiting.filter((block) => block !== next)
  }
  return ordered
}

describe('the block tree', () => {
  test('does as a naive one does, block by block, and tells each change of the canonical chain', () => {
    fc.assert(
      fc.property(blocks, fc.integer({ min: 1, max: 6 }), (made, maxDepth) => {
        const tree = new BlockTree(root, cliqueForkChoice, maxDepth)
        const naive = new NaiveTree(cliqueForkChoice)
        let canonical: TreeBlock[] = [root]
        for (const block of made) {
          if (tree.get(block.header.parentHash) === undefined) continue
          const change = tree.add(block)
          naive.add(block, maxDepth)
          tree.assertInvariants()
          expect(tree.head).toBe(naive.head())
          expect(tree.root).toBe(naive.root)
          for (const one of made) expect(tree.get(one.hash)).toBe(naive.all.get(one.hash))
          canonical = applied(canonical, change)
          expect(canonical.slice(-naive.canonical().length)).toEqual(naive.canonical())
          for (const pruned of change.pruned) expect(tree.get(pruned.hash)).toBeUndefined()
        }
      }),
    )
  })

  test.each([
    ['EIP-3436', cliqueForkChoice],
    ['difficulty', difficultyForkChoice],
  ] as const)('has one head by %s whatever the order of arrival', (_, choice) => {
    fc.assert(
      fc.property(blocks, fc.nat(), fc.nat(), (made, one, other) => {
        const heads = [one, other].map((seed) => {
          const tree = new BlockTree(root, choice, 1000)
          for (const block of someOrder(made, seed)) tree.add(block)
          return tree.head
        })
        expect(heads[0]).toBe(heads[1])
      }),
    )
  })
})

function applied(canonical: TreeBlock[], { added, dropped }: TreeChange): TreeBlock[] {
  const kept = canonical.length - dropped.length
  expect(canonical.slice(kept)).toEqual(dropped)
  return [...canonical.slice(0, kept), ...added]
}

describe('the fork choice of EIP-3436', () => {
  const hashes = [1, 2].map((n) => keccak256Hash(Uint8Array.of(n))).sort()
  const [low = root.hash, high = root.hash] = hashes
  const base = { hash: high, number: 5n, totalDifficulty: 9n, turnDistance: 1n }
  const better: readonly (readonly [string, HeadCandidate])[] = [
    ['more total difficulty', { ...base, totalDifficulty: 10n, number: 9n, turnDistance: 0n }],
    ['the lower number', { ...base, number: 4n, turnDistance: 0n }],
    ['the signer longer not in turn', { ...base, turnDistance: 2n }],
    ['the lower hash', { ...base, hash: low }],
  ]

  test.each(better)('prefers %s', (_, candidate) => {
    expect(cliqueForkChoice(candidate, base)).toBe(1)
    expect(cliqueForkChoice(base, candidate)).toBe(-1)
  })

  test('finds a block no better than itself', () => {
    expect(cliqueForkChoice(base, base)).toBe(0)
  })

  test('counts from the number at which the signer was last in turn', () => {
    const signers = testSigners(4).map(({ address }) => address)
    const [first = account().address, , , last = account().address] = signers
    expect(turnDistance(8n, first, signers)).toBe(0n)
    expect(turnDistance(9n, first, signers)).toBe(1n)
    expect(turnDistance(10n, last, signers)).toBe(3n)
    expect(turnDistance(1n, last, signers)).toBe(2n)
  })
})
