/** The report as tables (RFC 4180). Times are ms; an empty cell is a value that is not known. */
import { CONTROL_KINDS } from '../../item/controlKinds.ts'
import type { Report, SpreadRecord } from '../report.ts'
import { pairErrors } from '../clocks/runClocks.ts'
import { TRAFFIC_COUNTERS } from '../traffic.ts'
import type { ExportFile } from './exportFile.ts'

type Cell = string | number | null | undefined

/** The report as three tables: items, copies and peers. */
export function csvFiles(report: Report): readonly ExportFile[] {
  const errorMs = pairErrors(report.clock)
  const records = [
    ...report.spreads.transactions.map((record) => ({ kind: 'tx', record })),
    ...report.spreads.blocks.map((record) => ({ kind: 'block', record })),
  ]
  return [
    { file: 'items.csv', text: csv(ITEM_COLUMNS, records.map(itemRow)) },
    {
      file: 'copies.csv',
      text: csv(
        COPY_COLUMNS,
        records.flatMap(({ record }) => copyRows(record, errorMs)),
      ),
    },
    { file: 'peers.csv', text: csv(PEER_COLUMNS, peerRows(report)) },
  ]
}

const ITEM_COLUMNS = [
  'hash',
  'kind',
  'origin',
  'atMs',
  'bytes',
  'others',
  'reached',
  'duplicates',
  'lastMs',
]

function itemRow({ kind, record }: { kind: string; record: SpreadRecord }): Cell[] {
  const { hash, origin, atMs, bytes, first, missed, later } = record
  const others = first.length + missed.length
  const lastMs = first.reduce((last, row) => Math.max(last, row[3]), 0)
  return [hash, kind, origin, atMs, bytes, others, first.length, later.length, lastMs]
}

const COPY_COLUMNS = [
  'hash',
  'node',
  'from',
  'route',
  'isFirst',
  'receivedMs',
  'judgedMs',
  'queuedMs',
  'hop',
  'errorMs',
]

/**
 * `errorMs` is the bound on what the clocks of the origin and of the node may have moved the times
 * by.
 */
function copyRows(
  { hash, origin, first, later }: SpreadRecord,
  errorMs: (a: number, b: number) => number,
): Cell[][] {
  return [
    ...first.map(([node, from, receivedMs, judgedMs, queuedMs, hop, route]) => [
      hash,
      node,
      from,
      route,
      1,
      receivedMs,
      judgedMs,
      queuedMs,
      hop,
      errorMs(origin, node),
    ]),
    ...later.map(([node, from, receivedMs, route]) => [
      hash,
      node,
      from,
      route,
      0,
      receivedMs,
      null,
      null,
      null,
      errorMs(origin, node),
    ]),
  ]
}

const PEER_COLUMNS = [
  'index',
  'peerId',
  'region',
  'meshTx',
  'meshBlock',
  ...TRAFFIC_COUNTERS,
  ...CONTROL_KINDS.map((kind) => `${kind}Sent`),
  ...CONTROL_KINDS.map((kind) => `${kind}Received`),
]

function peerRows({ peers, topics }: Report): Cell[][] {
  return peers.map(({ index, peerId, region, mesh, traffic }) => [
    index,
    peerId,
    region,
    mesh[topics['tx'] ?? ''],
    mesh[topics['block'] ?? ''],
    ...TRAFFIC_COUNTERS.map((name) => traffic?.[name]),
    ...CONTROL_KINDS.map((kind) => traffic?.controlSent[kind]),
    ...CONTROL_KINDS.map((kind) => traffic?.controlReceived[kind]),
  ])
}

function csv(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [columns, ...rows].map((row) => `${row.map(cellText).join(',')}\r\n`).join('')
}

function cellText(cell: Cell): string {
  const text = cell === null || cell === undefined ? '' : String(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
