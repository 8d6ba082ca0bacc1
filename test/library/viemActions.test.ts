import { createPublicClient, custom } from 'viem'
import { expect, test } from 'vitest'
import { grapevineActions } from '../../src/library/viemActions.ts'

/** A viem client whose node answers with what it was asked. */
const client = createPublicClient({
  transport: custom({ request: async (asked: unknown) => asked }),
}).extend(grapevineActions())

test('the actions ask the methods of a node by their names', async () => {
  const hash = `0x${'11'.repeat(32)}` as const
  expect(await client.getTimeline({ hash })).toEqual({ method: 'gossip_timeline', params: [hash] })
  expect(await client.getMesh()).toEqual({ method: 'gossip_mesh', params: [] })
  expect(await client.getMembers()).toEqual({ method: 'gossip_members', params: [false] })
  expect(await client.getMembers({ liveOnly: true })).toMatchObject({ params: [true] })
  expect(await client.ask({ query: 'mean txpool.pending' })).toEqual({
    method: 'gossip_aggregate',
    params: ['mean txpool.pending'],
  })
})

test('a question to the whole network is one of gossip_find', async () => {
  const question = 'largest txpool.pending'
  expect(await client.find({ question })).toEqual({ method: 'gossip_find', params: [question] })
})

test('the actions are beside those of viem', async () => {
  expect(client.getBlockNumber).toBeTypeOf('function')
})
