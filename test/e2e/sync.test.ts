import { afterEach, describe, expect, test } from 'vitest'
import type { Block } from '../../src/block/block.ts'
import { nextBlock, sendersOf, testChain } from '../builders/chain.ts'
import {
  allKnown,
  allMeshed,
  eventually,
  genesisFile,
  startPeer,
  stopPeers,
  type TestPeer,
} from '../builders/runningPeer.ts'
import { chainOf } from '../builders/syncNode.ts'
import { signedTransfer } from '../builders/tx.ts'

afterEach(stopPeers)

describe('nodes on real sockets', () => {
  test('find one another from one bootnode', async () => {
    const hosts = await startThree()
    expect(hosts.map(({ network }) => network.peers().length)).toEqual([2, 2, 2])
    const [, second, third] = hosts
    expect(second?.node.sync.book.get(third?.id ?? never())?.status.headNumber).toBe(0n)
  })

  test('of two networks part, and the log of who parts says why', async () => {
    const one = await startPeer({ genesis: genesisFile(1) })
    const other = await startPeer({ genesis: genesisFile(2) }, one)
    const said = ({ lines }: TestPeer) =>
      lines.filter(({ message }) => message.includes('status in common'))
    await eventually([one, other], () => said(one).length > 0 && said(other).length > 0)
    await eventually([one, other], () => one.network.peers().length === 0)
    const reasons = [one, other].map((host) => String(said(host)[0]?.['reason']))
    // Who finds out first closes the connection; the other may see no more than that.
    expect(reasons.join()).toMatch(/does not speak this protocol/)
    for (const reason of reasons) expect(reason).toMatch(/does not speak|the stream broke off/)
  })

  test('catch up from behind, and then follow by gossip', async () => {
    const genesis = genesisFile()
    const blocks = chainOf(30)
    const first = await startPeer({ genesis })
    for (const block of blocks) take(first, block)
    const late = await startPeer({ genesis }, first)
    await eventually([first, late], () => headOf(late) === blocks.at(-1)?.hash)
    const hosts = [first, late]
    await eventually(hosts, () => allMeshed(hosts))
    const { block } = nextBlock(first.node.chain)
    expect(await first.node.relay.submit('block', block.raw, 'sealer')).toMatchObject({
      verdict: { action: 'accept' },
    })
    await eventually(hosts, () => hosts.every((host) => headOf(host) === block.hash))
    expect(late.timelines?.timeline(block.hash)?.firstSeen?.from).toBe(first.id)
    late.node.chain.assertInvariants()
  })

  test('keep a transaction far ahead to themselves until those before it have come', async () => {
    const hosts = await startThree()
    const [first = never()] = hosts
    await eventually(hosts, () => allMeshed(hosts))
    const ahead = signedTransfer({ nonce: 20n })
    const submit = (raw: Uint8Array) => first.node.relay.submit('tx', raw, 'rpc')
    expect((await submit(ahead.raw)).verdict).toMatchObject({ action: 'hold', reason: 'nonce-gap' })
    const other = signedTransfer({ from: 1 })
    await submit(other.raw)
    await eventually(hosts, () => hosts.every((host) => host.node.mempool.has(other.hash)))
    expect(hosts.map((host) => host.node.mempool.has(ahead.hash))).toEqual([true, false, false])

    const before = Array.from({ length: 20 }, (_, nonce) =>
      signedTransfer({ nonce: BigInt(nonce) }),
    )
    for (const { raw } of before) await submit(raw)
    const places = ({ node }: TestPeer) =>
      [...before, ahead].map(({ hash }) => node.mempool.get(hash)?.place)
    await eventually(hosts, () =>
      hosts.every((host) => places(host).every((place) => place === 'pending')),
    )
    for (const { node } of hosts) node.mempool.assertInvariants()
  })

  test('hold a block whose parent they do not know, fetch the parent, and import both', async () => {
    const hosts = await startThree()
    const [first = never()] = hosts
    await eventually(hosts, () => allMeshed(hosts))
    const [parent = never()] = chainOf(1)
    take(first, parent)
    const { block } = nextBlock(first.node.chain)
    await first.node.relay.submit('block', block.raw, 'sealer')
    await eventually(hosts, () => hosts.every((host) => headOf(host) === block.hash))
    for (const { node } of hosts) {
      node.sync.held.assertInvariants()
      expect(node.sync.held.count).toBe(0)
    }
    const held = hosts.slice(1).map(({ timelines }) => timelines?.timeline(block.hash)?.fates)
    for (const fates of held)
      expect(fates?.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['released']))
  })

  test('stop while requests are under way, without an error', async () => {
    const genesis = genesisFile()
    const first = await startPeer({ genesis })
    for (const block of chainOf(200)) take(first, block)
    const late = await startPeer({ genesis }, first)
    await eventually([first, late], () => late.node.chain.head.header.number > 0n)
    await late.stop()
    await first.stop()
    expect(
      [...first.lines, ...late.lines].filter(({ message }) => message.includes('failed')),
    ).toEqual([])
  })
})

/** Three nodes of which the last two know the first alone. */
async function startThree(): Promise<readonly TestPeer[]> {
  const genesis = genesisFile()
  const first = await startPeer({ genesis })
  const rest = await Promise.all([startPeer({ genesis }, first), startPeer({ genesis }, first)])
  const hosts = [first, ...rest]
  await eventually(hosts, () => allKnown(hosts))
  return hosts
}

/** Imports a block behind the back of gossip. */
function take({ node }: TestPeer, block: Block): void {
  expect(node.chain.import(block, sendersOf(block))).toMatchObject({ status: 'imported' })
}

function headOf({ node }: TestPeer): string {
  return node.chain.head.hash
}

function never(): never {
  throw new Error('there are three')
}

test('the genesis file of these tests is that of the test chain', async () => {
  const host = await startPeer({ genesis: genesisFile() })
  expect(host.node.chain.genesis.hash).toBe(testChain().genesis.hash)
})
