/**
 * What this project rests on in its libraries beyond their interfaces: the bodies of the methods
 * that are replaced, that call the replaced ones, or whose order of steps is relied upon. An
 * upgrade that changes one fails here by its name: read the new body, look through the hooks that
 * rest on it, then write down its new fingerprint.
 */
import { createHash } from 'node:crypto'
import { AbstractMessageStream } from '@libp2p/utils'
import type { Stream } from '@libp2p/interface'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Libp2pNetwork } from '../../src/p2p/libp2pNetwork.ts'
import { routerInternals } from '../../src/p2p/router/routerInternals.ts'
import { Inbox, mesh, startNetwork, stopAll } from '../builders/p2p.ts'

/**
 * gossipsub's router: what hooks replace, what calls that, and what reads the state that hooks rest
 * on.
 */
const ROUTER = {
  start: '251db05d872dc71a',
  stop: '0436daa7e1afa337',
  onIncomingStream: '6f3290e87c1a6348',
  onPeerConnected: '62264c86264d5fec',
  onPeerDisconnected: '71e0314f7472f44e',
  createOutboundStream: 'f1dd019d6fccf5a7',
  createInboundStream: 'e055e1c716daa53d',
  removePeer: '6131cd362dccee9e',
  decodeRpc: '3196c4deb1d6577a',
  pipePeerReadStream: '4e12cd44302198da',
  handlePeerReadStreamError: '59cec60a242a068f',
  handleReceivedRpc: 'c3f4a77e3f6f3dd5',
  handleReceivedMessage: 'f55780f9f833d23f',
  validateReceivedMessage: '2ba4d28e36e55b0b',
  handleControlMessage: 'e739ba1ef0eb6272',
  handleIHave: 'a3807a1a0c68929f',
  handleIWant: '439e82d8e07d624e',
  handleIdontwant: '9e13113f94ad965f',
  acceptFrom: '4b7220bdbca6c91e',
  publish: 'ccf25635760f940f',
  reportMessageValidationResult: 'a1838c2442608265',
  forwardMessage: 'e45549b25eeda7f7',
  sendIDontWants: '9dc5f1796b719ce3',
  sendRpc: '3baf32fca4ddcf1b',
  sendRpcInBatch: 'e83a3e6b2a938359',
  emitGossip: '203d25046a882815',
  getScore: '1d3c4dc25f0c803e',
} as const

/** The score: what calls the delivery records, which are ours. */
const SCORE = {
  start: 'ebdcf4b713fba017',
  stop: 'cc9b795043b32a1c',
  background: 'fdefe62059aecf1f',
  messageFirstSeenTimestampMs: 'ce216ad8dd0505d3',
  validateMessage: '46844455c609ea66',
  deliverMessage: 'b050bbfd0e09ca21',
  rejectMessage: '517d76b37828901b',
  duplicateMessage: '9ad2a15273816c4c',
  removePeer: 'dd4426a88ea4aaf3',
} as const

/** The cache of messages: what an accept finds, and for how long. */
const MESSAGE_CACHE = {
  put: '64acf195c47a0e18',
  validate: 'c7f6db2d9495bec0',
  shift: '13331536a9a4ae7d',
  remove: '849eb07ff5504dcc',
} as const

/** A stream: when it ends, pauses and gives what it has buffered. */
const STREAM = {
  pause: 'ef03da7267243107',
  resume: '5a9c8c8625a5a9c7',
  push: '7fff59635e1dc139',
  onData: '159e0291d67df522',
  addEventListener: 'a6c492f63c39476d',
  abort: '228966b3290dc92e',
  onRemoteReset: 'f6a41659e9243763',
  onTransportClosed: 'fc67ee3e570f5140',
  onRemoteCloseWrite: '937e1178f2bb8b01',
  processSendQueue: 'b9031d2fcd91956c',
  maybeDispatchEnd: '2186e5cc79634ecd',
  dispatchReadBuffer: '6efe95b1486412c1',
  close: '5a88160278bab0c2',
} as const

/** What a stream does with what it is given back, read before a network replaces it for all. */
const unshift = fingerprint(Object.create(AbstractMessageStream.prototype) as object, 'unshift')

let network: Libp2pNetwork
let stream: Stream

beforeAll(async () => {
  network = await startNetwork()
  const other = await startNetwork()
  Inbox.join(network)
  Inbox.join(other)
  await mesh(network, other)
  const streams = network.libp2p.getConnections().flatMap((connection) => connection.streams)
  const [first] = streams
  if (first === undefined) throw new Error('two connected networks have streams')
  stream = first
})

afterAll(stopAll)

/**
 * The first 16 digits of SHA-256 of the method's source, of the class that has it; hooks set theirs
 * on the instance.
 */
function fingerprint(instance: object, method: string): string {
  for (
    let prototype: unknown = Object.getPrototypeOf(instance);
    prototype instanceof Object;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    const found = Object.getOwnPropertyDescriptor(prototype, method)?.value as unknown
    if (typeof found !== 'function') continue
    const source = Function.prototype.toString.call(found)
    return createHash('sha256').update(source).digest('hex').slice(0, 16)
  }
  return 'there is no such method'
}

describe('gossipsub 17.1.1 has the body that our hooks rest on', () => {
  test.each(Object.entries(ROUTER))('of %s in the router', (method, expected) => {
    expect(fingerprint(network.libp2p.services.pubsub, method)).toBe(expected)
  })

  test.each(Object.entries(SCORE))('of %s in the score', (method, expected) => {
    const { score } = routerInternals(network.libp2p.services.pubsub)
    expect(fingerprint(score, method)).toBe(expected)
  })

  test.each(Object.entries(MESSAGE_CACHE))('of %s in the message cache', (method, expected) => {
    const { mcache } = routerInternals(network.libp2p.services.pubsub)
    expect(fingerprint(mcache, method)).toBe(expected)
  })
})

describe('@libp2p/utils 7.4.1 has the body that our reading rests on', () => {
  test.each(Object.entries(STREAM))('of %s in a stream', (method, expected) => {
    expect(fingerprint(stream, method)).toBe(expected)
  })

  test('of unshift in a stream', () => {
    expect(unshift).toBe('fb877954fd61aac6')
  })
})
