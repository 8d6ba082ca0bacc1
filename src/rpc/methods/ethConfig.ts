import { FORK_TIMES, type ChainConfig } from '../../chain/genesis/config.ts'
import { forkHash } from '../../chain/genesis/forkId.ts'
import { forkAt } from '../../chain/genesis/forks.ts'
import type { Genesis } from '../../chain/genesis/genesis.ts'
import { precompilesAt } from '../../chain/rules/precompiles.ts'
import { atLeast, type Fork } from '../../tx/fork.ts'
import { blobParametersAt } from '../../chain/rules/blobGas.ts'
import type { RpcChain } from '../context.ts'
import { quantity } from '../encode/encode.ts'
import type { Json, JsonObject } from '../server/json.ts'
import { defineMethod } from '../method.ts'

/** After every fork by block number. */
const LAST_BLOCK = 2n ** 64n - 1n

/**
 * Contracts that a fork's rules call, with the fork that brought them (EIP-4788, EIP-2935,
 * EIP-7002, EIP-7251).
 */
const SYSTEM_CONTRACTS: readonly (readonly [name: string, address: string, since: Fork])[] = [
  ['BEACON_ROOTS_ADDRESS', '0x000f3df6d732807ef1319fb7b8bb8522d0beac02', 'cancun'],
  [
    'CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS',
    '0x0000bbddc7ce488642fb579f8b00f3a590007251',
    'prague',
  ],
  ['HISTORY_STORAGE_ADDRESS', '0x0000f90827f1c53a10cb7a02335b175320002935', 'prague'],
  ['WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS', '0x00000961ef480eb55e80d19ad83579a64c007002', 'prague'],
]

/** The method `eth_config` (EIP-7910). */
export const ethConfigMethods = [
  defineMethod({
    name: 'eth_config',
    params: [],
    result: 'object with current, next and last',
    summary:
      'The rules of the chain at the head, of the next fork by time and of the last (EIP-7910).',
    handler: ({ node: { chain } }) => configJson(chain),
  }),
  defineMethod({
    name: 'eth_capabilities',
    params: [],
    result:
      'object with head, and for every sort of data whether it is served and since which block',
    summary: 'Which questions about the past this node can answer.',
    handler: ({ node: { chain } }) => capabilitiesJson(chain),
  }),
]

function configJson({ genesis, head }: RpcChain): Json {
  const { timestamp } = head.header
  const times = forkTimes(genesis.config)
  const current = times.findLast((time) => time <= timestamp) ?? 0n
  const next = times.find((time) => time > timestamp)
  const last = next === undefined ? undefined : times.at(-1)
  return {
    current: rulesJson(genesis, current),
    next: next === undefined ? null : rulesJson(genesis, next),
    last: last === undefined ? null : rulesJson(genesis, last),
  }
}

function forkTimes({ forkTimes }: ChainConfig): bigint[] {
  return FORK_TIMES.flatMap(({ key }) => forkTimes[key] ?? [])
}

function rulesJson(genesis: Genesis, activation: bigint): JsonObject {
  const { config } = genesis
  const fork = forkAt(config, LAST_BLOCK, activation)
  const blobs = blobParametersAt(config, activation)
  return {
    activationTime: Number(activation),
    blobSchedule:
      blobs === undefined
        ? null
        : { ...blobs, baseFeeUpdateFraction: Number(blobs.baseFeeUpdateFraction) },
    chainId: quantity(config.chainId),
    forkId: forkHash(genesis, activation),
    precompiles: Object.fromEntries(
      precompilesAt(fork).map(({ name, address }) => [name, address]),
    ),
    systemContracts: systemContracts(config, fork),
  }
}

function systemContracts({ depositContract }: ChainConfig, fork: Fork): JsonObject {
  const active = SYSTEM_CONTRACTS.filter(([, , since]) => atLeast(fork, since))
  const hasDeposits = depositContract !== undefined && atLeast(fork, 'prague')
  return {
    ...Object.fromEntries(active.map(([name, address]) => [name, address])),
    ...(hasDeposits && { DEPOSIT_CONTRACT_ADDRESS: depositContract }),
  }
}

function capabilitiesJson(chain: RpcChain): Json {
  const { header, hash } = chain.head
  const kept = { disabled: false, oldestBlock: quantity(oldestBlock(chain)) }
  const executed = chain.ledger === 'none' ? { disabled: true } : kept
  return {
    head: { number: quantity(header.number), hash },
    state:
      chain.ledger === 'none'
        ? { disabled: true }
        : { disabled: false, oldestBlock: quantity(oldestState(chain)) },
    tx: kept,
    logs: executed,
    receipts: executed,
    blocks: kept,
    stateproofs: { disabled: true },
  }
}

/**
 * The lowest number from which on every canonical block is kept: those that are gone are the
 * oldest.
 */
function oldestBlock(chain: RpcChain): bigint {
  return lowest(chain, (number) => chain.blockByNumber(number) !== undefined)
}

function oldestState(chain: RpcChain): bigint {
  return lowest(chain, (number) => {
    const block = chain.blockByNumber(number)
    return block !== undefined && chain.stateAt(block.hash) !== undefined
  })
}

/**
 * By bisection: what holds for a number above the genesis holds for all above it, up to the head.
 */
function lowest({ head }: RpcChain, holds: (number: bigint) => boolean): bigint {
  let low = 1n
  let high = head.header.number
  while (low < high) {
    const middle = (low + high) / 2n
    if (holds(middle)) high = middle
    else low = middle + 1n
  }
  return low <= 1n ? 0n : low
}
