import { byteStream, streamPair } from '@libp2p/utils'
import { expect, test } from 'vitest'
import { keepEarlyRequests } from '../../src/p2p/links/earlyRequests.ts'

test('what was read too far is given back, though the other side had closed before anybody listened', async () => {
  keepEarlyRequests()
  const [asker, answerer] = await streamPair()
  const heardEnd = new Promise((resolve) => answerer.addEventListener('remoteCloseWrite', resolve))
  asker.send(Uint8Array.of(1, 2, 3, 4))
  await asker.close()
  await heardEnd
  const negotiation = byteStream(answerer)
  const header = await negotiation.read({ bytes: 1 })
  negotiation.unwrap()
  expect(header.subarray()).toEqual(Uint8Array.of(1))
  const rest = await byteStream(answerer).read({ bytes: 3 })
  expect(rest.subarray()).toEqual(Uint8Array.of(2, 3, 4))
})
