/**
 * The genesis file in geth's format, from JSON to typed values. Every wrong thing is told at once,
 * one line each, by its path in the file; only the caller knows the name of the file. Keys are
 * taken in any case, as geth takes them; those that nobody knows have no effect, since other
 * clients and tools add their own, and are noted.
 */
import { parseAddress, ZERO_ADDRESS, type Address } from '../../crypto/address.ts'
import { asHash, parseHash, type Hash } from '../../crypto/keccak.ts'
import { EMPTY_BYTES, hexToBytes } from '../../lib/bytes.ts'
import type { ChainConfig } from './config.ts'
import { readChainConfig } from './configFile.ts'
import {
  ADDRESS,
  BYTES,
  HASH,
  isAbsent,
  JsonFields,
  UINT256,
  UINT64,
  type FieldKind,
} from './jsonFields.ts'

/** One account of the first state. */
export interface GenesisAccount {
  readonly balance: bigint
  readonly nonce: bigint
  readonly code: Uint8Array
  /** Values of 32 bytes by slot; zero is an empty slot. */
  readonly storage: ReadonlyMap<Hash, Uint8Array>
}

/** What accounts have at the start. */
export type GenesisAlloc = ReadonlyMap<Address, GenesisAccount>

/** What a genesis file says, before it is made a block. */
export interface GenesisFile {
  readonly config: ChainConfig
  readonly nonce: bigint
  readonly timestamp: bigint
  readonly extraData: Uint8Array
  readonly gasLimit: bigint
  readonly difficulty: bigint
  readonly mixHash: Hash
  readonly coinbase: Address
  readonly gasUsed: bigint
  readonly parentHash: Hash
  readonly baseFeePerGas: bigint | undefined
  readonly blobGasUsed: bigint | undefined
  readonly excessBlobGas: bigint | undefined
  readonly alloc: GenesisAlloc
  /** A line for each key that nobody knows. */
  readonly notes: readonly string[]
}

const FILE_KEYS = {
  read: [
    'config',
    'nonce',
    'timestamp',
    'extraData',
    'gasLimit',
    'difficulty',
    'mixHash',
    'coinbase',
    'alloc',
    'number',
    'gasUsed',
    'parentHash',
    'baseFeePerGas',
    'blobGasUsed',
    'excessBlobGas',
  ],
}
const ACCOUNT_KEYS = { read: ['balance', 'nonce', 'code', 'storage'], ignored: ['secretKey'] }

const ZERO_HASH = asHash(new Uint8Array(32))

/** Reads parsed JSON; throws one Error whose message has a line for every wrong thing. */
export function readGenesisFile(json: unknown): GenesisFile {
  const fields = new JsonFields()
  const expected = "an object, the genesis in geth's format"
  const file = fields.keyed('', json, expected, FILE_KEYS)
  const genesis = fields.defects.length > 0 ? undefined : readFields(fields, file)
  if (genesis === undefined || fields.defects.length > 0) throw new Error(fields.defects.join('\n'))
  return genesis
}

function readFields(fields: JsonFields, file: Readonly<Record<string, unknown>>): GenesisFile {
  const read = {
    config: readChainConfig(fields, file['config']),
    ...readHeaderFields(fields, file),
    alloc: readAlloc(fields, file['alloc']),
    notes: fields.notes,
  }
  fields.optional('number', file['number'], ZERO, 0n)
  if (read.config.clique !== undefined) checkCliqueExtraData(fields, read.extraData)
  return read
}

function readHeaderFields(
  fields: JsonFields,
  file: Readonly<Record<string, unknown>>,
): Omit<GenesisFile, 'config' | 'alloc' | 'notes'> {
  const required = (key: string, kind: FieldKind<bigint>) =>
    fields.required(key, file[key], kind, 0n)
  const optional = <T, A>(key: string, kind: FieldKind<T>, absent: A) =>
    fields.optional(key, file[key], kind, absent)
  return {
    nonce: optional('nonce', UINT64, 0n),
    timestamp: optional('timestamp', UINT64, 0n),
    extraData: optional('extraData', BYTES, EMPTY_BYTES),
    gasLimit: required('gasLimit', UINT64),
    difficulty: required('difficulty', UINT256),
    mixHash: optional('mixHash', HASH, ZERO_HASH),
    coinbase: optional('coinbase', ADDRESS, ZERO_ADDRESS),
    gasUsed: optional('gasUsed', UINT64, 0n),
    parentHash: optional('parentHash', HASH, ZERO_HASH),
    baseFeePerGas: optional('baseFeePerGas', UINT256, undefined),
    blobGasUsed: optional('blobGasUsed', UINT64, undefined),
    excessBlobGas: optional('excessBlobGas', UINT64, undefined),
  }
}

const ZERO: FieldKind<bigint> = {
  expected: '0, the number of a first block',
  read: (value) => (UINT64.read(value) === 0n ? 0n : undefined),
}

function readAlloc(fields: JsonFields, value: unknown): GenesisAlloc {
  const accounts = fields.object('alloc', value, 'an object of accounts by address')
  const alloc = new Map<Address, GenesisAccount>()
  for (const [key, account] of Object.entries(accounts)) {
    const path = `alloc.${key}`
    const address = parseAddress(key.startsWith('0x') ? key : `0x${key}`)
    if (address === undefined) fields.defect(path, `expected an address of ${ADDRESS.expected}`)
    else if (alloc.has(address)) fields.defect(path, 'the same address is given twice')
    else alloc.set(address, readAccount(fields, path, account))
  }
  return alloc
}

function readAccount(fields: JsonFields, path: string, value: unknown): GenesisAccount {
  const account = fields.keyed(path, value, 'an object with a balance', ACCOUNT_KEYS)
  return {
    balance: fields.required(`${path}.balance`, account['balance'], UINT256, 0n),
    nonce: fields.optional(`${path}.nonce`, account['nonce'], UINT64, 0n),
    code: fields.optional(`${path}.code`, account['code'], BYTES, EMPTY_BYTES),
    storage: readStorage(fields, `${path}.storage`, account['storage']),
  }
}

function readStorage(fields: JsonFields, path: string, value: unknown): Map<Hash, Uint8Array> {
  const storage = new Map<Hash, Uint8Array>()
  if (isAbsent(value)) return storage
  for (const [key, word] of Object.entries(fields.object(path, value, 'an object of slots'))) {
    const slot = fields.required(`${path}.${key} (slot)`, key, WORD, ZERO_HASH)
    storage.set(slot, hexToBytes(fields.required(`${path}.${key}`, word, WORD, ZERO_HASH)))
  }
  return storage
}

const WORD_TEXT = /^(0x)?[0-9a-fA-F]{0,64}$/

/** A slot or its value: geth lets a file leave out leading zeros, and the prefix. */
const WORD: FieldKind<Hash> = {
  expected: 'up to 32 bytes of hex',
  read: (value) =>
    typeof value === 'string' && WORD_TEXT.test(value)
      ? parseHash(`0x${value.replace('0x', '').padStart(64, '0')}`)
      : undefined,
}

/** EIP-225: 32 bytes of vanity, the signers, 65 bytes where later blocks have their seal. */
function checkCliqueExtraData(fields: JsonFields, extraData: Uint8Array): void {
  const signerBytes = extraData.length - 32 - 65
  if (signerBytes > 0 && signerBytes % 20 === 0) return
  fields.defect(
    'extraData',
    `expected 32 bytes, at least one signer of 20 bytes and 65 bytes for a Clique chain, got ${extraData.length} bytes`,
  )
}
