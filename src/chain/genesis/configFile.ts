/** The `config` of a genesis file: which rules begin when. */
import {
  FORK_BLOCKS,
  FORK_TIMES,
  type BlobParameters,
  type ChainConfig,
  type CliqueConfig,
} from './config.ts'
import {
  ADDRESS,
  isAbsent,
  UINT256,
  UINT64,
  type JsonFields,
  type FieldKind,
} from './jsonFields.ts'

/** EIP-225; geth reads an epoch of 0 as this too. */
const DEFAULT_CLIQUE_EPOCH = 30_000n

const CONFIG_KEYS = {
  read: [
    'chainId',
    ...FORK_BLOCKS.map(({ key }) => key),
    ...FORK_TIMES.map(({ key }) => key),
    'terminalTotalDifficulty',
    'clique',
    'blobSchedule',
    'depositContractAddress',
  ],
  ignored: [
    'ethash',
    'daoForkSupport',
    'eip150Hash',
    'terminalTotalDifficultyPassed',
    'enableVerkleAtGenesis',
  ],
}
const CLIQUE_KEYS = { read: ['period', 'epoch'] }
const BLOB_KEYS = { read: ['target', 'max', 'baseFeeUpdateFraction'] }
/** The forks by whose name blob parameters are given. */
const BLOB_FORK_KEYS = {
  read: ['cancun', 'prague', 'osaka', 'bpo1', 'bpo2', 'bpo3', 'bpo4', 'bpo5'],
}

/** Reads the object `config` of a genesis file; notes what is wrong in `fields`. */
export function readChainConfig(fields: JsonFields, value: unknown): ChainConfig {
  const config = fields.keyed('config', value, 'an object with chainId and forks', CONFIG_KEYS)
  return {
    chainId: fields.required('config.chainId', config['chainId'], CHAIN_ID, 1n),
    forkBlocks: readForks(fields, config, FORK_BLOCKS),
    forkTimes: readForks(fields, config, FORK_TIMES),
    terminalTotalDifficulty: fields.optional(
      'config.terminalTotalDifficulty',
      config['terminalTotalDifficulty'],
      UINT256,
      undefined,
    ),
    clique: readClique(fields, config['clique']),
    blobSchedule: readBlobSchedule(fields, config['blobSchedule']),
    depositContract: fields.optional(
      'config.depositContractAddress',
      config['depositContractAddress'],
      ADDRESS,
      undefined,
    ),
  }
}

const CHAIN_ID: FieldKind<bigint> = {
  expected: 'a chain id from 1 to 2^64-1',
  read: (value) => {
    const id = UINT64.read(value)
    return id === 0n ? undefined : id
  },
}

const FRACTION: FieldKind<bigint> = {
  expected: 'a whole number from 1 to 2^64-1',
  read: (value) => {
    const fraction = UINT64.read(value)
    return fraction === 0n ? undefined : fraction
  },
}

const BLOB_COUNT: FieldKind<number> = {
  expected: 'a number of blobs',
  read: (value) => {
    const count = UINT64.read(value)
    return count !== undefined && count < 2n ** 32n ? Number(count) : undefined
  },
}

function readClique(fields: JsonFields, value: unknown): CliqueConfig | undefined {
  if (isAbsent(value)) return undefined
  const expected = 'an object with period and epoch'
  const clique = fields.keyed('config.clique', value, expected, CLIQUE_KEYS)
  const epoch = fields.optional('config.clique.epoch', clique['epoch'], UINT64, 0n)
  return {
    periodS: fields.optional('config.clique.period', clique['period'], UINT64, 0n),
    epoch: epoch === 0n ? DEFAULT_CLIQUE_EPOCH : epoch,
  }
}

/** What a file that gives no parameters for a fork means: those of its EIP (EIP-4844, EIP-7691). */
const EIP_BLOBS: Readonly<Record<string, BlobParameters>> = {
  cancun: { target: 3, max: 6, baseFeeUpdateFraction: 3_338_477n },
  prague: { target: 6, max: 9, baseFeeUpdateFraction: 5_007_716n },
}

function readBlobSchedule(fields: JsonFields, value: unknown): Record<string, BlobParameters> {
  const schedule: Record<string, BlobParameters> = { ...EIP_BLOBS }
  if (isAbsent(value)) return schedule
  const expected = 'an object of blob parameters by fork'
  for (const [fork, entry] of Object.entries(
    fields.keyed('config.blobSchedule', value, expected, BLOB_FORK_KEYS),
  )) {
    const path = `config.blobSchedule.${fork}`
    const form = 'an object with target, max and baseFeeUpdateFraction'
    const blobs = fields.keyed(path, entry, form, BLOB_KEYS)
    const fraction = blobs['baseFeeUpdateFraction']
    const target = fields.required(`${path}.target`, blobs['target'], BLOB_COUNT, 0)
    const max = fields.required(`${path}.max`, blobs['max'], BLOB_COUNT, 0)
    if (target > max) fields.defect(path, `target ${target} is above max ${max}`)
    schedule[fork] = {
      target,
      max,
      baseFeeUpdateFraction: fields.required(
        `${path}.baseFeeUpdateFraction`,
        fraction,
        FRACTION,
        1n,
      ),
    }
  }
  return schedule
}

interface ForkKey<Key extends string> {
  readonly key: Key
  readonly optional: boolean
}

/** The forks given. They must come in order and leave none out but the optional ones. */
function readForks<Key extends string>(
  fields: JsonFields,
  config: Readonly<Record<string, unknown>>,
  forks: readonly ForkKey<Key>[],
): Partial<Record<Key, bigint>> {
  const starts: Partial<Record<Key, bigint>> = {}
  for (const { key } of forks) {
    const start = fields.optional(`config.${key}`, config[key], UINT64, undefined)
    if (start !== undefined) starts[key] = start
  }
  const firm = forks.filter(({ optional }) => !optional).map(({ key }) => key)
  for (const [index, key] of firm.entries()) {
    const defect = orderDefect(starts, key, firm[index - 1])
    if (defect !== undefined) fields.defect(`config.${key}`, defect)
  }
  return starts
}

function orderDefect<Key extends string>(
  starts: Readonly<Partial<Record<Key, bigint>>>,
  key: Key,
  previous: Key | undefined,
): string | undefined {
  const start = starts[key]
  if (start === undefined || previous === undefined) return undefined
  const previousStart = starts[previous]
  if (previousStart === undefined) return `needs ${previous} too, which is not given`
  if (start >= previousStart) return undefined
  return `begins at ${start}, before ${previous} at ${previousStart}; forks come in order`
}
