import { describe, expect, test } from 'vitest'
import type { Block } from '../../src/block/block.ts'
import type { ImportOutcome } from '../../src/chain/importOutcome.ts'
import { BlockCheck } from '../../src/chain/rules/blockCheck.ts'
import { BlockImport } from '../../src/gossip/topics/blockImport.ts'
import { MAX_QUEUED_BLOCKS } from '../../src/gossip/limits.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { Timelines } from '../../src/trace/timelines.ts'
import { extend, nextBlock, testChain } from '../builders/chain.ts'

/** An import of blocks into a chain that answers as it is told. */
function importInto(answer: (block: Block) => ImportOutcome) {
  const clock = new ManualClock()
  const trace = new Timelines()
  const imports = new BlockImport({
    chain: { take: ({ block }) => answer(block) },
    trace,
    clock,
    log: silentLogger,
  })
  return { clock, trace, imports }
}

/** As the judge hands a block over; these chains do not look whether it was judged. */
function judged(block: Block): BlockCheck {
  return new BlockCheck(block, block.header, CHAIN)
}

const CHAIN = testChain()

const REFUSED: ImportOutcome = { status: 'refused', reason: 'state-root-mismatch', message: '' }

describe('importing blocks', () => {
  test('takes one block in each turn of the clock', () => {
    const source = testChain()
    const blocks = [extend(source), extend(source)]
    const taken: Block[] = []
    const { clock, imports } = importInto((block) => {
      taken.push(block)
      return { status: 'imported' }
    })
    for (const block of blocks) imports.enqueue(judged(block))
    expect(taken).toEqual([])
    expect(imports.queued).toBe(2)
    clock.advance(0)
    expect(taken).toEqual(blocks)
    expect(imports.queued).toBe(0)
  })

  test('tells who waits for a block when it is through, and does not keep others waiting', async () => {
    const { clock, imports } = importInto(() => ({ status: 'imported' }))
    const { block } = nextBlock(testChain())
    await imports.settled(block.hash)
    imports.enqueue(judged(block))
    const settled = imports.settled(block.hash)
    clock.advance(0)
    await settled
    expect(imports.isPending(block.hash)).toBe(false)
  })

  test('remembers a block that failed, and tells the trace why', () => {
    const { clock, imports, trace } = importInto(() => REFUSED)
    const { block } = nextBlock(testChain())
    imports.enqueue(judged(block))
    clock.advance(0)
    expect(imports.isRefused(block.hash)).toBe(true)
    expect(trace.timeline(block.hash)?.fates).toMatchObject([
      { kind: 'refused', reason: 'state-root-mismatch' },
    ])
  })

  test.each<ImportOutcome>([
    { status: 'orphan' },
    { status: 'refused', reason: 'too-many-side-blocks', message: '' },
    { status: 'refused', reason: 'too-deep', message: '' },
  ])('holds nothing against a block that came at a bad moment (%o)', (outcome) => {
    const { clock, imports } = importInto(() => outcome)
    const { block } = nextBlock(testChain())
    imports.enqueue(judged(block))
    clock.advance(0)
    expect(imports.isRefused(block.hash)).toBe(false)
  })

  test('goes on with the next block when the chain itself fails on one', () => {
    const source = testChain()
    const [bad, good] = [extend(source), extend(source)]
    const { clock, imports } = importInto((block) => {
      if (block === bad) throw new Error('a fault of this node')
      return { status: 'imported' }
    })
    const outcomes: string[] = []
    imports.imported.on(({ outcome }) => outcomes.push(outcome.status))
    imports.enqueue(judged(bad))
    imports.enqueue(judged(good))
    clock.advance(0)
    expect(outcomes).toEqual(['refused', 'imported'])
    expect(imports.isRefused(bad.hash)).toBe(false)
  })

  test('takes in no more than its bound, and the same block once', () => {
    const { imports } = importInto(() => ({ status: 'imported' }))
    const { block } = nextBlock(testChain())
    const others = Array.from({ length: MAX_QUEUED_BLOCKS }, (_, at) => ({
      ...block,
      hash: `0x${at.toString(16).padStart(64, '0')}` as Block['hash'],
    }))
    expect(others.map((other) => imports.enqueue(judged(other))).every(Boolean)).toBe(true)
    expect(imports.enqueue(judged(block))).toBe(false)
    expect(others.map((other) => imports.enqueue(judged(other))).every(Boolean)).toBe(true)
    expect(imports.queued).toBe(MAX_QUEUED_BLOCKS)
  })
})
