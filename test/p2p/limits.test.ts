import { afterEach, describe, expect, test } from 'vitest'
import { LIMITS, limitValues, PROFILES, type LimitName } from '../../src/p2p/limits.ts'
import type { Libp2pNetwork } from '../../src/p2p/libp2pNetwork.ts'
import { ROUTER_DEFAULTS, routerParameters } from '../../src/p2p/router/routerDefaults.ts'
import { addressOf, eventually, startNetwork, stopAll } from '../builders/p2p.ts'

afterEach(stopAll)

/** A path through the members of a running node, private ones included. */
function read(root: unknown, path: string): unknown {
  let value = root
  for (const key of path.split('.'))
    value = (value as Readonly<Record<string, unknown>> | undefined)?.[key]
  return value
}

/** Where the running node keeps each limit. */
const EFFECTIVE: readonly (readonly [LimitName, string])[] = [
  ['maxConnections', 'components.connectionManager.maxConnections'],
  [
    'inboundConnectionsPerSecond',
    'components.connectionManager.inboundConnectionRateLimiter.points',
  ],
  ['maxPendingInboundConnections', 'components.connectionManager.maxIncomingPendingConnections'],
  ['maxParallelDials', 'components.connectionManager.dialQueue.queue.concurrency'],
  ['maxDialQueue', 'components.connectionManager.dialQueue.maxDialQueueLength'],
  ['maxAddressesPerPeer', 'components.connectionManager.dialQueue.maxPeerAddrsToDial'],
  ['dialTimeoutMs', 'components.connectionManager.dialQueue.dialTimeout'],
  ['addressDialTimeoutMs', 'components.connectionManager.dialQueue.addressDialTimeout'],
  ['reconnectRetries', 'components.connectionManager.reconnectQueue.retries'],
  ['inboundUpgradeTimeoutMs', 'components.upgrader.inboundUpgradeTimeout'],
  ['negotiationTimeoutMs', 'components.upgrader.inboundStreamProtocolNegotiationTimeout'],
  ['negotiationTimeoutMs', 'components.upgrader.outboundStreamProtocolNegotiationTimeout'],
  ['connectionCloseTimeoutMs', 'components.upgrader.connectionCloseTimeout'],
  ['peerstoreMaxAddressAgeMs', 'components.peerStore.store.maxAddressAge'],
  ['peerstoreMaxPeerAgeMs', 'components.peerStore.store.maxPeerAge'],
  ['identifyTimeoutMs', 'services.identify.timeout'],
  ['identifyMaxBytes', 'services.identify.maxMessageSize'],
  ['identifyStreams', 'services.identify.maxInboundStreams'],
  ['identifyStreams', 'services.identify.maxOutboundStreams'],
  ['identifyMaxObservedAddresses', 'services.identify.maxObservedAddresses'],
  ['pingStreams', 'services.ping.maxInboundStreams'],
  ['pingStreams', 'services.ping.maxOutboundStreams'],
  ['gossipStreams', 'services.pubsub.maxInboundStreams'],
  ['gossipStreams', 'services.pubsub.maxOutboundStreams'],
  ['gossipMaxFrameBytes', 'services.pubsub.opts.maxInboundDataLength'],
  ['gossipMaxOutboundBytes', 'services.pubsub.opts.maxOutboundBufferSize'],
  ['gossipMaxSubscriptions', 'services.pubsub.decodeRpcLimits.maxSubscriptions'],
  ['gossipMaxMessages', 'services.pubsub.decodeRpcLimits.maxMessages'],
  ['gossipMaxIds', 'services.pubsub.decodeRpcLimits.maxIhaveMessageIDs'],
  ['gossipMaxIds', 'services.pubsub.decodeRpcLimits.maxIwantMessageIDs'],
  ['gossipMaxIdontwantIds', 'services.pubsub.decodeRpcLimits.maxIdontwantMessageIDs'],
  ['gossipMaxControls', 'services.pubsub.decodeRpcLimits.maxControlMessages'],
  ['gossipMaxPeerInfos', 'services.pubsub.decodeRpcLimits.maxPeerInfos'],
  ['gossipTopicBytesPerPeer', 'services.pubsub.maxTopicBytesPerPeer'],
]

/** Where an open connection of the node keeps each limit. */
const EFFECTIVE_ON_CONNECTION: readonly (readonly [LimitName, string])[] = [
  ['muxerMaxInboundStreams', 'muxer.maxInboundStreams'],
  ['muxerMaxOutboundStreams', 'muxer.maxOutboundStreams'],
  ['muxerMaxEarlyStreams', 'muxer.maxEarlyStreams'],
  ['streamInitialWindowBytes', 'muxer.streamOptions.initialStreamWindowSize'],
  ['streamMaxWindowBytes', 'muxer.streamOptions.maxStreamWindowSize'],
  ['streamReadBufferBytes', 'muxer.streamOptions.maxReadBufferLength'],
  ['streamWriteBufferBytes', 'muxer.streamOptions.maxWriteBufferLength'],
  ['streamInactivityTimeoutMs', 'muxer.streamOptions.inactivityTimeout'],
  ['tcpInactivityTimeoutMs', 'maConn.socket.timeout'],
]

describe.each(PROFILES)('in the %s profile', (profile) => {
  let network: Libp2pNetwork

  test('the running node has every limit as it is written down', async () => {
    network = await startNetwork({ profile })
    for (const [name, path] of EFFECTIVE)
      expect([name, path, read(network.libp2p, path)]).toEqual([name, path, network.limits[name]])
  })

  test('its listener and its connections have them too', async () => {
    network = await startNetwork({ profile })
    const other = await startNetwork({ profile })
    await other.dial(addressOf(network))
    await eventually(network, () => network.peers().length === 1)
    const [connection] = network.libp2p.getConnections()
    for (const [name, path] of EFFECTIVE_ON_CONNECTION)
      expect([name, read(connection, path)]).toEqual([name, network.limits[name]])
    const listener = read(network.libp2p, 'components.transportManager') as {
      getListeners(): readonly unknown[]
    }
    const [tcp] = listener.getListeners()
    expect(read(tcp, 'server.maxConnections')).toBe(network.limits.tcpMaxConnections)
    expect(read(tcp, 'context.backlog')).toBe(network.limits.tcpBacklog)
  })
})

describe('the list of limits', () => {
  test('gives each a finite value, a reason and the unit its name ends in', () => {
    const endings = {
      bytes: /Bytes|Burst/,
      ms: /Ms$/,
      count: /./,
      perSecond: /PerSecond$/,
      bytesPerSecond: /BytesPerSecond$/,
    }
    for (const [name, limit] of Object.entries(LIMITS)) {
      expect([name, Number.isFinite(limit.value)]).toEqual([name, true])
      expect([name, limit.why.length > 10]).toEqual([name, true])
      expect(name).toMatch(endings[limit.unit])
    }
  })

  test('holds together: a paused stream, a frame and its budget fit into what is above them', () => {
    for (const profile of PROFILES) {
      const limits = limitValues(profile)
      expect(limits.streamReadBufferBytes).toBeGreaterThan(limits.streamMaxWindowBytes)
      expect(limits.gossipMaxOutboundBytes).toBeGreaterThan(limits.gossipMaxFrameBytes)
      expect(limits.gossipBytesBurst).toBeGreaterThan(limits.gossipMaxFrameBytes)
      expect(limits.gossipMessagesBurst).toBeGreaterThan(limits.gossipMaxMessages)
      expect(limits.tcpInactivityTimeoutMs).toBeGreaterThan(limits.pingIntervalMs)
      expect(limits.gossipMaxBatchBytes).toBeLessThan(limits.gossipMaxFrameBytes)
      expect(limits.tcpMaxConnections).toBeGreaterThanOrEqual(limits.maxConnections)
    }
  })

  test.each([NaN, Infinity, -1])('refuses %s, which bounds nothing', (value) => {
    expect(() => limitValues('devnet', { maxConnections: value })).toThrow('limit maxConnections')
  })
})

describe('router parameters', () => {
  test('are those of the design unless replaced', () => {
    expect(ROUTER_DEFAULTS).toMatchObject({ D: 8, Dlo: 6, Dhi: 12, Dlazy: 6, Dscore: 6, Dout: 3 })
    expect(ROUTER_DEFAULTS).toMatchObject({
      heartbeatMs: 700,
      mcacheHeartbeats: 12,
      seenMs: 300_000,
    })
  })

  test.each([1, 2, 4, 8, 20])('follow a degree of %d so that a mesh can settle', (D) => {
    const { Dlo, Dhi, Dout, Dscore } = routerParameters({ D })
    expect(Dlo).toBeLessThanOrEqual(D)
    expect(Dhi).toBeGreaterThanOrEqual(D)
    expect(Dscore).toBeLessThanOrEqual(D)
    expect(Dout).toBeLessThanOrEqual(D / 2)
  })

  test.each([
    [{ D: 4, Dlo: 5 }, 'Dlo <= D <= Dhi'],
    [{ D: 20, Dhi: 12 }, 'Dlo <= D <= Dhi'],
    [{ Dout: 5 }, 'Dout'],
    [{ Dscore: 9 }, 'Dscore'],
    [{ mcacheHeartbeats: 2 }, 'mcacheGossipHeartbeats'],
    [{ heartbeatMs: NaN }, 'heartbeatMs'],
  ] as const)('refuse %j', (parameters, message) => {
    expect(() => routerParameters(parameters)).toThrow(message)
  })

  test('reach the running router', async () => {
    const network = await startNetwork({ router: { D: 3, heartbeatMs: 250, seenMs: 1000 } })
    const opts = read(network.libp2p, 'services.pubsub.opts')
    expect(opts).toMatchObject({ D: 3, Dlo: 3, heartbeatInterval: 250, seenTTL: 1000 })
    expect(opts).toMatchObject({ asyncValidation: true, batchPublish: true, doPX: false })
    expect(opts).toMatchObject({ globalSignaturePolicy: 'StrictNoSign', fallbackToFloodsub: false })
  })
})
