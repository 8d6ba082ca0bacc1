import { expect, test } from 'vitest'
import { EventLog } from '../../src/interop/eventLog.ts'

function written(wallMs: number): string {
  const lines: string[] = []
  const log = new EventLog({ write: (line) => lines.push(line), wallMs: (ms) => ms + wallMs })
  log.write('Received Message', 5, { id: '31' })
  return lines.join('')
}

test('an event is one line of JSON with its time, what it is, and its fields', () => {
  expect(written(Date.UTC(1999, 11, 31, 16, 8, 12))).toBe(
    '{"time":"1999-12-31T16:08:12.005000Z","level":"INFO","msg":"Received Message","service":"gossipsub","id":"31"}\n',
  )
})

test.each([
  [0.0004, '1970-01-01T00:00:00.005000Z'],
  [0.001, '1970-01-01T00:00:00.005001Z'],
  [994.9996, '1970-01-01T00:00:01.000000Z'],
])('times have microseconds: %d ms', (wallMs, time) => {
  expect(JSON.parse(written(wallMs))).toMatchObject({ time })
})
