import { describe, expect, test } from 'vitest'
import type { PeerPort } from '../../src/instrument/port.ts'
import { sleep } from '../../src/lib/clock.ts'
import { Questions } from '../../src/instrument/questions.ts'
import { questionRecords } from '../../src/instrument/truths.ts'
import type { QuestionRecord } from '../../src/measure/report.ts'
import type { TimedQuestion } from '../../src/scenario/questions.ts'
import { FakeNetwork, hashOf, peerPort } from '../builders/port.ts'

const NOBODY = { tx: [], block: [] }

/** A network of three of which the second is asked. */
function network(asked: Partial<PeerPort>): FakeNetwork {
  const three = new FakeNetwork(3)
  const pools = [4, 9, 2]
  Object.assign(three, {
    peers: pools.map((pending, index) =>
      peerPort({ index, gauge: async () => [pending], ...(index === 1 && asked) }),
    ),
  })
  return three
}

async function recordsOf(
  three: FakeNetwork,
  question: Omit<TimedQuestion, 'atMs' | 'node'>,
  forMs = 0,
): Promise<readonly QuestionRecord[]> {
  const questions = new Questions(three)
  const startMs = three.clock.monotonicMs()
  const ended = new AbortController()
  const playing = questions.play([{ atMs: 0, node: 1, ...question }], startMs, ended.signal)
  await three.pass(forMs)
  await playing
  return questionRecords(questions.asked, {
    startMs,
    spreads: NOBODY,
    indexOf: (peerId) => three.peers.find((peer) => peer.peerId === peerId)?.index,
  })
}

describe('a question to the network', () => {
  test.each([
    ['mean txpool.pending', 5, 5, 0],
    ['max txpool.pending', 10, 9, 1 / 9],
    ['min txpool.pending', 1, 2, 0.5],
    ['sum txpool.pending', 15, 15, 0],
    ['count txpool.pending', 6, 3, 1],
    ['p50 txpool.pending', 4, 4, 0],
  ])(
    'has its answer beside what all nodes say themselves: %s',
    async (words, value, truth, error) => {
      const answer = { value, unit: 'transactions', spread: 0, nodes: 3, rounds: 14, ageMs: 0 }
      const three = network({ ask: async () => answer })
      const [record] = await recordsOf(three, { kind: 'ask', words, within: 0.1 })
      expect(record).toMatchObject({ value, rounds: 14, trueValues: [truth, truth], within: 0.1 })
      expect(record?.error).toBeCloseTo(error)
    },
  )

  test('for the best match has the node that the answer names', async () => {
    const found = { peerId: 'id-1', value: 9, unit: 'transactions', have: 3, of: 3, rounds: 6 }
    const three = network({ find: async () => found })
    const [record] = await recordsOf(three, { kind: 'find', words: 'largest txpool.pending' })
    expect(record).toMatchObject({ value: 9, peer: 1, trueValues: [9, 9], error: 0, within: null })
  })

  test('for an item that nobody saw has no truth, and no error', async () => {
    const found = { peerId: null, value: null, unit: '', have: 0, of: 3, rounds: 6 }
    const three = network({ find: async () => found })
    const [record] = await recordsOf(three, { kind: 'find', words: hashOf('nothing') })
    expect(record).toMatchObject({ value: 0, peer: null, trueValues: [], error: null })
  })

  test('about the newest transaction needs one that has had time to spread', async () => {
    const [record] = await recordsOf(network({}), { kind: 'find', words: 'transaction' })
    expect(record).toMatchObject({ failure: 'no transaction had been accepted for 5 s' })
  })

  test('that gets no answer is given up, and says so', async () => {
    const three = network({ ask: () => new Promise(() => {}) })
    const [record] = await recordsOf(three, { kind: 'ask', words: 'max peers' }, 40_000)
    expect(record).toMatchObject({ failure: 'none within 30 s', value: null, error: null })
  })

  test('stands where the plan has it, though a later one is answered first', async () => {
    const three = network({
      ask: async (words) => {
        if (words === 'max peers') await sleep(three.clock, 1_000)
        return { value: 1, unit: 'peers', spread: 0, nodes: 3, rounds: 14, ageMs: 0 }
      },
    })
    const questions = new Questions(three)
    const plan = ['max peers', 'min peers'].map((words): TimedQuestion => ({
      atMs: 0,
      node: 1,
      kind: 'ask',
      words,
    }))
    const playing = questions.play(plan, three.clock.monotonicMs(), new AbortController().signal)
    await three.pass(2_000)
    await playing
    expect(questions.asked.map(({ words }) => words)).toEqual(['max peers', 'min peers'])
  })

  test('to a node that refuses it has the words of the refusal', async () => {
    const refuse = (): Promise<never> => Promise.reject(new Error('ask again in some seconds'))
    const [record] = await recordsOf(network({ ask: refuse }), { kind: 'ask', words: 'max peers' })
    expect(record).toMatchObject({ failure: 'ask again in some seconds' })
  })
})
