import { afterEach, describe, expect, test } from 'vitest'
import { EXIT_CODES } from '../../src/cli/exitCodes.ts'
import { CLIENT_VERSION, VERSION_NUMBER } from '../../src/node/version.ts'
import { rpcClient } from '../../src/rpc/client/rpcClient.ts'
import {
  allMeshed,
  eventually,
  genesisFile,
  startPeer,
  stopPeers,
  type TestPeer,
} from '../builders/runningPeer.ts'
import { grapevine } from '../builders/program.ts'
import { signedTransfer } from '../builders/tx.ts'

afterEach(stopPeers)

async function three(): Promise<readonly [TestPeer, TestPeer, TestPeer]> {
  const settings = { genesis: genesisFile(), rpc: true }
  const first = await startPeer(settings)
  const hosts = [first, await startPeer(settings, first), await startPeer(settings, first)] as const
  await eventually(hosts, () => hosts.every(({ node }) => node.members.liveCount === 3))
  await eventually(hosts, () => allMeshed(hosts))
  return hosts
}

describe('grapevine find', () => {
  test('says who of three nodes on real sockets saw a transaction first, whichever is asked', async () => {
    const hosts = await three()
    const [, second, third] = hosts
    const { raw, hash } = signedTransfer({ nonce: 0n })
    await second.node.submit(raw)
    await eventually(hosts, () => hosts.every(({ node }) => node.mempool.has(hash)))
    const url = third.rpc?.url ?? ''
    const shown = await grapevine(['find', hash, '--rpc', url, '--json']).finished
    expect(shown).toMatchObject({ code: EXIT_CODES.success.code, stderr: '' })
    const answers = await Promise.all(
      hosts.map(({ rpc }) => rpcClient(rpc?.url ?? '').call('gossip_find', [hash])),
    )
    for (const answer of [JSON.parse(shown.stdout), ...answers] as unknown[])
      expect(answer).toMatchObject({
        first: { peer: second.id, errorMs: 0 },
        have: 3,
        of: 3,
        haveError: 0,
        missing: [],
        silent: [],
      })
  }, 60_000)

  test('says which node has the most peers, which the oldest version, and what nobody has', async () => {
    const hosts = await three()
    const [first, second] = hosts
    await second.node.submit(signedTransfer({ nonce: 0n }).raw)
    const client = rpcClient(first.rpc?.url ?? '')
    expect(await client.call('gossip_find', ['highest peers'])).toMatchObject({
      best: { value: 2, unit: 'peers' },
      have: 3,
      of: 3,
    })
    expect(await client.call('gossip_find', ['oldest version'])).toMatchObject({
      best: { value: VERSION_NUMBER, unit: 'version', client: CLIENT_VERSION },
      have: 3,
      of: 3,
    })
    expect(await client.call('gossip_find', [`0x${'ee'.repeat(32)}`])).toMatchObject({
      first: null,
      have: 0,
      of: 3,
    })
  }, 60_000)

  test('lists what can be asked where the question is none, before it asks anybody', async () => {
    const asked = grapevine(['find', 'biggest', 'pool', '--rpc', 'http://127.0.0.1:1'])
    const { code, stdout, stderr } = await asked.finished
    expect({ code, stdout }).toEqual({ code: EXIT_CODES.usage.code, stdout: '' })
    expect(stderr).toContain('cannot look for "biggest pool": give the hash of')
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })
})
