import { expect, test } from 'vitest'
import { checkSimulable, simulationProblems } from '../../src/sim/simulable.ts'
import { scenarioWith } from '../builders/scenario.ts'

test('what a router cannot do is refused before the start, in one line each', () => {
  const scenario = scenarioWith({
    processes: 2,
    everyNode: { settings: { rpcFeeCap: 2 } },
    faults: [
      { kind: 'hostile', nodes: [1], behaviour: 'spam', atS: 1 },
      { kind: 'clock-jump', nodes: [1], byMs: 5, atS: 1 },
    ],
  })
  expect(simulationProblems(scenario, 'router')).toEqual([
    'everyNode.settings.rpcFeeCap means nothing to a router alone: leave it out',
    'processes: what a router alone takes of a process is not known: use --engine node',
    'faults[0].behaviour: a router alone finds every transaction valid, so it cannot spam: use --engine node',
    'faults[1].kind: a router alone has no calendar: use --engine node',
  ])
  expect(simulationProblems(scenario, 'node')).toEqual([
    'everyNode.settings.rpcFeeCap means nothing in a simulation, which has no sockets, files or threads: leave it out',
  ])
})

test('settings for all nodes are refused beside those of the scenario, in one line', () => {
  const scenario = scenarioWith({ everyNode: { settings: { rpcFeeCap: 2 } } })
  const given = { minTip: 2 }
  expect(() => checkSimulable(scenario, 'router', { given, name: 'a.yaml' })).toThrow(
    'a.yaml: everyNode.settings.rpcFeeCap means nothing to a router alone: leave it out; --set minTip means nothing to a router alone',
  )
  expect(() => checkSimulable(scenarioWith({}), 'node', { given })).not.toThrow()
})
