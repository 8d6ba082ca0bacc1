import * as fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { makeBlock, type Block } from '../../src/block/block.ts'
import type { Hash } from '../../src/crypto/keccak.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { HeldBlocks, type MissingBlock } from '../../src/sync/catchUp/heldBlocks.ts'
import {
  HELD_BLOCK_LIFE_MS,
  MAX_HELD_BLOCKS,
  MAX_HELD_BLOCKS_PER_PEER,
  MAX_HELD_BYTES,
} from '../../src/sync/limits.ts'
import { nextBlock, testChain } from '../builders/chain.ts'
import { chainOf } from '../builders/syncNode.ts'

const blocks = chainOf(40)

function at(number: number): Block {
  const block = blocks[number - 1]
  if (block === undefined) throw new Error(`there is no block ${number}`)
  return block
}

/** What became of what was kept, by the name that the test gave it. */
type Fates = Record<string, 'ready' | 'gone'>

describe('held blocks', () => {
  let clock: ManualClock
  let known: Set<Hash>
  let missing: MissingBlock[]
  let held: HeldBlocks
  let fates: Fates

  beforeEach(() => {
    clock = new ManualClock()
    known = new Set()
    missing = []
    fates = {}
    held = new HeldBlocks({
      clock,
      has: (hash) => known.has(hash),
      want: (one) => missing.push(one),
    })
  })

  function keep(name: string, block: Block, from = 'peer'): void {
    void held.keep(block, 'unknown-parent', from).then((outcome) => (fates[name] = outcome))
  }

  async function settled(): Promise<Fates> {
    held.assertInvariants()
    await new Promise((resolve) => setImmediate(resolve))
    return fates
  }

  test('wait for their parent and are judged again when it comes', async () => {
    keep('five', at(5))
    expect(await settled()).toEqual({})
    expect(held.isAwaited(at(4).hash)).toBe(true)
    held.settle(at(4).hash, 'ready')
    expect(await settled()).toEqual({ five: 'ready' })
    expect(held.count).toBe(0)
    expect(held.isAwaited(at(4).hash)).toBe(false)
  })

  test('whose parent is there already do not wait', async () => {
    known.add(at(4).hash)
    keep('five', at(5))
    expect(await settled()).toEqual({ five: 'ready' })
    expect(missing).toEqual([])
  })

  test('are gone with a bad parent, and when their time is over', async () => {
    keep('five', at(5))
    keep('nine', at(9))
    held.settle(at(4).hash, 'gone')
    expect(await settled()).toEqual({ five: 'gone' })
    clock.advance(HELD_BLOCK_LIFE_MS)
    expect(await settled()).toEqual({ five: 'gone', nine: 'gone' })
  })

  test('ask for the parent of the lowest of them, and again with each that comes above', () => {
    keep('five', at(5), 'a')
    keep('six', at(6), 'b')
    keep('four', at(4), 'c')
    const parents = missing.map(({ hash, number, from }) => [number, hash, from])
    expect(parents).toEqual([
      [4n, at(4).hash, 'a'],
      [4n, at(4).hash, 'b'],
      [3n, at(3).hash, 'c'],
    ])
    keep('seven', at(7), 'd')
    expect(missing.at(-1)).toEqual({ hash: at(3).hash, number: 3n, from: 'd' })
  })

  test('that come twice take one place, and both routes get the answer', async () => {
    keep('first', at(5), 'a')
    keep('second', at(5), 'b')
    keep('third', { ...at(5), raw: new Uint8Array(at(5).raw) }, 'b')
    expect(held.count).toBe(1)
    held.settle(at(4).hash, 'ready')
    expect(await settled()).toEqual({ first: 'ready', second: 'ready', third: 'ready' })
  })

  test('with a forged body do not keep the true one out', async () => {
    const { header } = at(5)
    const [tx] = nextBlock(testChain()).block.transactions
    const forged = { ...makeBlock(header, tx === undefined ? [] : [tx]), hash: at(5).hash }
    keep('forged', { ...forged, raw: new Uint8Array([...at(5).raw, 1]) }, 'liar')
    keep('true', at(5), 'honest')
    expect(held.count).toBe(2)
    held.settle(at(4).hash, 'ready')
    expect(await settled()).toEqual({ forged: 'ready', true: 'ready' })
  })

  test('of one peer are no more than its quota, and leave room for others', async () => {
    for (let number = 2; number < 2 + MAX_HELD_BLOCKS_PER_PEER; number++)
      keep(`${number}`, at(number), 'greedy')
    keep('too many', at(30), 'greedy')
    keep('other', at(31), 'modest')
    expect(await settled()).toEqual({ 'too many': 'gone' })
    expect(held.count).toBe(MAX_HELD_BLOCKS_PER_PEER + 1)
  })

  test('are bounded in number and in bytes over all peers', async () => {
    for (let peer = 0; peer < 8; peer++)
      for (let number = 2; number < 17; number++)
        keep(`${peer} ${number}`, variant(at(number), peer), `peer ${peer}`)
    expect(held.count).toBe(MAX_HELD_BLOCKS)
    clock.advance(HELD_BLOCK_LIFE_MS)
    await settled()
    expect(held.count).toBe(0)
    const large = { ...at(5), raw: new Uint8Array(MAX_HELD_BYTES) }
    keep('large', large)
    keep('small', at(6))
    expect((await settled())['small']).toBe('gone')
    expect(held.count).toBe(1)
  })

  test('are all gone when it stops, and nothing is held or timed after that', async () => {
    keep('five', at(5))
    keep('nine', at(9))
    held.stop()
    keep('late', at(12))
    expect(await settled()).toEqual({ five: 'gone', nine: 'gone', late: 'gone' })
    expect(held.count).toBe(0)
    clock.advance(HELD_BLOCK_LIFE_MS)
    expect(held.count).toBe(0)
  })

  test('get one answer each, whatever happens, and the counts hold', async () => {
    const aNumber = fc.integer({ min: 1, max: 40 })
    const anAct = fc.oneof(
      fc.tuple(fc.constant('keep' as const), aNumber, fc.integer({ min: 0, max: 3 })),
      fc.tuple(fc.constantFrom('ready' as const, 'gone' as const), aNumber, fc.constant(0)),
      fc.tuple(fc.constant('wait' as const), fc.integer({ max: 30_000, min: 0 }), fc.constant(0)),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(anAct, { maxLength: 60 }), async (acts) => {
        const time = new ManualClock()
        const all = new HeldBlocks({ clock: time, has: () => false, want: () => {} })
        const answers: Promise<string>[] = []
        for (const [act, value, peer] of acts) {
          if (act === 'wait') time.advance(value)
          else if (act === 'keep')
            answers.push(all.keep(variant(at(value), peer % 2), 'unknown-parent', `${peer}`))
          else all.settle(at(value).hash, act)
          all.assertInvariants()
        }
        all.stop()
        expect(await Promise.all(answers)).toHaveLength(answers.length)
        all.assertInvariants()
      }),
    )
  })
})

/** The same header over other bytes. */
function variant(block: Block, salt: number): Block {
  return salt === 0 ? block : { ...block, raw: new Uint8Array([...block.raw, salt]) }
}
