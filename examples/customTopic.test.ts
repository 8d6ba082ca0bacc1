/**
 * A topic of one's own beside those of the network: short notes, spread by gossip and judged by our
 * own code.
 */
import { startNode, type OwnTopic } from 'grapevine'
import { expect, test, vi } from 'vitest'

function notes(received: (note: string) => void): OwnTopic {
  return {
    name: 'notes',
    maxBytes: 200,
    judge: (data) => (new TextDecoder().decode(data).startsWith('note:') ? 'accept' : 'reject'),
    received: (data) => received(new TextDecoder().decode(data)),
  }
}

test('a note that the judge accepts reaches the other node; another is refused', async () => {
  const heard: string[] = []
  await using first = await startNode({ topics: [notes(() => {})] })
  await using second = await startNode({
    topics: [notes((note) => heard.push(note))],
    settings: { bootnodes: first.multiaddrs },
  })
  await vi.waitUntil(() => first.mesh('notes').includes(second.peerId), { timeout: 60_000 })

  await first.publish('notes', new TextEncoder().encode('note: hello'))
  await vi.waitUntil(() => heard.length > 0, { timeout: 60_000 })
  expect(heard).toEqual(['note: hello'])

  const noNote = new TextEncoder().encode('hello')
  await expect(first.publish('notes', noNote)).rejects.toThrow('topic notes: its judge says reject')
})
