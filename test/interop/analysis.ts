/**
 * Reads the lines of all nodes of gossipsub-interop as its analysis does: coverage, duplicates and
 * latency of each message.
 */
import { isRecord } from '../../src/lib/records.ts'

/** What became of one message. */
export interface Delivered {
  /** Nodes to which it came, of those that did not publish it. */
  readonly reach: number
  /** Later copies, for each node of the network. */
  readonly duplicates: number
  /** From the first node that got it to the last. */
  readonly latencyMs: number
}

export interface Analysis {
  /** Peer ids by node id. */
  readonly peers: ReadonlyMap<number, string>
  readonly messages: ReadonlyMap<string, Delivered>
}

interface Copies {
  readonly firstMs: number[]
  later: number
}

/**
 * @param logs the standard output of each node, as lines. Lines of other events are passed over.
 */
export function analyse(logs: readonly (readonly string[])[]): Analysis {
  const peers = new Map<number, string>()
  const copies = new Map<string, Copies>()
  for (const log of logs) {
    const seen = new Set<string>()
    for (const event of log.map(parsed)) {
      if (event['msg'] === 'PeerID') peers.set(Number(event['node_id']), String(event['id']))
      if (event['msg'] === 'Received Message') note(copies, seen, event)
    }
  }
  const messages = [...copies].map(([id, each]) => [id, delivered(each, peers.size)] as const)
  return { peers, messages: new Map(messages) }
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  const event: unknown = JSON.parse(line)
  if (!isRecord(event) || Number.isNaN(Date.parse(String(event['time']))))
    throw new Error(`not an event: ${line}`)
  return event
}

function note(
  copies: Map<string, Copies>,
  seen: Set<string>,
  event: Readonly<Record<string, unknown>>,
): void {
  const { id, time } = event
  if (typeof id !== 'string') throw new Error(`the id is no text: ${JSON.stringify(event)}`)
  const known = copies.get(id) ?? { firstMs: [], later: 0 }
  copies.set(id, known)
  if (seen.has(id)) known.later++
  else known.firstMs.push(Date.parse(String(time)))
  seen.add(id)
}

function delivered({ firstMs, later }: Copies, nodes: number): Delivered {
  if (firstMs.length > nodes) throw new Error('delivered to more nodes than there are')
  return {
    reach: Math.min(1, firstMs.length / (nodes - 1)),
    duplicates: later / nodes,
    latencyMs: Math.max(...firstMs) - Math.min(...firstMs),
  }
}
