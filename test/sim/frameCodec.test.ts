import { describe, expect, test } from 'vitest'
import { keccak256Hash } from '../../src/crypto/keccak.ts'
import { MessageId } from '../../src/p2p/router/messageIds.ts'
import type { RPC } from '../../src/p2p/router/routerInternals.ts'
import { FrameDecoder, FrameEncoder } from '../../src/sim/threads/frameCodec.ts'

const message: RPC.Message = { topic: 'tx', data: new Uint8Array([1, 2, 3]) }
const id = new MessageId(new Uint8Array(33).fill(7), keccak256Hash(new Uint8Array()), '07', 3)

const EMPTY: RPC.ControlMessage = { ihave: [], iwant: [], graft: [], prune: [], idontwant: [] }
const FRAMES: RPC[] = [
  { subscriptions: [], messages: [message] },
  { subscriptions: [{ topic: 'tx', subscribe: true }, { subscribe: false }, {}], messages: [] },
  { subscriptions: [], messages: [], control: EMPTY },
  {
    subscriptions: [{ topic: 'blocks', subscribe: false }],
    messages: [message, { topic: 'tx', data: new Uint8Array([4]) }],
    control: {
      ihave: [{ topicID: 'tx', messageIDs: [id, new Uint8Array(33)] }, { messageIDs: [] }],
      iwant: [{ messageIDs: [id] }],
      graft: [{ topicID: 'tx' }, {}],
      prune: [
        { topicID: 'tx', peers: [], backoff: 60 },
        { peers: [{ peerID: new Uint8Array([9]) }] },
      ],
      idontwant: [{ messageIDs: [id] }],
    },
  },
]

function passed(frames: readonly RPC[], writer: FrameEncoder, values: number[]): RPC[] {
  const reader = new FrameDecoder()
  for (const frame of frames) writer.write(frame)
  reader.learn(structuredClone(writer.fresh))
  let at = 0
  return frames.map(() => reader.read(() => values[at++] ?? Number.NaN))
}

describe('frames as numbers', () => {
  test('are read as they were written', () => {
    const values: number[] = []
    const read = passed(FRAMES, new FrameEncoder(values), values)
    expect(read.map(plain)).toEqual(FRAMES.map(plain))
  })

  test('share one object for one message, and one id with its text', () => {
    const values: number[] = []
    const writer = new FrameEncoder(values)
    const [one, again] = passed([...FRAMES.slice(0, 1), ...FRAMES.slice(0, 1)], writer, values)
    expect(again).toBe(one)
    expect(writer.fresh).toEqual([message])
    const [control] = passed(
      FRAMES.slice(3),
      new FrameEncoder(values),
      ((values.length = 0), values),
    )
    expect(control?.control?.iwant[0]?.messageIDs[0]).toBeInstanceOf(MessageId)
    expect(control?.control?.iwant[0]?.messageIDs[0]).toBe(
      control?.control?.idontwant[0]?.messageIDs[0],
    )
  })

  test('of another thread that names what it has not sent are an error', () => {
    expect(() => new FrameDecoder().read(() => 1)).toThrow(/names 1, which it has not sent/)
  })
})

/** Ids compare by their bytes. */
function plain(frame: RPC): unknown {
  return JSON.parse(JSON.stringify(frame, (_key, value: unknown) => bytesOf(value)))
}

function bytesOf(value: unknown): unknown {
  return value instanceof Uint8Array ? [...value] : value
}
