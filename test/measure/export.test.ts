import { describe, expect, test } from 'vitest'
import { EXPORTS } from '../../src/measure/export/exports.ts'
import { reportOfPlan } from '../builders/report.ts'

const report = reportOfPlan({ nodes: 9, transactions: 12, blocks: 2 })
const items = [...report.spreads.transactions, ...report.spreads.blocks]
const copies = items.reduce((sum, { first, later }) => sum + first.length + later.length, 0)

describe('--export interop', () => {
  const files = EXPORTS.interop.files(report)
  const logs = files.map(({ text }) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string | number>),
  )

  test('has one log per node, which opens with its peer id', () => {
    expect(logs.map(([first]) => first)).toEqual(
      report.peers.map(({ index, peerId }) => ({
        time: '2026-01-02T03:04:05.678000Z',
        level: 'INFO',
        msg: 'PeerID',
        id: peerId,
        node_id: index,
      })),
    )
  })

  test('has a line for every copy, in order of time, with a decimal id and the sender', () => {
    const received = logs.map((lines) => lines.slice(1))
    expect(received.flat()).toHaveLength(copies)
    for (const lines of received) {
      const times = lines.map(({ time }) => String(time))
      expect(times).toEqual(times.toSorted((a, b) => (a < b ? -1 : 1)))
      for (const line of lines) {
        expect(line).toMatchObject({ msg: 'Received Message', id: expect.stringMatching(/^\d+$/) })
        expect(line['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
        expect(report.peers.map(({ peerId }) => peerId)).toContain(line['from'])
        expect(Object.values(report.topics)).toContain(line['topic'])
      }
    }
  })

  test('gives its analysis the coverage and the duplicates of the report', () => {
    const first = new Set<string>()
    let duplicates = 0
    for (const [node, lines] of logs.entries()) {
      for (const { id } of lines.slice(1)) {
        if (first.has(`${node} ${id}`)) duplicates += 1
        first.add(`${node} ${id}`)
      }
    }
    const atOrigin = items.filter(({ origin, later }) => later.some(([node]) => node === origin))
    expect(first.size).toBe(items.length * (report.nodes - 1) + atOrigin.length)
    expect(first.size + duplicates).toBe(copies)
  })
})

describe('--export csv', () => {
  const files = new Map(EXPORTS.csv.files(report).map(({ file, text }) => [file, text]))

  test('has a row per item, copy and peer below one row of names', () => {
    const rows = [...files.values()].map((text) => text.trimEnd().split('\r\n').length - 1)
    expect([...files.keys()]).toEqual(['items.csv', 'copies.csv', 'peers.csv'])
    expect(rows).toEqual([items.length, copies, report.nodes])
  })

  test('has as many cells in every row as names', () => {
    for (const text of files.values()) {
      const widths = text
        .trimEnd()
        .split('\r\n')
        .map((row) => row.split(',').length)
      expect(new Set(widths).size).toBe(1)
    }
  })

  test('tells with every copy how far the clocks may have moved its times', () => {
    const [, copyFile] = EXPORTS.csv.files(reportOfPlan({ nodes: 9, clockErrorMs: 0.75 }))
    const [head, ...rows] = (copyFile?.text ?? '').trimEnd().split('\r\n')
    expect(head).toMatch(/,errorMs$/)
    expect(rows.some((row) => row.endsWith(',0.75'))).toBe(true)
    expect(files.get('copies.csv')?.trimEnd()).toMatch(/,0$/)
  })

  test('quotes what would break a row', () => {
    const [first] = report.peers
    if (first === undefined) throw new Error('the report has peers')
    const odd = { ...report, peers: [{ ...first, region: 'a "b", c' }] }
    const [, , peers] = EXPORTS.csv.files(odd)
    expect(peers?.text).toContain(',"a ""b"", c",')
  })
})
