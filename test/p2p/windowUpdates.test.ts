import { defaultLogger } from '@libp2p/logger'
import { StreamState, YamuxStream } from '@libp2p/yamux/stream'
import { Uint8ArrayList } from 'uint8arraylist'
import { beforeAll, expect, test } from 'vitest'
import { grantWindowsByHalves } from '../../src/p2p/links/windowUpdates.ts'

const WINDOW = 256 * 1024

interface SentFrame {
  readonly type: number
  readonly flag: number
  readonly length: number
}

function receiving(state: StreamState) {
  const sent: SentFrame[] = []
  const stream = new YamuxStream({
    id: '2',
    streamId: 2,
    state,
    direction: 'inbound',
    initialStreamWindowSize: WINDOW,
    log: defaultLogger().forComponent('test'),
    getRTT: () => -1,
    sendFrame: (frame) => {
      sent.push(frame)
      return true
    },
  })
  stream.addEventListener('message', () => {})
  const receive = (length: number): void =>
    stream.handleData({
      header: { type: 0, flag: 0, streamID: 2, length },
      data: new Uint8ArrayList(new Uint8Array(length)),
    })
  return { stream, sent, receive }
}

beforeAll(() => {
  grantWindowsByHalves()
  grantWindowsByHalves()
})

test.each([
  ['that is open', StreamState.Established],
  ['that a peer has just opened', StreamState.SYNReceived],
])('a stream %s answers small messages with no frame of its own', (_name, state) => {
  const { sent, receive } = receiving(state)
  for (let count = 0; count < 100; count++) receive(200)
  expect(sent).toEqual([])
})

test('all that was received is granted in one frame once half of the window is used', () => {
  const { sent, receive } = receiving(StreamState.Established)
  receive(WINDOW / 2 - 1)
  expect(sent).toEqual([])
  receive(1)
  expect(sent).toEqual([{ type: 1, flag: 0, streamID: 2, length: WINDOW / 2 }])
})

test('a stream that we open says so at once', () => {
  const { stream, sent } = receiving(StreamState.Init)
  stream.sendWindowUpdate()
  expect(sent).toHaveLength(1)
})
