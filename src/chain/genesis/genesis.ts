/**
 * The first block of a chain, from a genesis file in geth's format, as geth makes it: same file,
 * same hash.
 */
import { createHash } from 'node:crypto'
import { makeBlock, type Block } from '../../block/block.ts'
import { emptyBloom } from '../../block/bloom.ts'
import { EMPTY_UNCLES_HASH } from '../../block/bodyRoots.ts'
import { INITIAL_BASE_FEE } from '../../block/baseFee.ts'
import type { Header } from '../../block/header.ts'
import { EMPTY_TRIE_ROOT } from '../../block/trie.ts'

import { asHash, type Hash } from '../../crypto/keccak.ts'
import { bigintToFixedBytes } from '../../lib/bytes.ts'
import { atLeast, type Fork } from '../../tx/fork.ts'
import type { ChainConfig } from './config.ts'
import { forkAt } from './forks.ts'
import { readGenesisFile, type GenesisAlloc, type GenesisFile } from './genesisFile.ts'
import { State } from '../state.ts'

/** A chain's rules and its first block. */
export interface Genesis {
  readonly config: ChainConfig
  readonly header: Header
  readonly hash: Hash
  readonly block: Block
  /** The first accounts with their code and storage, which the ledger never changes. */
  readonly alloc: GenesisAlloc
  readonly state: State
  /** What is said to whoever wrote the file: a line for each key that nobody knows. */
  readonly notes: readonly string[]
}

/** EIP-7685: the hash of no requests, sha256 of nothing. */
export const EMPTY_REQUESTS_HASH: Hash = asHash(createHash('sha256').digest())

/** geth's gas limit for a genesis that says 0. */
const DEFAULT_GAS_LIMIT = 4_712_388n

/**
 * The genesis of a parsed genesis file. Throws one Error for a file that is none, with a line for
 * every wrong thing: `alloc.0xabc.balance: expected ...`.
 */
export function parseGenesis(json: unknown): Genesis {
  const file = readGenesisFile(json)
  const state = State.ofAlloc(file.alloc)
  const header = genesisHeader(file, state.root())
  const block =
    header.withdrawalsRoot === undefined ? makeBlock(header, []) : makeBlock(header, [], [], [])
  const { config, alloc, notes } = file
  return { config, header, hash: block.hash, block, alloc, state, notes }
}

function genesisHeader(file: GenesisFile, stateRoot: Hash): Header {
  return {
    parentHash: file.parentHash,
    unclesHash: EMPTY_UNCLES_HASH,
    coinbase: file.coinbase,
    stateRoot,
    transactionsRoot: EMPTY_TRIE_ROOT,
    receiptsRoot: EMPTY_TRIE_ROOT,
    logsBloom: emptyBloom(),
    difficulty: file.difficulty,
    number: 0n,
    gasLimit: file.gasLimit === 0n ? DEFAULT_GAS_LIMIT : file.gasLimit,
    gasUsed: file.gasUsed,
    timestamp: file.timestamp,
    extraData: file.extraData,
    mixHash: file.mixHash,
    nonce: bigintToFixedBytes(file.nonce, 8),
    ...forkFields(file, forkAt(file.config, 0n, file.timestamp)),
  }
}

/** The fields that the forks active at the genesis add, with the values geth gives them. */
function forkFields(file: GenesisFile, fork: Fork): Partial<Header> {
  return {
    ...baseFeeField(file, fork),
    ...(atLeast(fork, 'shanghai') && { withdrawalsRoot: EMPTY_TRIE_ROOT }),
    ...(atLeast(fork, 'cancun') && {
      blobGasUsed: file.blobGasUsed ?? 0n,
      excessBlobGas: file.excessBlobGas ?? 0n,
      parentBeaconBlockRoot: asHash(new Uint8Array(32)),
    }),
    ...(atLeast(fork, 'prague') && { requestsHash: EMPTY_REQUESTS_HASH }),
  }
}

/** A base fee that the file gives stands in the header whatever the fork. */
function baseFeeField(file: GenesisFile, fork: Fork): Partial<Header> {
  if (file.baseFeePerGas !== undefined) return { baseFeePerGas: file.baseFeePerGas }
  return atLeast(fork, 'london') ? { baseFeePerGas: INITIAL_BASE_FEE } : {}
}
