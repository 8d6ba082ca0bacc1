import { ZERO_ADDRESS } from '../../crypto/address.ts'
import { STATUS_VERSION } from '../../sync/status/status.ts'
import { quantity } from '../encode/encode.ts'
import { defineMethod } from '../method.ts'

/** The `eth_` methods about this node. */
export const ethNodeMethods = [
  defineMethod({
    name: 'eth_chainId',
    params: [],
    result: 'quantity',
    summary: 'The chain id that transactions must be signed for (EIP-155).',
    handler: ({ node }) => quantity(node.chain.chainId),
  }),
  defineMethod({
    name: 'eth_blockNumber',
    params: [],
    result: 'quantity',
    summary: 'The number of the head block.',
    handler: ({ node }) => quantity(node.chain.head.header.number),
  }),
  defineMethod({
    name: 'eth_syncing',
    params: [],
    result: 'false, or an object with startingBlock, currentBlock, highestBlock',
    summary:
      'Whether the node is behind a peer that gave it blocks, and how far. A claim alone does not count, because it costs nothing.',
    handler: ({ node }) => {
      const progress = node.syncStatus()
      if (progress === undefined) return false
      return {
        startingBlock: quantity(progress.startingBlock),
        currentBlock: quantity(progress.currentBlock),
        highestBlock: quantity(progress.highestBlock),
      }
    },
  }),
  defineMethod({
    name: 'eth_accounts',
    params: [],
    result: 'empty list',
    summary: 'Accounts that the node signs for: none, because it keeps no user keys.',
    handler: () => [],
  }),
  defineMethod({
    name: 'eth_coinbase',
    params: [],
    result: 'address',
    summary: 'The account for which the node seals blocks; the zero address where it seals none.',
    handler: ({ node }) => node.sealer ?? ZERO_ADDRESS,
  }),
  defineMethod({
    name: 'eth_mining',
    params: [],
    result: 'boolean',
    summary: 'Whether the node seals blocks.',
    handler: ({ node }) => node.sealer !== undefined,
  }),
  defineMethod({
    name: 'eth_hashrate',
    params: [],
    result: 'quantity',
    summary: 'Always zero: Clique needs no hashing.',
    handler: () => quantity(0n),
  }),
  defineMethod({
    name: 'eth_protocolVersion',
    params: [],
    result: 'quantity',
    summary: 'The version of the status that peers exchange.',
    handler: () => quantity(BigInt(STATUS_VERSION)),
  }),
]
