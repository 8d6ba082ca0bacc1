import { expect, test } from 'vitest'
import { startOwnNode, type OwnNodeOptions } from '../../src/library/ownNode.ts'
import {
  compareRuns,
  runScenarioOnPeers,
  simulateScenario,
} from '../../src/library/scenarioRuns.ts'
import { startTestNetwork, type TestNetworkOptions } from '../../src/library/testNetwork.ts'
import { UserError } from '../../src/lib/userError.ts'

const networks: readonly (readonly [TestNetworkOptions, string])[] = [
  [{ nodes: 0 }, 'nodes: expected a whole number from 1 to 100, got 0'],
  [{ nodes: 2.5 }, 'nodes: expected a whole number from 1 to 100, got 2.5'],
  [{ blockTime: 0 }, 'blockTime: expected a whole number from 1 to 3600, got 0'],
  [{ signers: 5 }, 'signers: expected a whole number from 1 to 4, got 5'],
  [{ accounts: 1_000 }, 'accounts: expected a whole number from 1 to 900, got 1000'],
  [{ settings: { meshDegre: 4 } }, 'settings: meshDegre is not a setting'],
  [{ settings: { port: 9000 } }, 'settings: port differs from peer to peer; leave it out'],
]

test.each(networks)('a devnet of %j is refused before anything starts', async (options, said) => {
  const start = startTestNetwork(options)
  await expect(start).rejects.toThrow(said)
  await expect(start).rejects.toBeInstanceOf(UserError)
})

const judge = () => 'accept' as const
const nodes: readonly (readonly [OwnNodeOptions, string])[] = [
  [{ settings: { nothing: 1 } as object }, 'settings: nothing is not a setting'],
  [
    { settings: { targetPeers: -1 } },
    'settings: targetPeers: expected a whole number from 0 to 200',
  ],
  [{ topics: [{ name: 'tx', maxBytes: 1, judge }] }, 'topic tx: there is one of this name already'],
  [
    { topics: [{ name: 'A b', maxBytes: 1, judge }] },
    'topic "A b": expected 1 to 32 small letters',
  ],
  [{ topics: [{ name: 'a', maxBytes: 0, judge }] }, 'topic a: maxBytes: expected 1 to 1048576'],
  [
    { rules: [{ sentence: '', otherwise: 'ignore', holds: () => true }] },
    'rules: a rule needs a sentence',
  ],
]

test.each(nodes)('a node of %j is refused before anything starts', async (options, said) => {
  const start = startOwnNode(options)
  await expect(start).rejects.toThrow(said)
  await expect(start).rejects.toBeInstanceOf(UserError)
})

test('a scenario that cannot be is refused in words', async () => {
  await expect(runScenarioOnPeers('no-such-scenario')).rejects.toThrow('there is no scenario')
  await expect(simulateScenario({ name: 'a', shows: 'b', nodes: 1 })).rejects.toThrow('nodes')
  await expect(runScenarioOnPeers({ name: 'a', shows: 'b', nodes: 200 })).rejects.toThrow(
    'one machine runs 100 for real; simulate() takes more',
  )
  expect(() => compareRuns({})).toThrow('expected at least two reports')
})
