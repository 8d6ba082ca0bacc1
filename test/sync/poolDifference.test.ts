import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DifferenceAnswerer, DifferenceAsker } from '../../src/sync/reconcile/difference.ts'
import { ProtocolViolation } from '../../src/sync/protocol.ts'
import { MAX_RECONCILED, RECONCILE_AGE_MS } from '../../src/sync/reconcile/reconcileLimits.ts'
import {
  decodeReconcile,
  encodeAnswer,
  encodeDifference,
  type CompareRequest,
} from '../../src/sync/reconcile/messages.ts'
import { CELL_BYTES } from '../../src/sync/reconcile/sketch.ts'
import { compareSets, member, memberHash, poolSet, SET_MS } from '../builders/poolSet.ts'

function members(from: number, end: number) {
  return Array.from({ length: end - from }, (_, index) => member(from + index))
}

function violationOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof ProtocolViolation) return error.message
    throw error
  }
  return ''
}

describe('two pools that are compared', () => {
  test('learn exactly what each lacks, whatever they hold', () => {
    const anyMembers = fc.uniqueArray(fc.nat(400), { maxLength: 120 })
    fc.assert(
      fc.property(anyMembers, anyMembers, fc.nat(), (ours, theirs, session) => {
        const asking = poolSet(
          ours.map((index) => member(index)),
          session,
        )
        const answering = poolSet(
          theirs.map((index) => member(index)),
          session,
        )
        const { asker, answerer } = compareSets(asking, answering)
        const lacking = (has: number[], lacks: number[]) =>
          has.filter((index) => !lacks.includes(index)).map(memberHash)
        expect(asker.toSorted()).toEqual(lacking(theirs, ours).toSorted())
        expect(answerer.toSorted()).toEqual(lacking(ours, theirs).toSorted())
      }),
    )
  })

  test('tell what is missing by nonce, so that no gap opens on the way', () => {
    const nonces = [5n, 1n, 3n, 0n, 4n, 2n]
    const one = nonces.map((nonce, at) => member(at, { tx: { hash: memberHash(at), nonce } }))
    const inOrder = [3, 1, 5, 2, 4, 0].map(memberHash)
    expect(compareSets(poolSet([]), poolSet(one)).asker).toEqual(inOrder)
    expect(compareSets(poolSet(one), poolSet([])).answerer).toEqual(inOrder)
  })

  test('spend tens of bytes and one round trip where they are equal', () => {
    for (const size of [0, 1, 100, 5_000]) {
      const { roundTrips, sentBytes, receivedBytes } = compareSets(
        poolSet(members(0, size)),
        poolSet(members(0, size)),
      )
      expect(roundTrips).toBe(1)
      expect(sentBytes + receivedBytes).toBeLessThan(100)
    }
  })

  test('spend bytes by their difference, not by their size', () => {
    const costs = [1_000, 5_000].map((size) => {
      const cost = compareSets(poolSet(members(50, size)), poolSet(members(0, size - 50)))
      return cost.sentBytes + cost.receivedBytes
    })
    for (const bytes of costs) expect(bytes).toBeLessThan(100 * 60)
  })

  test('spend at most twice the list of ids where they have nothing in common', () => {
    const { sentBytes, asker, answerer } = compareSets(
      poolSet(members(0, 2_000)),
      poolSet(members(2_000, 4_000)),
    )
    expect([asker.length, answerer.length]).toEqual([2_000, 2_000])
    expect(sentBytes).toBeLessThan(2 * 6 * 2_000 + 500)
  })

  test('do not ask for what is old on one side and young, or parked, on the other', () => {
    const addedMs = SET_MS - RECONCILE_AGE_MS + 1
    const young = [member(1, { addedMs }), member(2, { place: 'parked' })]
    const old = [member(1), member(2)]
    expect(compareSets(poolSet(old), poolSet(young)).answerer).toEqual([])
    const fromYoung = compareSets(poolSet(young), poolSet(old))
    expect(fromYoung.answerer).toEqual([])
    expect(fromYoung.asker).toHaveLength(2)
  })

  test('leave out what is too young or parked', () => {
    const young = member(1, { addedMs: SET_MS - RECONCILE_AGE_MS + 1 })
    const shown = poolSet([young, member(2, { place: 'parked' }), member(3, { place: 'queued' })])
    expect(compareSets(shown, poolSet([])).answerer).toEqual([memberHash(3)])
  })
})

describe('an asker', () => {
  const answered = (frames: readonly Uint8Array[]) => () => {
    const asker = new DifferenceAsker(poolSet(members(0, 100)))
    asker.request()
    for (const frame of frames) asker.take(frame)
    asker.end()
  }
  const found = encodeAnswer({ state: 'found', size: 2 })

  test.each([
    ['nothing at all', [], 'the answer is empty'],
    ['frames after more', [encodeAnswer({ state: 'more', size: 1 }), found], 'goes on'],
    ['more hashes than the set has', [found, parts(members(200, 203))], 'more than the set'],
    ['a hash twice', [found, parts(members(200, 201)), parts(members(200, 201))], 'more than'],
    ['ids that it was not told of', [found, idPart([7])], 'lacks what it was not told of'],
    ['an empty part', [found, Uint8Array.of(0xc2, 0xc0, 0x80)], 'a difference of nothing'],
    ['a state that is none', [Uint8Array.of(0xc2, 9, 1)], 'no such state'],
    ['a size beyond all pools', [Uint8Array.of(0xc5, 1, 0x83, 1, 0, 0)], 'are compared'],
  ])('takes %s for a lie', (_, frames, reason) => {
    expect(violationOf(answered(frames))).toContain(reason)
  })

  test('gives up on a peer that asks for more than all of it', () => {
    const asker = new DifferenceAsker(poolSet(members(0, 100)))
    const more = encodeAnswer({ state: 'more', size: 100 })
    let requests = 0
    const ask = (): void => {
      for (;;) {
        asker.request()
        requests++
        asker.take(more)
        asker.end()
      }
    }
    expect(violationOf(ask)).toBe('asks for more than there is')
    expect(requests).toBeLessThan(5)
  })

  test('never fails otherwise than by naming the lie, whatever it is answered', () => {
    const anyFrames = fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 4 })
    fc.assert(
      fc.property(anyFrames, (frames) => {
        expect(() => violationOf(answered(frames))).not.toThrow()
      }),
    )
  })
})

describe('an answerer', () => {
  const cells = (changes: Partial<CompareRequest>): CompareRequest => ({
    form: 'cells',
    key: new Uint8Array(8),
    size: 10,
    from: 0,
    body: new Uint8Array(4 * CELL_BYTES).fill(7),
    ...changes,
  })

  test.each([
    ['cells that do not follow', [cells({ from: 4 })], 'cells out of order'],
    ['no cells', [cells({ body: new Uint8Array(0) })], 'cells out of order'],
    ['ids that do not follow', [cells({ form: 'ids', from: 6, body: new Uint8Array(6) })], 'ids'],
    ['more ids than said', [cells({ form: 'ids', size: 1, body: new Uint8Array(12) })], 'ids'],
    ['a list of nothing', [cells({ form: 'ids', body: new Uint8Array(0) })], 'without ids'],
  ])('takes %s for a lie', (_, requests, reason) => {
    const answerer = new DifferenceAnswerer(poolSet(members(0, 20)))
    const act = (): void => {
      for (const request of requests) answerer.take(request)
    }
    expect(violationOf(act)).toContain(reason)
  })

  test('takes a sketch that never decodes only up to a bound', () => {
    const answerer = new DifferenceAnswerer(poolSet(members(0, 20)))
    let from = 0
    const act = (): void => {
      for (const body = new Uint8Array(1_500 * CELL_BYTES).fill(7); ; from += 1_500)
        answerer.take(cells({ from, body }))
    }
    expect(violationOf(act)).toBe('cells out of order')
    expect(from).toBeLessThan(MAX_RECONCILED)
  })

  test('never fails otherwise than by naming the lie, whatever it is asked', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 3 }), (requests) => {
        const answerer = new DifferenceAnswerer(poolSet(members(0, 20)))
        const take = (request: Uint8Array): void => {
          const decoded = decodeReconcile(request)
          if (decoded.form !== 'give') answerer.take(decoded)
        }
        for (const request of requests) expect(() => violationOf(() => take(request))).not.toThrow()
      }),
    )
  })
})

function parts(of: ReturnType<typeof members>): Uint8Array {
  return encodeDifference({ hashes: of.map(({ tx }) => tx.hash), ids: [] })[0] ?? new Uint8Array(0)
}

function idPart(ids: number[]): Uint8Array {
  return encodeDifference({ hashes: [], ids })[0] ?? new Uint8Array(0)
}
