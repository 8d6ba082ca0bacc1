import { keccak256Hash } from '../../crypto/keccak.ts'
import { defineMethod } from '../method.ts'
import { bytesKind, required } from '../params.ts'

/** The `web3_` methods. */
export const web3Methods = [
  defineMethod({
    name: 'web3_clientVersion',
    params: [],
    result: 'text',
    summary: 'Name, version, platform and runtime of this node.',
    handler: ({ node }) => node.clientVersion,
  }),
  defineMethod({
    name: 'web3_sha3',
    params: [required('data', bytesKind)],
    result: 'hash',
    summary: 'Keccak-256 of the bytes.',
    handler: (_, bytes) => keccak256Hash(bytes),
  }),
]
