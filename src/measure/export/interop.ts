/**
 * The report as the logs that gossipsub-interop (libp2p/test-plans, `test-specs/implementation.md`)
 * asks of every implementation: for each node a file with its peer id and one line per copy it
 * received, duplicates included. As there, the node where a message entered has a line only for the
 * copies that came back to it.
 *
 * The id is the first 8 bytes of the hash as a decimal number, the form that its analysis expects;
 * the hash stands beside.
 */
import type { Report, SpreadRecord } from '../report.ts'
import type { ExportFile } from './exportFile.ts'

interface Received {
  readonly node: number
  readonly atMs: number
  readonly line: string
}

/** The report as one log for each node, one JSON object a line. */
export function interopFiles(report: Report): readonly ExportFile[] {
  const startMs = Date.parse(report.startedAt)
  const byNode = new Map<number, Received[]>(report.peers.map(({ index }) => [index, []]))
  const peerIds = new Map(report.peers.map(({ index, peerId }) => [index, peerId]))
  const topicOf = { transactions: report.topics['tx'], blocks: report.topics['block'] } as const
  for (const kind of ['transactions', 'blocks'] as const)
    for (const record of report.spreads[kind])
      for (const copy of copiesOf(peerIds, record, topicOf[kind] ?? kind, startMs))
        byNode.get(copy.node)?.push(copy)
  return report.peers.map(({ index, peerId }) => {
    const first = JSON.stringify({
      time: rfc3339(startMs),
      level: 'INFO',
      msg: 'PeerID',
      id: peerId,
      node_id: index,
    })
    const copies = (byNode.get(index) ?? []).sort((a, b) => a.atMs - b.atMs)
    const lines = [first, ...copies.map(({ line }) => line)]
    return { file: `node${index}.stdout`, text: `${lines.join('\n')}\n` }
  })
}

function copiesOf(
  peerIds: ReadonlyMap<number, string>,
  { hash, atMs, first, later }: SpreadRecord,
  topic: string,
  startMs: number,
): Received[] {
  const id = BigInt(hash.slice(0, 18)).toString()
  const copy = (node: number, from: number | null, receivedMs: number): Received => {
    const time = rfc3339(startMs + atMs + receivedMs)
    const sender = from === null ? '' : (peerIds.get(from) ?? '')
    const entry = { time, level: 'INFO', msg: 'Received Message', id, from: sender, topic, hash }
    return { node, atMs: atMs + receivedMs, line: JSON.stringify(entry) }
  }
  return [...first, ...later].map(([node, from, receivedMs]) => copy(node, from, receivedMs))
}

/** With microseconds, which `Date` does not hold. */
function rfc3339(wallMs: number): string {
  const whole = Math.floor(wallMs)
  const micros = Math.min(999, Math.round((wallMs - whole) * 1000))
  return new Date(whole).toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`)
}
