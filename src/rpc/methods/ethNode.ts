import { quantity } from '../encode/encode.ts'
import { defineMethod } from '../method.ts'

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
    summary: 'Whether the node is behind its peers, and how far.',
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
    summary: 'Accounts the node signs for: none, it keeps no keys of users.',
    handler: () => [],
  }),
]
