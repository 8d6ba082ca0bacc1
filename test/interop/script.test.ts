import { describe, expect, test } from 'vitest'
import { readScript } from '../../src/interop/script.ts'

const INIT = { type: 'initGossipSub', gossipSubParams: {} }
const SUBSCRIBE = { type: 'subscribeToTopic', topicID: 'a' }

function ofNode(nodeID: number, instruction: unknown): unknown {
  return { type: 'ifNodeIDEquals', nodeID, instruction }
}

function read(script: unknown, node = 0) {
  return readScript(JSON.stringify({ script }), node)
}

describe('a script', () => {
  test('is what all nodes do and what one does, in their order', () => {
    const publish = { type: 'publish', messageID: 3, messageSizeBytes: 1024, topicID: 'b' }
    const delay = { type: 'setTopicValidationDelay', topicID: 'a', delaySeconds: 0.005 }
    const wait = { type: 'waitUntil', elapsedSeconds: 120 }
    const connect = { type: 'connect', connectTo: [2, 3] }
    const script = [
      ofNode(0, { type: 'initGossipSub', gossipSubParams: { D: 8 } }),
      ofNode(1, { type: 'initGossipSub', gossipSubParams: { D: 7 } }),
      delay,
      ofNode(1, connect),
      SUBSCRIBE,
      wait,
      ofNode(0, publish),
    ]
    expect(read(script, 0).steps).toEqual([delay, SUBSCRIBE, wait, publish])
    expect(read(script, 1).steps).toEqual([delay, connect, SUBSCRIBE, wait])
    expect(read(script, 0).router.parameters.D).toBe(8)
    expect(read(script, 1).router.parameters.D).toBe(7)
  })

  test('names the topics of all nodes, each once', () => {
    const script = [INIT, SUBSCRIBE, ofNode(9, { ...SUBSCRIBE, topicID: 'b' }), SUBSCRIBE]
    expect(read(script).topics).toEqual(['a', 'b'])
  })

  test('may have conditions within conditions: all must hold', () => {
    const script = [INIT, ofNode(0, ofNode(0, SUBSCRIBE)), ofNode(0, ofNode(1, SUBSCRIBE))]
    expect(read(script, 0).steps).toEqual([SUBSCRIBE])
    expect(read(script, 1).steps).toEqual([])
  })

  test('may say that a topic has no partial messages, and name fractions of seconds', () => {
    const wait = { type: 'waitUntil', elapsedSeconds: 0.5 }
    expect(read([INIT, { ...SUBSCRIBE, partial: false }, wait]).steps).toHaveLength(2)
  })

  test.each([
    ['', 'not JSON'],
    ['{"script":[', 'not JSON'],
    ['[]', 'expected an object with a list "script"'],
    ['null', 'expected an object with a list "script"'],
    ['{}', 'expected an object with a list "script"'],
    ['{"script":{}}', 'expected an object with a list "script"'],
    ['{"script":[]}', 'there is no instruction for node 0'],
  ])('that is %j is refused: %s', (text, message) => {
    expect(() => readScript(text, 0)).toThrow(message)
  })

  test.each([
    [null, 'script[1]: expected an instruction with a "type"'],
    ['connect', 'script[1]: expected an instruction with a "type"'],
    [{ connectTo: [1] }, 'script[1]: expected an instruction with a "type"'],
    [{ type: 'disconnect' }, 'script[1] (disconnect): there is no such instruction'],
    [{ type: 'toString' }, 'script[1] (toString): there is no such instruction'],
    [{ type: 'addPartialMessage' }, 'script[1] (addPartialMessage): partial messages need'],
    [{ type: 'publishPartial' }, 'script[1] (publishPartial): partial messages need'],
    [{ ...SUBSCRIBE, partial: true }, 'script[1] (subscribeToTopic): partial messages need'],
    [{ ...SUBSCRIBE, topicID: '' }, 'script[1] (subscribeToTopic): topicID: '],
    [{ ...SUBSCRIBE, foo: 1 }, 'script[1] (subscribeToTopic): Unrecognized key: "foo"'],
    [{ type: 'connect', connectTo: 1 }, 'script[1] (connect): connectTo: '],
    [{ type: 'connect', connectTo: [-1] }, 'script[1] (connect): connectTo.0: '],
    [{ type: 'connect', connectTo: [1.5] }, 'script[1] (connect): connectTo.0: '],
    [{ type: 'connect', connectTo: [1, 0] }, 'script[1]: node 0 is told to connect to itself'],
    [{ type: 'waitUntil', elapsedSeconds: -1 }, 'script[1] (waitUntil): elapsedSeconds: '],
    [{ type: 'waitUntil', elapsedSeconds: '1' }, 'script[1] (waitUntil): elapsedSeconds: '],
    [{ type: 'waitUntil' }, 'script[1] (waitUntil): elapsedSeconds: '],
    [
      { type: 'setTopicValidationDelay', topicID: 'a', delaySeconds: -0.1 },
      'script[1] (setTopicValidationDelay): delaySeconds: ',
    ],
    [
      { type: 'publish', messageID: 1, messageSizeBytes: 7, topicID: 'a' },
      'script[1] (publish): messageSizeBytes: ',
    ],
    [
      { type: 'publish', messageID: 1, messageSizeBytes: 11_000_000, topicID: 'a' },
      'script[1] (publish): messageSizeBytes: ',
    ],
    [
      { type: 'publish', messageID: -1, messageSizeBytes: 8, topicID: 'a' },
      'script[1] (publish): messageID: ',
    ],
    [
      { type: 'publish', messageID: 2 ** 53, messageSizeBytes: 8, topicID: 'a' },
      'script[1] (publish): messageID: ',
    ],
    [{ type: 'ifNodeIDEquals', nodeID: 1 }, 'script[1] (ifNodeIDEquals): instruction: '],
    [ofNode(-1, SUBSCRIBE), 'script[1] (ifNodeIDEquals): nodeID: '],
    [ofNode(1, { type: 'foo' }), 'script[1].instruction (foo): there is no such instruction'],
    [INIT, 'script[1]: a second initGossipSub for node 0'],
    [
      ofNode(5, { type: 'initGossipSub', gossipSubParams: { HeartbeatInterval: -1 } }),
      'script[1].instruction (initGossipSub): HeartbeatInterval: expected a duration',
    ],
    [{ type: 'initGossipSub' }, 'script[1] (initGossipSub): gossipSubParams: '],
  ])('with the instruction %j is refused: %s', (instruction, message) => {
    expect(() => read([INIT, instruction, SUBSCRIBE])).toThrow(message)
  })

  test('that does not begin with initGossipSub is refused, for this node alone', () => {
    const script = [ofNode(0, INIT), SUBSCRIBE]
    expect(() => read(script, 1)).toThrow('script[1]: node 1 must begin with initGossipSub')
    expect(read(script, 0).steps).toEqual([SUBSCRIBE])
  })

  test('without a topic, or with more topics than fit, is refused', () => {
    expect(() => read([INIT])).toThrow('the script names no topic')
    const topics = Array.from({ length: 257 }, (_, i) => ({ ...SUBSCRIBE, topicID: `t${i}` }))
    expect(() => read([INIT, ...topics])).toThrow('at most 256 topics, this script has 257')
  })

  test('with conditions too deep is refused', () => {
    let deep: unknown = SUBSCRIBE
    for (let depth = 0; depth < 9; depth++) deep = ofNode(0, deep)
    expect(() => read([INIT, deep])).toThrow('more than 8 deep')
  })

  test('of any JSON is read or refused in one line', () => {
    for (const value of [0, [[]], [{ type: 1 }], [{ type: null }], [[{ type: 'connect' }]]])
      expect(() => read(value)).toThrow(/^[^\n]+$/)
  })
})
