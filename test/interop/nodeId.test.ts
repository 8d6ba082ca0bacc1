import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { nodeIdOfHost, peerIdOfNode, seedOfNode } from '../../src/interop/nodeId.ts'
import { bytesToHex } from '../../src/lib/bytes.ts'

/**
 * What the framework's own test of its Go implementation holds over `>id:peer id` of 10,000 nodes,
 * one a line.
 */
const SHA256_OF_ALL = '11395ea896d00ca25f7f648ebb336488ee092096a5498d90d76b92eaec27867a'

describe('a node of gossipsub-interop', () => {
  test('has the peer ids of the other implementations, for 10,000 ids', async () => {
    const all = createHash('sha256')
    for (let id = 0; id < 10_000; id++) all.update(`>${id}:${await peerIdOfNode(id)}\n`)
    expect(all.digest('hex')).toBe(SHA256_OF_ALL)
  })

  test('has its id in its key, little-endian', () => {
    expect(bytesToHex(seedOfNode(0x01020304))).toBe(`0x04030201${'00'.repeat(28)}`)
  })

  test.each([
    ['node0', 0],
    ['node7', 7],
    ['node12.example.org', 12],
    ['node007', 7],
    ['node2147483647', 2_147_483_647],
  ])('reads its id in the host name %s', (name, id) => {
    expect(nodeIdOfHost(name)).toBe(id)
  })

  test.each([
    '',
    'node',
    'node-1',
    'nodes1',
    'Node1',
    'xnode1',
    'node1x',
    'node2147483648',
    'node99999999999',
  ])('has no id from the host name %j', (name) => {
    expect(() => nodeIdOfHost(name)).toThrow(`called ${JSON.stringify(name)}, not node0`)
  })
})
