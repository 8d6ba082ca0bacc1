import { gossipsub, StrictNoSign, type GossipSub } from '@chainsafe/libp2p-gossipsub'
import { identify, type Identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'

/**
 * The router as it comes, over TCP, noise and yamux as they come: only that messages are not signed
 * by their sender.
 */
export function startBareRouter(): Promise<Libp2p<{ identify: Identify; pubsub: GossipSub }>> {
  return createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      pubsub: gossipsub({ globalSignaturePolicy: StrictNoSign }),
    },
  })
}
