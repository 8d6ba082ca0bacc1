import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { editDistance, nearestName } from '../../src/lib/editDistance.ts'
import { ROUTER_DEFAULTS } from '../../src/p2p/router/routerDefaults.ts'
import { parseScenario } from '../../src/scenario/parseScenario.ts'
import { planOf } from '../../src/scenario/plan.ts'
import { ROUTER_NAMES } from '../../src/scenario/routerNames.ts'
import { scenarioSchema } from '../../src/scenario/scenarioSchema.ts'
import { scenarioText, scenarioWith } from '../builders/scenario.ts'

function problemsOf(text: string): readonly string[] {
  return parseScenario(text).problems ?? []
}

describe('a scenario', () => {
  test('gets a default for all that it leaves out', () => {
    expect(scenarioWith()).toMatchObject({
      seed: 1,
      topology: { kind: 'random-regular', degree: 8 },
      workload: { transactionsPerS: 10, submitTo: 'all', blocks: { periodS: 2, signers: 4 } },
      faults: [],
      warmupS: 5,
      durationS: 30,
    })
    expect(scenarioWith({ nodes: 9 }).topology).toEqual({ kind: 'complete' })
  })

  test('takes the changes of a user, and checks them with the rest', () => {
    const changes = { seed: 7, nodes: 20, durationS: 3, transactionsPerS: 50 }
    expect(scenarioWith({ workload: { dataBytes: 5 } }, changes)).toMatchObject({
      seed: 7,
      nodes: 20,
      durationS: 3,
      workload: { transactionsPerS: 50, dataBytes: 5 },
    })
    const text = scenarioText({ faults: [{ kind: 'kill', nodes: [9], atS: 1 }] })
    expect(parseScenario(text, { nodes: 4 }).problems).toEqual([
      'line 6: faults[0].nodes: there is no node 9: they go from 0 to 3',
    ])
  })

  test('names a change that is wrong as the user does, and no line of the file', () => {
    const names = { nodes: '--nodes', transactionsPerS: '--rate' }
    const { problems } = parseScenario(
      scenarioText(),
      { nodes: 1, transactionsPerS: -1, durationS: 0 },
      names,
    )
    expect(problems?.map((line) => line.replace(/: too small.*/, ''))).toEqual([
      '--nodes',
      '--rate',
      'durationS',
    ])
  })

  test.each([
    ['nodes: 4\nnodes: 5', /^line 2: .*unique/],
    ['nodes: [4', /^line 1: /],
    ['nodes: !!js 4', /^line 1: /],
    ['nodes: 4\n---\nnodes: 5', /^line 2: more than one document: keep one in a file/],
    ['- 4', /expected keys with values/],
    ['', /expected keys with values/],
    [`a: ${'x'.repeat(1_000_000)}`, /1000000 characters at most/],
  ])('that is no such YAML is told so: %#', (text, message) => {
    const problems = problemsOf(text)
    expect(problems[0]).toMatch(message)
    expect(problems.join().includes('\n')).toBe(false)
  })

  test.each([
    [
      { ask: 'max peers', find: 'oldest version' },
      /questions\[0\]: expected ask or find, one of both$/,
    ],
    [{}, /questions\[0\]: expected ask or find, one of both$/],
    [{ ask: 'max peers', node: 20 }, /questions\[0\]\.node: there is no node 20/],
    [{ ask: 'max peers', atS: 31 }, /questions\[0\]\.atS: the run ends after 30 s$/],
    [{ ask: 'max peers', untilS: 3 }, /questions\[0\]\.untilS: means something only with everyS$/],
    [
      { ask: 'max peers', everyS: 2, untilS: 0.5 },
      /questions\[0\]\.untilS: ends before the first time, at 1 s: expected atS or later$/,
    ],
    [{ ask: 'max peers', within: -1 }, /questions\[0\]\.within: .* got -1$/],
    [{ ask: 'max peers', who: 1 }, /questions\[0\]\.who: unknown key/],
    [{ ask: '' }, /questions\[0\]\.ask: /],
  ])('with a question that cannot be asked is refused: %j', (question, message) => {
    const text = scenarioText({ nodes: 20, durationS: 30, questions: [{ atS: 1, ...question }] })
    const problems = problemsOf(text)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(message)
  })

  test('repeats its questions, in order of time', () => {
    const questions = [
      { ask: 'max peers', node: 3, atS: 2, everyS: 10, untilS: 25 },
      { find: 'oldest version', atS: 3, within: 0 },
    ]
    expect(planOf(scenarioWith({ questions, durationS: 30 })).questions).toEqual([
      { atMs: 2_000, kind: 'ask', words: 'max peers', node: 3 },
      { atMs: 3_000, kind: 'find', words: 'oldest version', node: 0, within: 0 },
      { atMs: 12_000, kind: 'ask', words: 'max peers', node: 3 },
      { atMs: 22_000, kind: 'ask', words: 'max peers', node: 3 },
    ])
  })

  test('whose references grow without end is refused', () => {
    const layers = [...Array(8).keys()].map((level) => `layer${level}`)
    const text = layers.map((name, i) => {
      const part = i === 0 ? '1' : `*${layers[i - 1]}`
      return `${name}: &${name} [${Array.from({ length: 9 }, () => part).join(',')}]`
    })
    expect(problemsOf(text.join('\n'))).toEqual(['the references of the file lead too far'])
  })

  test.each<[Record<string, unknown>, string]>([
    [{ nodez: 4 }, 'line 4: nodez: unknown key; did you mean nodes?'],
    [
      { workload: { blocks: { perido: 1 } } },
      'line 6: workload.blocks.perido: unknown key; did you mean periodS?',
    ],
    [{ everyNode: { router: { Dhii: 3 } } }, 'line 6: everyNode.router.Dhii: unknown key; did'],
    [{ links: { zzz: 1 } }, 'line 5: links.zzz: unknown key; known: latencyMs, jitterMs, loss'],
    [
      { topology: { kind: 'ring', degree: 2 } },
      'line 6: topology.degree: unknown key; known: kind',
    ],
    [{ topology: { kind: 'rinf' } }, 'line 5: topology.kind: rinf is none; did you mean ring?'],
    [{ topology: {} }, 'line 4: topology.kind: missing'],
    [{ nodes: 'ten' }, 'line 3: nodes: expected number, received string, got ten'],
    [{ links: { latencyMs: Number.NaN } }, 'latencyMs: expected a finite number, got NaN'],
    [{ links: { loss: Infinity } }, 'links.loss: expected a finite number, got Infinity'],
    [{ nodes: 200_001 }, 'line 3: nodes: too big'],
    [{ workload: { arrivals: 'evn' } }, 'workload.arrivals: evn is none; did you mean even?'],
    [{ workload: { dataBytes: [1, -1] } }, 'line 7: workload.dataBytes[1]: too small'],
    [{ workload: { dataBytes: 'big' } }, 'expected bytes from 0 to 130000'],
    [{ faults: [{ kind: 'kill', atS: 1, nodes: 3 }] }, 'expected nodes as a list such as [0, 3]'],
    [
      { faults: [{ kind: 'kill', nodes: [1] }] },
      'line 5: faults[0].atS: missing: When it happens, seconds after',
    ],
    [{ topology: { kind: 'random-regular', degree: 10 } }, 'expected less than 10'],
    [
      { nodes: 9, topology: { kind: 'random-regular', degree: 3 } },
      'line 6: topology.degree: an odd degree needs an even number of nodes, not 9',
    ],
    [{ topology: { kind: 'random-regular', degree: 1 } }, 'the nodes fall into pairs'],
    [{ topology: { kind: 'small-world', degree: 3 } }, 'expected an even number'],
    [{ topology: { kind: 'geographic', near: 0, far: 0 } }, 'expected near or far above 0'],
    [{ topology: { kind: 'edges', edges: [[0, 10]] } }, 'there is no node 10'],
    [{ topology: { kind: 'edges', edges: [[1, 1]] } }, 'node 1 cannot be linked to itself'],
    [
      {
        topology: {
          kind: 'edges',
          edges: [
            [0, 1],
            [1, 0],
          ],
        },
      },
      '1-0 is there twice',
    ],
    [{ topology: { kind: 'edges', edges: [[0, 1]] } }, 'no way leads from node 0 to node 2'],
    [{ regions: { table: 'aws', only: ['us-eats-1'] } }, 'did you mean us-east-1?'],
    [{ regions: { table: 'aws' }, links: { latencyMs: 1 } }, 'leave out one of both'],
    [
      { regions: { table: 'own', latencyMs: { a: { b: 1, a: 1 } } } },
      'regions.latencyMs: no latency between b and b',
    ],
    [{ regions: { table: 'interop-8', weights: { europ: 1 } } }, 'did you mean europe?'],
    [{ classes: [{ name: 'a' }] }, 'classes[0]: expected one of share, count and nodes'],
    [{ classes: [{ name: 'a', count: 11 }] }, 'the classes take 11 nodes, but there are 10'],
    [
      {
        classes: [
          { name: 'a', nodes: [1] },
          { name: 'b', nodes: [1] },
        ],
      },
      'node 1 is in two classes',
    ],
    [{ faults: [{ kind: 'heal', atS: 31 }] }, 'faults[0].atS: the run ends after 30 s'],
    [{ faults: [{ kind: 'heal', atS: 1, untilS: 3 }] }, 'means something only with everyS'],
    [
      { faults: [{ kind: 'kill', nodes: [1], atS: 1, everyS: 1, untilS: 0 }] },
      'faults[0].untilS: ends before the first time, at 1 s: expected atS or later',
    ],
    [{ faults: [{ kind: 'join', atS: 1, count: 9 }] }, '9 nodes join late'],
    [
      { faults: [{ kind: 'kill', atS: 1, nodes: { class: 'x' } }] },
      'there is no class x; the scenario has no classes',
    ],
    [{ faults: [{ kind: 'kill', atS: 1, nodes: { region: 'x' } }] }, 'has no regions'],
    [{ faults: [{ kind: 'slow-link', atS: 1, latencyMs: 1 }] }, 'expected one of links and nodes'],
    [{ faults: [{ kind: 'slow-link', atS: 1, nodes: [1] }] }, 'expected a new latencyMs'],
    [
      { faults: [{ kind: 'partition', atS: 1, groups: ['rest', 'rest'] }] },
      'only one group can be the rest',
    ],
    [{ processes: 11 }, 'processes: expected at most one for each of the 10 nodes'],
    [{ processes: 0 }, 'processes: too small'],
    [
      { processes: 2, faults: [{ kind: 'pause', nodes: [1], atS: 1, forS: 1 }] },
      'processes: a pause needs a process for each node',
    ],
    [{ workload: { submitTo: { node: 10 } } }, 'workload.submitTo.node: there is no node 10'],
    [{ workload: { transactionsPerS: 10_000 }, durationS: 100 }, 'are more than a run takes'],
    [{ workload: { dataBytes: { min: 2, max: 1 } } }, 'expected min up to max'],
  ])('with a mistake is told what to do: %j', (fields, message) => {
    const problems = problemsOf(scenarioText(fields))
    expect(problems.join('\n')).toContain(message)
    expect(problems.every((line) => /^line \d+: \S/.test(line) && !line.includes('\n'))).toBe(true)
  })

  test('of any text and any value is a scenario or a list of problems', () => {
    const check = (text: string): void => {
      const { scenario, problems } = parseScenario(text)
      expect((scenario === undefined) !== (problems === undefined)).toBe(true)
    }
    fc.assert(fc.property(fc.string(), check))
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...Object.keys(scenarioSchema.shape)), fc.jsonValue()),
        (fields) => check(scenarioText(fields)),
      ),
    )
  })
})

describe('a fault that would happen to nothing', () => {
  const line = { nodes: 4, topology: { kind: 'line' } }
  const late = { name: 'late', nodes: [9] }

  test.each<[string, Record<string, unknown>, string]>([
    [
      'names a link that the network lacks',
      { ...line, faults: [{ kind: 'slow-link', links: [[0, 2]], latencyMs: 5, atS: 1 }] },
      'faults[0].links[0]: the network has no link 0-2: node 0 is linked to 1',
    ],
    [
      'names one link that is there and one that is not',
      {
        ...line,
        faults: [
          {
            kind: 'slow-link',
            links: [
              [2, 1],
              [3, 1],
            ],
            loss: 0.1,
            atS: 1,
          },
        ],
      },
      'faults[0].links[1]: the network has no link 3-1: node 3 is linked to 2',
    ],
    [
      'means a class without nodes',
      {
        classes: [{ name: 'few', share: 0.01 }],
        faults: [{ kind: 'bandwidth', nodes: { class: 'few' }, upMbit: 1, atS: 1 }],
      },
      'faults[0].nodes.class: no node is in few: raise its share or nodes',
    ],
    [
      'means nodes that come in after it',
      {
        classes: [late],
        faults: [
          { kind: 'one-way', from: { class: 'late' }, to: [0], atS: 1 },
          { kind: 'join', atS: 2 },
        ],
      },
      'faults[0].from: its nodes come in later: set atS later',
    ],
  ])('is refused in one line if it %s', (_, fields, message) => {
    const problems = problemsOf(scenarioText(fields))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(message)
  })

  test('is left out of the plan where everybody is away for a while', () => {
    const away = { kind: 'kill', nodes: { share: 1 }, atS: 1, forS: 2 }
    const bandwidth = { kind: 'bandwidth', nodes: { count: 1 }, upMbit: 1, atS: 2 }
    const oneWay = { kind: 'one-way', from: { count: 1 }, to: { count: 1 }, atS: 2 }
    const { faults } = planOf(scenarioWith({ faults: [away, bandwidth, oneWay] }))
    expect(faults.map(({ fault }) => fault.kind)).toEqual(['kill', 'restart'])
  })
})

describe('a partition', () => {
  const europe = { only: ['europe', 'australia'], table: 'interop-8', atLeast: 1 }

  test.each<[string, Record<string, unknown>, unknown[], string]>([
    [
      'names a node twice',
      {},
      [
        [0, 1],
        [1, 2],
      ],
      'groups[1]: node 1 is in groups[0] too',
    ],
    [
      'has a region and a node that stands in it',
      { regions: europe },
      [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], { region: 'europe' }],
      ' is in groups[0] too: leave it out of one of both',
    ],
    [
      'leaves nothing to the rest',
      { nodes: 4 },
      [[0, 1, 2, 3], 'rest'],
      'groups[1]: gets no node: the other groups take all',
    ],
    ['leaves nothing to draw', {}, [{ count: 10 }, { share: 0.1 }], 'groups[1]: gets no node'],
  ])('that %s is refused in one line', (_, fields, groups, message) => {
    const faults = [{ kind: 'partition', groups, atS: 1 }]
    const problems = problemsOf(scenarioText({ ...fields, faults }))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(message)
  })

  test('may leave the rest to nodes that have come in by then', () => {
    const partition = { kind: 'partition', groups: [[0, 1, 2, 3], 'rest'], atS: 2 }
    const { faults } = planOf(
      scenarioWith({ nodes: 5, faults: [{ kind: 'join', atS: 1 }, partition] }),
    )
    expect(faults[1]?.fault).toMatchObject({ groups: [[0, 1, 2, 3], [4]] })
  })

  test('draws none of the nodes that another group names', () => {
    const partition = { kind: 'partition', groups: [{ count: 8 }, [0, 1]], atS: 2 }
    const { faults } = planOf(scenarioWith({ faults: [partition] }))
    expect(faults[0]?.fault).toMatchObject({
      groups: [
        [2, 3, 4, 5, 6, 7, 8, 9],
        [0, 1],
      ],
    })
  })
})

describe('the form of a scenario', () => {
  const root = z.toJSONSchema(scenarioSchema, { io: 'input' })

  test('says of every field what it means', () => {
    const fieldsOf = (part: unknown, path: string): [string, object][] => {
      if (typeof part !== 'object' || part === null) return []
      const { properties = {} } = part as { properties?: Record<string, object> }
      return [
        ...Object.entries(properties).map(([name, field]): [string, object] => [
          `${path}.${name}`,
          field,
        ]),
        ...Object.entries(part).flatMap(([key, value]) => fieldsOf(value, `${path}/${key}`)),
      ]
    }
    const fields = fieldsOf(root, '')
    const mute = fields.filter(([, field]) => !('description' in field))
    expect(fields.length).toBeGreaterThan(100)
    expect(mute).toEqual([])
  })

  test('knows every parameter of the router, and two sizes', () => {
    const sizes = ['idontwantTxBytes', 'idontwantBlockBytes']
    expect(Object.keys(ROUTER_NAMES).toSorted()).toEqual(
      [...Object.keys(ROUTER_DEFAULTS), ...sizes].toSorted(),
    )
  })
})

describe('the nearest name', () => {
  test('is found by edits, a swap of neighbours being one', () => {
    expect(editDistance('period', 'perido')).toBe(1)
    expect(editDistance('kitten', 'sitting')).toBe(3)
    expect(nearestName('nodse', ['name', 'nodes'])).toBe('nodes')
    expect(nearestName('xyz', ['name', 'nodes'])).toBeUndefined()
  })

  test('needs as many edits back as forth', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a))
        expect(editDistance(a, a)).toBe(0)
      }),
    )
  })
})
