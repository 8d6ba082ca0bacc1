import { expect, test } from 'vitest'
import { Emitter } from '../../src/lib/emitter.ts'
import type { PoolEvent } from '../../src/mempool/events.ts'
import { OWN_TX_LIMITS } from '../../src/mempool/ownTxLimits.ts'
import { OwnTxs } from '../../src/mempool/ownTxs.ts'
import { poolSender, poolTx } from '../builders/pool.ts'

const MAX_OWN_TXS = OWN_TX_LIMITS.maxOwnTxs.value

function following() {
  const events = new Emitter<PoolEvent>()
  const ownTxs = new OwnTxs({ mempool: { events } })
  ownTxs.start()
  const take = (nonce: number): PoolEvent['pooled'] => {
    const tx = poolTx({ nonce })
    const origin = 'local'
    const pooled = { tx, sender: poolSender(0), origin, addedMs: 0, place: 'pending' } as const
    events.emit({ kind: 'pending', pooled })
    return pooled
  }
  return { ownTxs, events, take }
}

test('one own transaction too many makes the oldest one forgotten, though it was asked for since', () => {
  const { ownTxs, take } = following()
  const [first, second] = [take(0), take(1)]
  for (let nonce = 2; nonce < MAX_OWN_TXS; nonce++) take(nonce)
  expect(ownTxs.get(first.tx.hash)?.tx).toBe(first.tx)
  take(MAX_OWN_TXS)
  expect(ownTxs.count).toBe(MAX_OWN_TXS)
  expect(ownTxs.unpublishedCount).toBe(MAX_OWN_TXS)
  expect(ownTxs.get(first.tx.hash)).toBeUndefined()
  expect(ownTxs.get(second.tx.hash)?.tx).toBe(second.tx)
})

test('an own transaction that was replaced makes room for another', () => {
  const { ownTxs, events, take } = following()
  const first = take(0)
  const second = take(1)
  events.emit({ kind: 'replaced', pooled: first, by: second.tx.hash })
  for (let nonce = 2; nonce <= MAX_OWN_TXS; nonce++) take(nonce)
  expect(ownTxs.count).toBe(MAX_OWN_TXS)
  expect(ownTxs.get(second.tx.hash)?.tx).toBe(second.tx)
})
