import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Block } from '../../src/block/block.ts'
import type { Chain } from '../../src/chain/chain.ts'
import type { Checkpoint } from '../../src/chain/checkpoint.ts'
import type { ImportOutcome } from '../../src/chain/importOutcome.ts'
import { nextBlock, recordHeads, testChain, type ChildRecipe } from '../builders/chain.ts'

const SIGNERS = 4

function newChain(): Chain {
  return testChain({ signers: SIGNERS })
}

function take(chain: Chain, recipe: ChildRecipe = {}): readonly [Block, ImportOutcome] {
  const { block, senders } = nextBlock(chain, recipe)
  return [block, chain.import(block, senders)]
}

/** `count` blocks above a parent, each taken; `lateS` makes a branch another than its sibling. */
function branch(chain: Chain, parent: Block, count: number, lateS = 0): readonly Block[] {
  const blocks: Block[] = []
  for (let at = 0; at < count; at++) {
    const [block, { status }] = take(chain, { parent: blocks.at(-1) ?? parent, lateS })
    if (status !== 'imported') throw new Error(`block ${block.header.number} is ${status}`)
    blocks.push(block)
  }
  return blocks
}

function checkpoint({ hash, header }: Block): Checkpoint {
  return { number: header.number, hash }
}

function finalize(chain: Chain, block: Block, justified = block): void {
  chain.settle({ justified: checkpoint(justified), finalized: checkpoint(block) })
}

describe('a chain with a final block', () => {
  test('refuses a block beside it and one below it with a reason of their own, and stays as it was', () => {
    const chain = newChain()
    const [one, two] = branch(chain, chain.genesis.block, 6)
    if (one === undefined || two === undefined) throw new Error('there are six blocks')
    const head = chain.head
    finalize(chain, two)
    for (const parent of [chain.genesis.block, one]) {
      const [block, outcome] = take(chain, { parent, lateS: 9 })
      expect(outcome).toEqual({
        status: 'refused',
        reason: 'conflicts-with-finalized',
        message: `block 2 is final, and it is ${two.hash}`,
      })
      expect(chain.has(block.hash)).toBe(false)
      expect(chain.import(block, [])).toMatchObject({ reason: 'conflicts-with-finalized' })
    }
    expect(chain.head).toBe(head)
    chain.assertInvariants()
  })

  test('lets go of the branches that leave it: what is built on them finds no parent', () => {
    const chain = newChain()
    const canonical = branch(chain, chain.genesis.block, 4)
    const beside = branch(chain, chain.genesis.block, 2, 7)
    const next = nextBlock(chain, { parent: beside.at(-1) ?? chain.head })
    finalize(chain, canonical[1] ?? chain.head)
    for (const block of beside) expect(chain.has(block.hash)).toBe(false)
    expect(chain.import(next.block, next.senders)).toEqual({ status: 'orphan' })
    chain.assertInvariants()
  })

  test('takes branches that begin at it or above it, and moves its head between them', () => {
    const chain = newChain()
    const [one, two] = branch(chain, chain.genesis.block, 3)
    if (one === undefined || two === undefined) throw new Error('there are three blocks')
    finalize(chain, one)
    branch(chain, two, 4, 3)
    expect(chain.head.header.number).toBe(6n)
    expect(chain.blockByNumber(1n)?.hash).toBe(one.hash)
    chain.assertInvariants()
  })

  test('knows itself what is final before it has the blocks, and takes only those that lead there', () => {
    const [source, chain] = [newChain(), newChain()]
    const blocks = branch(source, source.genesis.block, 5)
    const four = blocks[3]
    if (four === undefined) throw new Error('there are five blocks')
    finalize(chain, four)
    const stranger = branch(source, blocks[2] ?? four, 1, 5)[0]
    for (const block of blocks.slice(0, 3)) expect(chain.import(block, []).status).toBe('imported')
    if (stranger === undefined) throw new Error('there is another fourth block')
    expect(chain.import(stranger, [])).toMatchObject({ reason: 'conflicts-with-finalized' })
    expect(chain.import(four, []).status).toBe('imported')
    chain.assertInvariants()
  })

  test('never takes its finality back', () => {
    const chain = newChain()
    const [one, two] = branch(chain, chain.genesis.block, 2)
    if (one === undefined || two === undefined) throw new Error('there are two blocks')
    finalize(chain, two)
    expect(() => finalize(chain, one)).toThrow('finality never goes back')
  })
})

test('the head moves to a justified branch of less difficulty, and what is told of it is a reorganisation', () => {
  const chain = newChain()
  const genesis = chain.genesis.block
  const heavy = branch(chain, genesis, 4)
  const light = branch(chain, genesis, 2, 8)
  expect(chain.head).toBe(heavy.at(-1))
  const changes = recordHeads(chain)
  const justified = light.at(-1)
  if (justified === undefined) throw new Error('there are two blocks')
  chain.settle({ justified: checkpoint(justified), finalized: checkpoint(genesis) })
  expect(chain.head.hash).toBe(justified.hash)
  expect(changes).toMatchObject([{ added: light, dropped: heavy }])
  branch(chain, heavy.at(-1) ?? genesis, 3)
  expect(chain.head.hash).toBe(justified.hash)
  chain.assertInvariants()
})

/**
 * Blocks on any known parent, and now and then a canonical block that becomes justified or final.
 */
const steps = fc.array(
  fc.record({ parent: fc.nat(), lateS: fc.integer({ min: 0, max: 9 }), settles: fc.nat(9) }),
  { minLength: 5, maxLength: 40 },
)

test('in whatever order blocks come and are settled, the head descends from the justified block and what is final stays', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const chain = newChain()
      const known: Block[] = [chain.genesis.block]
      let final = chain.settled.finalized
      const wrong: ImportOutcome[] = []
      for (const { parent, lateS, settles } of all) {
        const on = known[parent % known.length]
        if (on !== undefined && chain.has(on.hash)) {
          const { block, senders } = nextBlock(chain, { parent: on, lateS })
          const leaves = chain.leavesFinal(block.hash, block.header.number)
          const outcome = chain.import(block, senders)
          const isRefused =
            outcome.status === 'refused' && outcome.reason === 'conflicts-with-finalized'
          if (isRefused !== (leaves && outcome.status !== 'known')) wrong.push(outcome)
          if (outcome.status === 'imported') known.push(block)
        }
        const { number } = chain.head.header
        if (settles === 0 && number > final.number) {
          const justified = chain.blockByNumber(number)
          const finalized = chain.blockByNumber((number + final.number) / 2n)
          if (justified !== undefined && finalized !== undefined)
            finalize(chain, finalized, justified)
        }
        expect(chain.blockByNumber(final.number)?.hash).toBe(final.hash)
        final = chain.settled.finalized
        const { justified } = chain.settled
        expect(chain.blockByNumber(justified.number)?.hash).toBe(justified.hash)
      }
      expect(wrong).toEqual([])
      chain.assertInvariants()
    }),
    { numRuns: 30 },
  )
})
