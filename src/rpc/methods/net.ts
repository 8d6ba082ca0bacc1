import { quantity } from '../encode/encode.ts'
import { defineMethod } from '../method.ts'

/** The `net_` methods. */
export const netMethods = [
  defineMethod({
    name: 'net_version',
    params: [],
    result: 'decimal text',
    summary: 'The network id, which is the chain id.',
    handler: ({ node }) => node.chain.chainId.toString(),
  }),
  defineMethod({
    name: 'net_listening',
    params: [],
    result: 'boolean',
    summary: 'Whether the node listens for peers.',
    handler: ({ node }) => node.network.addresses().length > 0,
  }),
  defineMethod({
    name: 'net_peerCount',
    params: [],
    result: 'quantity',
    summary: 'How many peers are connected.',
    handler: ({ node }) => quantity(node.network.peers().length),
  }),
]
