import type { GenesisAccount } from '../../chain/genesis/genesisFile.ts'
import { storageTrie, type State } from '../../chain/state.ts'
import type { Block } from '../../block/block.ts'
import type { Trie } from '../../block/trie.ts'
import type { Address } from '../../crypto/address.ts'
import { keccak256 } from '../../crypto/keccak.ts'
import { bytesToBigint, bytesToHex } from '../../lib/bytes.ts'
import { decodeRlp } from '../../lib/rlp.ts'
import { blockIdKind, findState, type BlockId } from '../blockId.ts'
import type { RpcChain } from '../context.ts'
import { data, quantity } from '../encode/encode.ts'
import { RPC_CODES, RpcError } from '../errors.ts'
import { RPC_LIMITS } from '../limits.ts'
import { defineMethod } from '../method.ts'
import { addressKind, listKind, optional, required, type ParamKind } from '../params.ts'
import type { Json } from '../server/json.ts'
import { storageKeyKind } from './storageKey.ts'

/**
 * A key, and how geth names it in the answer: 32 bytes as they came, anything shorter as a
 * quantity.
 */
interface ProofKey {
  readonly key: Uint8Array
  readonly shown: string
}

const proofKeyKind: ParamKind<ProofKey> = {
  type: storageKeyKind.type,
  schema: storageKeyKind.schema,
  read: (value) => {
    const key = storageKeyKind.read(value)
    const digits = String(value).replace(/^0x/i, '').length
    return { key, shown: digits > 62 ? data(key) : quantity(bytesToBigint(key)) }
  },
}

/** What is not there has neither code nor storage: geth answers hashes of zeros. */
const NO_HASH = `0x${'00'.repeat(32)}`

/** The `eth_` method that proves accounts (EIP-1186). */
export const ethProofMethods = [
  defineMethod({
    name: 'eth_getProof',
    params: [
      required('address', addressKind),
      required('storageKeys', listKind(proofKeyKind, RPC_LIMITS.maxListItems)),
      optional('block', blockIdKind),
    ],
    result:
      'object with address, accountProof, balance, codeHash, nonce, storageHash and storageProof',
    summary:
      'An account after a block and words of its storage, with the nodes of the tries that prove them against the state root (EIP-1186).',
    handler: ({ node: { chain } }, address, keys, id) => proofJson(chain, address, keys, id),
  }),
]

function proofJson(
  chain: RpcChain,
  address: Address,
  keys: readonly ProofKey[],
  id: BlockId | undefined,
): Json {
  const { state } = keptState(chain, id)
  const account = state.account(address)
  const trie = storageTrie(storageOf(chain, address) ?? new Map())
  return {
    address,
    accountProof: state.prove(address).map((node) => bytesToHex(node)),
    balance: quantity(account?.balance ?? 0n),
    codeHash: account?.codeHash ?? NO_HASH,
    nonce: quantity(account?.nonce ?? 0n),
    storageHash: account?.storageRoot ?? NO_HASH,
    storageProof: keys.map((key) => slotJson(trie, key)),
  }
}

function slotJson(trie: Trie, { key, shown }: ProofKey): Json {
  const path = keccak256(key)
  const encoded = trie.get(path)
  const word = encoded === undefined ? undefined : decodeRlp(encoded)
  return {
    key: shown,
    value: quantity(word instanceof Uint8Array ? bytesToBigint(word) : 0n),
    proof: trie.prove(path).map((node) => bytesToHex(node)),
  }
}

/** Storage is what the genesis gave: no code runs. */
function storageOf(chain: RpcChain, address: Address): GenesisAccount['storage'] | undefined {
  return chain.genesis.alloc.get(address)?.storage
}

/** A block and the trie after it; throws what the other questions about accounts are answered. */
export function keptState(
  chain: RpcChain,
  id: BlockId | undefined,
): { readonly block: Block; readonly state: State } {
  const { block } = findState(chain, id)
  const state = chain.stateAt(block.hash)
  if (state !== undefined) return { block, state }
  throw new RpcError(RPC_CODES.server, `historical state of block ${block.hash} is not available`)
}
