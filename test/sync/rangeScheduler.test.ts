import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Block } from '../../src/block/block.ts'
import type { PeerId } from '../../src/gossip/network.ts'
import {
  RangeScheduler,
  type Donor,
  type RangeBounds,
  type RangeSource,
} from '../../src/sync/catchUp/rangeScheduler.ts'
import { chainOf } from '../builders/syncNode.ts'

const blocks = chainOf(120)
const BYTES = blocks[0]?.raw.length ?? 0
const BOUNDS: RangeBounds = {
  rangeBlocks: 8,
  maxRanges: 6,
  maxInFlight: 4,
  maxPerPeer: 2,
  maxBytes: 6 * 8 * (BYTES + 10),
  maxRangeBytes: 8 * (BYTES + 10),
}

interface Request {
  readonly peer: PeerId
  readonly first: bigint
  readonly count: number
  readonly answer: (blocks: readonly Block[]) => void
}

/** Peers whose answers a test gives one by one. */
class ManualSource implements RangeSource {
  all: Donor[]
  readonly open: Request[] = []

  constructor(heads: readonly bigint[]) {
    this.all = heads.map((headNumber, index) => ({ peer: `p${index}` as PeerId, headNumber }))
  }

  donors(): readonly Donor[] {
    return this.all
  }

  fetch(peer: PeerId, first: bigint, count: number): Promise<readonly Block[]> {
    return new Promise((resolve) => this.open.push({ peer, first, count, answer: resolve }))
  }

  /** Lets one request end with its first blocks; with none its peer is no donor any more. */
  async answer(index: number, share = 1): Promise<void> {
    const [request] = this.open.splice(index % this.open.length, 1)
    if (request === undefined) return
    const { peer, first, count } = request
    const most = blocks.slice(Number(first) - 1, Number(first) - 1 + count)
    const given = most.slice(0, Math.ceil(most.length * share))
    if (given.length === 0) this.all = this.all.filter((donor) => donor.peer !== peer)
    request.answer(given)
    await turns()
  }
}

/** Lets what was resolved run. */
async function turns(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

describe('ranges from several peers', () => {
  test('come in the order of the chain, however the answers come, within the bounds', async () => {
    const shares = fc.array(
      fc.record({ index: fc.nat(100), share: fc.constantFrom(0, 0.3, 0.7, 1, 1, 1) }),
      { maxLength: 60 },
    )
    const heads = fc.array(fc.bigInt({ min: 0n, max: 200n }), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(shares, heads, async (answers, claims) => {
        const source = new ManualSource([...claims, 120n])
        const scheduler = new RangeScheduler(source, 1n, BOUNDS)
        const taken: Block[] = []
        const end = (async () => {
          for (let given = await scheduler.take(); given; given = await scheduler.take())
            taken.push(...given.blocks)
        })()
        for (let step = 0; step < 1_000; step++) {
          await turns()
          scheduler.assertInvariants()
          if (source.open.length === 0) break
          const { index, share } = answers[step] ?? { index: 0, share: 1 }
          await source.answer(index, share)
        }
        await end
        expect(taken.map(({ hash }) => hash)).toEqual(
          blocks.slice(0, taken.length).map(({ hash }) => hash),
        )
        const hasOneAll = source.all.some(({ headNumber }) => headNumber >= 120n)
        expect(taken.length).toBeGreaterThanOrEqual(hasOneAll ? 120 : 0)
      }),
      { numRuns: 60 },
    )
  })

  test('are asked of the peer with the fewest requests first', async () => {
    const source = new ManualSource([120n, 120n, 120n])
    const scheduler = new RangeScheduler(source, 1n, BOUNDS)
    scheduler.fill()
    expect(source.open.map(({ peer }) => peer)).toEqual(['p0', 'p1', 'p2', 'p0'])
    scheduler.stop()
  })

  test('exist only within the window, whatever the peers claim', async () => {
    const source = new ManualSource([2n ** 64n - 1n])
    const scheduler = new RangeScheduler(source, 2n ** 63n, { ...BOUNDS, maxPerPeer: 100 })
    scheduler.fill()
    expect(source.open.map(({ first }) => first - 2n ** 63n)).toEqual([0n, 8n, 16n, 24n])
    scheduler.assertInvariants()
    scheduler.stop()
  })

  test('wait while what is here and what may come would be too many bytes, but for one', async () => {
    const source = new ManualSource([120n, 120n, 120n])
    const scheduler = new RangeScheduler(source, 1n, { ...BOUNDS, maxBytes: 1 })
    scheduler.fill()
    expect(source.open).toHaveLength(1)
    const taken = scheduler.take()
    await source.answer(0)
    expect((await taken)?.blocks).toHaveLength(8)
    scheduler.stop()
  })

  test('that are put back come from others and before those above', async () => {
    const source = new ManualSource([120n, 16n])
    const scheduler = new RangeScheduler(source, 1n, BOUNDS)
    const first = scheduler.take()
    while (source.open.length > 0) await source.answer(0)
    const given = await first
    source.all = source.all.filter(({ peer }) => peer !== given?.from)
    scheduler.again(1n, 8)
    const again = scheduler.take()
    await source.answer(source.open.findIndex((request) => request.first === 1n))
    expect((await again)?.blocks[0]?.hash).toBe(blocks[0]?.hash)
    expect((await again)?.from).not.toBe(given?.from)
    scheduler.assertInvariants()
    scheduler.stop()
  })

  test('end where nobody has the lowest one, and when they are stopped', async () => {
    const source = new ManualSource([3n])
    const scheduler = new RangeScheduler(source, 4n, BOUNDS)
    expect(await scheduler.take()).toBeUndefined()
    const other = new RangeScheduler(source, 1n, BOUNDS)
    const taken = other.take()
    other.stop()
    expect(await taken).toBeUndefined()
    expect(other.isStopped).toBe(true)
  })
})
