import type { PeerConnection, PeerId } from '../../gossip/network.ts'
import { messageOf } from '../../lib/assert.ts'
import { quantity } from '../encode/encode.ts'
import { invalidParams, refused } from '../errors.ts'
import type { Json } from '../server/json.ts'
import { defineMethod } from '../method.ts'
import { required, textKind } from '../params.ts'

/** The `admin_` methods about this node and its peers. */
export const adminMethods = [
  defineMethod({
    name: 'admin_nodeInfo',
    params: [],
    result: 'object with id, name, listenAddrs and protocols',
    summary: 'Who this node is and where it is reached.',
    handler: ({ node: { network, chain, clientVersion } }) => ({
      id: network.self,
      name: clientVersion,
      listenAddrs: network.addresses(),
      protocols: {
        grapevine: {
          network: chain.chainId.toString(),
          genesis: chain.genesis.hash,
          head: chain.head.hash,
          difficulty: quantity(chain.totalDifficulty(chain.head.hash) ?? 0n),
        },
      },
    }),
  }),
  defineMethod({
    name: 'admin_peers',
    params: [],
    result: 'list of objects with id and network',
    summary: 'The peers that are connected.',
    handler: ({ node }) => node.network.peers().map(peerJson),
  }),
  defineMethod({
    name: 'admin_addPeer',
    params: [required('multiaddr', textKind)],
    result: 'true',
    summary:
      'Dials a peer, such as /ip4/127.0.0.1/tcp/9000/p2p/12D3Koo..., and dials it again whenever the connection ends.',
    handler: async ({ node }, address) => {
      try {
        await node.network.dial(address, { keep: true })
        return true
      } catch (error) {
        throw refused('dial-failed', messageOf(error))
      }
    },
  }),
  defineMethod({
    name: 'admin_removePeer',
    params: [required('peer', textKind)],
    result: 'whether the peer was connected',
    summary:
      'Disconnects a peer, named by its id or by a multiaddr that ends in it, and does not dial it again.',
    handler: async ({ node: { network } }, text) => {
      const id = text.split('/').at(-1)
      if (id === undefined || id === '') throw invalidParams('invalid argument 0: no peer id')
      const peer = network.peers().find((peer) => peer.id === id)
      if (peer === undefined) return false
      await network.disconnect(id as PeerId, 'removed by admin_removePeer', { forget: true })
      return true
    },
  }),
]

function peerJson({ id, address, direction }: PeerConnection): Json {
  return { id, network: { remoteAddress: address, inbound: direction === 'inbound' } }
}
