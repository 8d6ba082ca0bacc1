import { expect, test } from 'vitest'
import { analyse } from './analysis.ts'

function line(msg: string, atMs: number, fields: object): string {
  return JSON.stringify({ time: new Date(atMs).toISOString(), msg, ...fields })
}

function copy(atMs: number, id: string): string {
  return line('Received Message', atMs, { id })
}

test('coverage leaves out the publisher, later copies are duplicates, latency is from first to last', () => {
  const logs = [0, 1, 2].map((node) => [line('PeerID', 0, { id: `p${node}`, node_id: node })])
  logs[0]?.push(line('Listening', 1, {}))
  logs[1]?.push(copy(10, '7'), copy(12, '7'), copy(20, '8'))
  logs[2]?.push(copy(15, '7'), copy(16, '7'), copy(17, '7'))
  const { peers, messages } = analyse(logs)
  expect([...peers]).toEqual([
    [0, 'p0'],
    [1, 'p1'],
    [2, 'p2'],
  ])
  expect(messages.get('7')).toEqual({ reach: 1, duplicates: 1, latencyMs: 5 })
  expect(messages.get('8')).toEqual({ reach: 0.5, duplicates: 0, latencyMs: 0 })
})

test('a publisher that gets its own message back does not raise the coverage above 1', () => {
  const logs = [0, 1].map((node) => [line('PeerID', 0, { id: '', node_id: node }), copy(1, '1')])
  expect(analyse(logs).messages.get('1')).toMatchObject({ reach: 1 })
})

test.each([
  ['[]', 'not an event: []'],
  ['{}', 'not an event: {}'],
  ['{"time":"yesterday","msg":"PeerID"}', 'not an event'],
  ['{"time":"2026-01-01T00:00:00Z","msg":"Received Message","id":1}', 'the id is no text'],
  ['text', 'not valid JSON'],
])('the line %s is refused: %s', (text, message) => {
  expect(() => analyse([[text]])).toThrow(message)
})
