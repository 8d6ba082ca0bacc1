import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { TurnBatches } from '../../src/p2p/router/turnBatches.ts'

interface Message {
  readonly topic: string
  readonly data: Uint8Array
}

function message(byte: number): Message {
  return { topic: 'tx', data: Uint8Array.of(byte) }
}

function recorded(): { batches: TurnBatches; sent: [string, number[]][] } {
  const sent: [string, number[]][] = []
  const batches = new TurnBatches((to, messages) => {
    sent.push([to, messages.map(({ data }) => data?.[0] ?? -1)])
  })
  return { batches, sent }
}

describe('messages forwarded in one turn', () => {
  test('leave in one frame per peer, in order', async () => {
    const { batches, sent } = recorded()
    for (const [to, byte] of [
      ['a', 1],
      ['b', 1],
      ['a', 2],
      ['a', 3],
    ] as const)
      batches.add(to, message(byte))
    expect(sent).toEqual([])
    await nextTurn()
    expect(sent).toEqual([
      ['a', [1, 2, 3]],
      ['b', [1]],
    ])
  })

  test('share it also when they come by promises of that turn', async () => {
    const { batches, sent } = recorded()
    const verdicts = [1, 2, 3].map(async (byte) => {
      await Promise.resolve()
      batches.add('a', message(byte))
    })
    await Promise.all(verdicts)
    await nextTurn()
    expect(sent).toEqual([['a', [1, 2, 3]]])
  })

  test('of the next turn leave in the next frame', async () => {
    const { batches, sent } = recorded()
    batches.add('a', message(1))
    await nextTurn()
    batches.add('a', message(2))
    await nextTurn()
    expect(sent).toEqual([
      ['a', [1]],
      ['a', [2]],
    ])
  })
})
