/** The libp2p node: transport, encryption, multiplexing, identity and every bound of them. */
import { setMaxListeners } from 'node:events'
import { identify, type Identify } from '@libp2p/identify'
import type { ConnectionGater, Libp2p, PeerInfo, PrivateKey } from '@libp2p/interface'
import { mdns } from '@libp2p/mdns'
import { noise } from '@libp2p/noise'
import { ping, type Ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import type { GossipSub, GossipSubComponents } from '@chainsafe/libp2p-gossipsub'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import type { PeerId } from '../../gossip/network.ts'
import { messageOf } from '../../lib/assert.ts'
import { UserError } from '../../lib/userError.ts'
import type { Logger } from '../../lib/log.ts'
import type { Clock } from '../../lib/clock.ts'
import { withDeadline } from '../../lib/deadline.ts'
import type { LimitValues } from '../limits.ts'
import { corkingLink } from '../links/link.ts'
import type { LinkFaults } from '../links/linkFaults.ts'
import type { LinkShaper } from '../links/linkShaper.ts'
import { keepEarlyRequests } from '../links/earlyRequests.ts'
import { endFramesAtTheirEnd } from '../links/frameLengths.ts'
import { boundMuxerFrames } from '../links/muxerFrames.ts'
import { OwnAddresses } from './ownAddresses.ts'
import { grantWindowsByHalves } from '../links/windowUpdates.ts'

/** What runs on the node beside connections. */
export type Libp2pServices = {
  readonly identify: Identify
  readonly ping: Ping
  readonly pubsub: GossipSub
  readonly addresses: OwnAddresses
}

/** The libp2p node with the services of this project. */
export type Libp2pNode = Libp2p<Libp2pServices>

/** What a node is made from. */
export interface Libp2pNodeOptions {
  /** The identity; see `peerKey.ts`. */
  readonly privateKey: PrivateKey
  /** Multiaddrs to listen on, such as `/ip4/127.0.0.1/tcp/0`; none makes a node that only dials. */
  readonly listen: readonly string[]
  /**
   * Multiaddrs that peers are told instead of those the node finds out; none leaves it to the node.
   */
  readonly announce: readonly string[]
  /** Find peers on the local network by multicast DNS and dial them. */
  readonly mdns: boolean
  readonly limits: LimitValues
  readonly agent: string
  readonly log: Logger
  readonly router: (components: GossipSubComponents) => GossipSub
  readonly clock: Clock
  readonly isBanned: (peer: PeerId) => boolean
  readonly linkFaults?: LinkFaults
  readonly linkShaper?: LinkShaper
}

/** A node that is wired and not yet started. */
export async function createLibp2pNode(options: Libp2pNodeOptions): Promise<Libp2pNode> {
  const { limits, linkFaults, linkShaper } = options
  const own = new OwnAddresses(options)
  grantWindowsByHalves()
  boundMuxerFrames()
  endFramesAtTheirEnd()
  keepEarlyRequests()
  const libp2p: Libp2pNode = await createLibp2p<Libp2pServices>({
    start: false,
    privateKey: options.privateKey,
    nodeInfo: { name: 'grapevine', userAgent: options.agent },
    addresses: {
      listen: [...options.listen],
      announce: [...options.announce],
      announceFilter: own.filter,
    },
    transports: [tcp(tcpOptions(limits))],
    connectionEncrypters: [noise()],
    connectionProtector: corkingLink({
      watch: linkFaults?.watch,
      shaped: linkShaper && ((connection) => linkShaper.shaped(connection)),
    }),
    streamMuxers: [yamux(muxerOptions(limits))],
    connectionManager: connectionOptions(limits),
    connectionMonitor: { enabled: false },
    connectionGater: refuse((peer) => options.isBanned(peer) || linkFaults?.refuses(peer) === true),
    peerStore: {
      maxAddressAge: limits.peerstoreMaxAddressAgeMs,
      maxPeerAge: limits.peerstoreMaxPeerAgeMs,
    },
    peerDiscovery: options.mdns ? [mdns()] : [],
    services: {
      identify: identify(identifyOptions(limits)),
      ping: ping({
        maxInboundStreams: limits.pingStreams,
        maxOutboundStreams: limits.pingStreams,
        runOnLimitedConnection: false,
        timeout: limits.pingTimeoutMs,
      }),
      pubsub: options.router,
      addresses: own.service,
    },
  })
  linkFaults?.attach(libp2p)
  linkShaper?.attach(libp2p)
  allowManyStreams(libp2p)
  if (options.mdns) dialDiscovered(libp2p, options)
  return libp2p
}

/**
 * When libp2p stops, all streams of a connection listen to one signal that ends their polite close:
 * Node takes more than ten listeners for a leak and says so on standard error.
 */
function allowManyStreams(libp2p: Libp2pNode): void {
  libp2p.addEventListener('connection:open', ({ detail: connection }) => {
    const close = connection.close.bind(connection)
    connection.close = (options) => {
      if (options?.signal !== undefined) setMaxListeners(0, options.signal)
      return close(options)
    }
  })
}

/** Starts the node; an address that it cannot listen on is answered in one line. */
export async function startLibp2pNode(libp2p: Libp2pNode): Promise<void> {
  try {
    await libp2p.start()
  } catch (error) {
    throw startError(error)
  }
}

/** How libp2p tells what keeps it from listening on an address, with the system's name for it. */
const LISTEN_ERROR = /\/ip[46]\/([^/\s]+)\/tcp\/(\d+): \w*Error: listen (E[A-Z]+)/

/** What each means for the flags of a node. */
const LISTEN_ADVICE: Readonly<Record<string, (host: string, port: string) => string>> = {
  EADDRINUSE: (host, port) => `port ${port} on ${host} is in use: choose another with --port`,
  EACCES: (host, port) =>
    `port ${port} on ${host} may not be used by this user: choose another with --port`,
  EADDRNOTAVAIL: (host) => `this machine has no address ${host}: choose another with --host`,
  EAFNOSUPPORT: (host) =>
    `this machine has no addresses of the kind of ${host}: choose another with --host`,
}

function startError(error: unknown): Error {
  const message = messageOf(error)
  const [, host = '', port = '', code = ''] = LISTEN_ERROR.exec(message) ?? []
  const advice = LISTEN_ADVICE[code]?.(host, port)
  if (advice !== undefined) return new UserError(advice)
  const lines = message.split('\n').map((line) => line.trim())
  const told = lines.filter((line) => line !== '' && !line.startsWith('at '))
  return new Error(`cannot start the libp2p node: ${told.join(' ')}`)
}

function tcpOptions(limits: LimitValues): NonNullable<Parameters<typeof tcp>[0]> {
  return {
    backlog: limits.tcpBacklog,
    maxConnections: limits.tcpMaxConnections,
    inboundSocketInactivityTimeout: limits.tcpInactivityTimeoutMs,
    outboundSocketInactivityTimeout: limits.tcpInactivityTimeoutMs,
    dialOpts: { noDelay: true, keepAlive: true },
    listenOpts: { noDelay: true, keepAlive: true },
  }
}

function muxerOptions(limits: LimitValues): NonNullable<Parameters<typeof yamux>[0]> {
  return {
    enableKeepAlive: false,
    maxInboundStreams: limits.muxerMaxInboundStreams,
    maxOutboundStreams: limits.muxerMaxOutboundStreams,
    maxEarlyStreams: limits.muxerMaxEarlyStreams,
    streamOptions: {
      initialStreamWindowSize: limits.streamInitialWindowBytes,
      maxStreamWindowSize: limits.streamMaxWindowBytes,
      maxReadBufferLength: limits.streamReadBufferBytes,
      maxWriteBufferLength: limits.streamWriteBufferBytes,
      inactivityTimeout: limits.streamInactivityTimeoutMs,
    },
  }
}

function connectionOptions(limits: LimitValues): NonNullable<Libp2pOptions['connectionManager']> {
  return {
    maxConnections: limits.maxConnections,
    inboundConnectionThreshold: limits.inboundConnectionsPerSecond,
    maxIncomingPendingConnections: limits.maxPendingInboundConnections,
    maxParallelDials: limits.maxParallelDials,
    maxDialQueueLength: limits.maxDialQueue,
    maxPeerAddrsToDial: limits.maxAddressesPerPeer,
    dialTimeout: limits.dialTimeoutMs,
    addressDialTimeout: limits.addressDialTimeoutMs,
    connectionCloseTimeout: limits.connectionCloseTimeoutMs,
    inboundUpgradeTimeout: limits.inboundUpgradeTimeoutMs,
    inboundStreamProtocolNegotiationTimeout: limits.negotiationTimeoutMs,
    outboundStreamProtocolNegotiationTimeout: limits.negotiationTimeoutMs,
    reconnectRetries: limits.reconnectRetries,
  }
}

function identifyOptions(limits: LimitValues): NonNullable<Parameters<typeof identify>[0]> {
  return {
    timeout: limits.identifyTimeoutMs,
    maxMessageSize: limits.identifyMaxBytes,
    maxInboundStreams: limits.identifyStreams,
    maxOutboundStreams: limits.identifyStreams,
    maxObservedAddresses: limits.identifyMaxObservedAddresses,
    runOnLimitedConnection: false,
  }
}

/**
 * Node's default gater refuses nothing that matters on loopback; only bans and cut links are added.
 */
function refuse(isRefused: (peer: PeerId) => boolean): ConnectionGater {
  const refused = (peer: { toString(): string }): boolean => isRefused(peer.toString() as PeerId)
  return {
    denyDialPeer: refused,
    denyInboundEncryptedConnection: refused,
    denyOutboundEncryptedConnection: refused,
  }
}

/** libp2p only reports what multicast DNS finds; the dial is ours. */
function dialDiscovered(libp2p: Libp2pNode, { log, limits, clock }: Libp2pNodeOptions): void {
  libp2p.addEventListener('peer:discovery', (event: CustomEvent<PeerInfo>) => {
    const { id, multiaddrs } = event.detail
    if (multiaddrs.length === 0 || libp2p.getConnections(id).length > 0) return
    withDeadline(clock, limits.dialTimeoutMs, (signal) => libp2p.dial(id, { signal })).catch(
      (error: unknown) =>
        log.debug('dial of a discovered peer failed', {
          peer: id.toString(),
          error: messageOf(error),
        }),
    )
  })
}
