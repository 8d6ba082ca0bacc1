import type { GenesisAccount } from '../../chain/genesis/genesisFile.ts'
import { asHash } from '../../crypto/keccak.ts'
import type { Address } from '../../crypto/address.ts'
import { EMPTY_BYTES } from '../../lib/bytes.ts'
import { blockIdKind, findBlock, findState, isPending, LATEST } from '../blockId.ts'
import { accessListOf, checkCall, estimateGas } from '../callChecks.ts'
import { callRequestKind, overridesKind } from '../callRequest.ts'
import type { RpcContext } from '../context.ts'
import { data, quantity } from '../encode/encode.ts'
import { defineMethod } from '../method.ts'
import { addressKind, optional, required } from '../params.ts'
import { storageKeyKind } from './storageKey.ts'

const address = required('address', addressKind)
const block = optional('block', blockIdKind)
const request = required('transaction', callRequestKind)
const overrides = optional('stateOverrides', overridesKind)
const blockOverrides = optional('blockOverrides', overridesKind)

/** The `eth_` methods about accounts. */
export const ethStateMethods = [
  defineMethod({
    name: 'eth_getBalance',
    params: [address, block],
    result: 'quantity, wei',
    summary: 'The balance of an account after a block.',
    handler: ({ node }, address, id) => quantity(findState(node.chain, id).state.balance(address)),
  }),
  defineMethod({
    name: 'eth_getTransactionCount',
    params: [address, block],
    result: 'quantity',
    summary:
      'The next nonce of an account after a block; `pending` counts its executable transactions in the pool.',
    handler: ({ node }, address, id) => quantity(nonceAt(node, address, id)),
  }),
  defineMethod({
    name: 'eth_getCode',
    params: [address, block],
    result: 'bytes',
    summary: 'The code of an account: what the genesis gave it, since nothing is deployed later.',
    handler: ({ node }, address, id) => {
      const { state } = findState(node.chain, id)
      return data(
        state.hasCode(address) ? (genesisAccount(node, address)?.code ?? EMPTY_BYTES) : EMPTY_BYTES,
      )
    },
  }),
  defineMethod({
    name: 'eth_getStorageAt',
    params: [address, required('key', storageKeyKind), block],
    result: 'bytes (32)',
    summary: 'A word of the storage of an account: what the genesis gave it, since no code runs.',
    handler: ({ node }, address, key, id) => {
      findState(node.chain, id)
      const value = genesisAccount(node, address)?.storage.get(asHash(key)) ?? EMPTY_BYTES
      const word = new Uint8Array(32)
      word.set(value, 32 - value.length)
      return data(word)
    },
  }),
  defineMethod({
    name: 'eth_call',
    params: [request, block, overrides, blockOverrides],
    result: 'bytes',
    summary:
      'Runs a call without a transaction: empty for an account without code, an error for code (there is no EVM).',
    handler: ({ node: { chain } }, request, id) => {
      checkCall(chain, request, findState(chain, id))
      return '0x'
    },
  }),
  defineMethod({
    name: 'eth_estimateGas',
    params: [request, block, overrides, blockOverrides],
    result: 'quantity, gas',
    summary: 'The gas that a transfer needs, its data and access list included.',
    handler: ({ node: { chain } }, request, id) =>
      quantity(estimateGas(chain, request, findState(chain, id))),
  }),
  defineMethod({
    name: 'eth_createAccessList',
    params: [request, block, overrides],
    result: 'object with accessList and gasUsed',
    summary:
      'The access list with which a transfer would run, and the gas that it uses with it: what was given, without the accounts that every transaction warms anyway.',
    handler: ({ node: { chain } }, request, id) => {
      const { accessList, gasUsed } = accessListOf(chain, request, findState(chain, id))
      return {
        accessList: accessList.map(({ address, storageKeys }) => ({ address, storageKeys })),
        gasUsed: quantity(gasUsed),
      }
    },
  }),
]

/** Where nothing is executed, that of the head is answered if the blocks leave no doubt of it. */
function nonceAt({ chain, mempool }: RpcContext, address: Address, id = LATEST): bigint {
  const at = isPending(id) ? LATEST : id
  const isHead = findBlock(chain, at)?.hash === chain.head.hash
  const known = isHead ? chain.knownNonce(address) : undefined
  if (known === undefined) return findState(chain, at).state.nonce(address)
  return isPending(id) ? mempool.nextNonce(address) : known
}

function genesisAccount({ chain }: RpcContext, address: Address): GenesisAccount | undefined {
  return chain.genesis.alloc.get(address)
}
