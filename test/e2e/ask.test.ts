import { afterEach, describe, expect, test } from 'vitest'
import { EXIT_CODES } from '../../src/cli/exitCodes.ts'
import { rpcClient } from '../../src/rpc/client/rpcClient.ts'
import { eventually, genesisFile, startPeer, stopPeers } from '../builders/runningPeer.ts'
import { grapevine } from '../builders/program.ts'

interface Answer {
  readonly value: number
}

afterEach(stopPeers)

describe('grapevine ask', () => {
  test('answers for all nodes of a network on real sockets, whichever is asked', async () => {
    const settings = { genesis: genesisFile(), rpc: true }
    const first = await startPeer(settings)
    const others = [await startPeer(settings, first), await startPeer(settings, first)]
    const hosts = [first, ...others]
    await eventually(hosts, () => hosts.every(({ node }) => node.members.liveCount === 3))
    const url = first.rpc?.url ?? ''
    const shown = await grapevine(['ask', 'count members', '--rpc', url, '--json']).finished
    expect(shown).toMatchObject({ code: EXIT_CODES.success.code, stderr: '' })
    const asked = others.map(({ rpc }) =>
      rpcClient(rpc?.url ?? '').call('gossip_aggregate', ['count members']),
    )
    for (const answer of [JSON.parse(shown.stdout), ...(await Promise.all(asked))] as Answer[]) {
      expect(answer).toMatchObject({ unit: 'nodes', nodes: 3, rounds: 14 })
      expect(Math.abs(answer.value - 3)).toBeLessThan(0.03)
    }
  })

  test('lists what can be asked where the question is none, before it asks anybody', async () => {
    const asked = grapevine(['ask', 'median', 'txpool', '--rpc', 'http://127.0.0.1:1'])
    const { code, stdout, stderr } = await asked.finished
    expect({ code, stdout }).toEqual({ code: EXIT_CODES.usage.code, stdout: '' })
    expect(stderr).toContain('cannot answer "median txpool": ask a function (count, sum, mean,')
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })
})
