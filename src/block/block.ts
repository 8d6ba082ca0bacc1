import type { Address } from '../crypto/address.ts'
import { keccak256Hash, type Hash } from '../crypto/keccak.ts'
import { assert } from '../lib/assert.ts'
import { bigintToBytes, hexToBytes } from '../lib/bytes.ts'
import { decodeRlp, encodeRlp, encodeRlpList, type RlpItem } from '../lib/rlp.ts'
import { decodeTx, isTxDefect } from '../tx/decodeTx.ts'
import type { Tx } from '../tx/tx.ts'
import { blockDefect, isBlockDefect, type BlockDefect, type BlockDefectReason } from './defect.ts'
import { ItemReader } from './itemReader.ts'
import { decodeHeader, encodeHeader, type Header } from './header.ts'
import {
  MAX_BLOCK_BYTES,
  MAX_BLOCK_TRANSACTIONS,
  MAX_BLOCK_UNCLES,
  MAX_BLOCK_WITHDRAWALS,
  MAX_HEADER_BYTES,
  MAX_WITHDRAWAL_BYTES,
} from './limits.ts'
import { rlpListParts } from './rlpParts.ts'

/** EIP-4895; `amount` is in gwei. */
export interface Withdrawal {
  readonly index: bigint
  readonly validatorIndex: bigint
  readonly address: Address
  readonly amount: bigint
}

/** A decoded block: its canonical bytes and what they say. */
export interface Block {
  /** keccak256 of the encoded header: the identity of the block. */
  readonly hash: Hash
  readonly header: Header
  readonly transactions: readonly Tx[]
  readonly uncles: readonly Header[]
  /** From Shanghai on. */
  readonly withdrawals?: readonly Withdrawal[]
  /** RLP `[header, transactions, uncles]`, followed by the withdrawals from Shanghai on. */
  readonly raw: Uint8Array
}

/**
 * An encoded block of which the header alone was decoded: who sealed it can be asked before its
 * body costs anything.
 */
export interface PeekedBlock {
  /** keccak256 of the encoded header. */
  readonly hash: Hash
  readonly header: Header
  readonly raw: Uint8Array
  /** The encoded transactions, uncles and, where there are any, withdrawals. */
  readonly body: readonly Uint8Array[]
}

/**
 * The block `raw` encodes, or why it encodes none. Never throws, and every block has exactly one
 * accepted form. Says nothing about the roots (see `bodyDefect` in bodyRoots.ts) nor about any rule
 * of a chain. Byte fields are views into `raw`, which the caller must not change afterwards.
 */
export function decodeBlock(raw: Uint8Array): Block | BlockDefect {
  const peeked = peekBlock(raw)
  return isBlockDefect(peeked) ? peeked : decodeBody(peeked)
}

/**
 * The header of the block that `raw` encodes, and its body undecoded, or why it encodes none; as
 * {@link decodeBlock}.
 */
export function peekBlock(raw: Uint8Array): PeekedBlock | BlockDefect {
  if (raw.length > MAX_BLOCK_BYTES)
    return blockDefect(
      'block-too-large',
      `block of ${raw.length} bytes, more than ${MAX_BLOCK_BYTES}`,
    )
  const parts = rlpListParts(raw, 4)
  if (parts === 'not-a-list') return blockDefect('block-not-a-list', 'the block is a byte string')
  if (parts === 'too-many')
    return blockDefect('block-field-count', 'a block has at most 4 fields, this one has more')
  if (!Array.isArray(parts)) return blockDefect(parts, 'the block is no canonical RLP list')
  const [headerPart, ...body] = parts
  if (headerPart === undefined || body.length < 2)
    return blockDefect('block-field-count', `a block of ${parts.length} fields, not 3 or 4`)
  const header = decodeHeaderPart(headerPart)
  if (isBlockDefect(header)) return header
  return { hash: keccak256Hash(headerPart), header, raw, body }
}

/** A transaction that was decoded before, by the hash of its bytes. */
export type KnownTx = (hash: Hash) => Tx | undefined

/**
 * The whole block of a peeked one. The header is not decoded again, and neither is a transaction
 * that is known: its hash covers every byte of it.
 */
export function decodeBody(
  { hash, header, raw, body }: PeekedBlock,
  known: KnownTx = () => undefined,
): Block | BlockDefect {
  const [transactionsPart, unclesPart, withdrawalsPart] = body
  if (transactionsPart === undefined || unclesPart === undefined)
    return blockDefect('block-field-count', `a body of ${body.length} fields, not 2 or 3`)
  const withdrawals = decodeWithdrawals(header, withdrawalsPart)
  if (withdrawals !== undefined && isBlockDefect(withdrawals)) return withdrawals
  const uncles = decodeList(unclesPart, UNCLES)
  if (isBlockDefect(uncles)) return uncles
  const transactions = decodeList(transactionsPart, transactionsForm(known))
  if (isBlockDefect(transactions)) return transactions
  const block = { hash, header, transactions, uncles, raw }
  return withdrawals === undefined ? block : { ...block, withdrawals }
}

/**
 * A block of decoded parts. Its roots are as the header has them; `bodyRoots` computes right ones.
 */
export function makeBlock(
  header: Header,
  transactions: readonly Tx[],
  uncles: readonly Header[] = [],
  withdrawals?: readonly Withdrawal[],
): Block {
  assert(
    (withdrawals === undefined) === (header.withdrawalsRoot === undefined),
    'a block has withdrawals exactly if its header has a withdrawals root',
  )
  const headerPart = encodeHeader(header)
  const hash = keccak256Hash(headerPart)
  const parts = [
    headerPart,
    encodeRlpList(transactions.map(transactionPart)),
    encodeRlpList(uncles.map(encodeHeader)),
  ]
  if (withdrawals === undefined)
    return { hash, header, transactions, uncles, raw: encodeRlpList(parts) }
  const raw = encodeRlpList([...parts, encodeRlp(withdrawals.map(withdrawalToRlp))])
  return { hash, header, transactions, uncles, withdrawals, raw }
}

/** The fields of a withdrawal as RLP encodes them (EIP-4895). */
export function withdrawalToRlp(withdrawal: Withdrawal): readonly RlpItem[] {
  return [
    bigintToBytes(withdrawal.index),
    bigintToBytes(withdrawal.validatorIndex),
    hexToBytes(withdrawal.address),
    bigintToBytes(withdrawal.amount),
  ]
}

/**
 * A legacy transaction stands in a body as the list it is, a typed one as a byte string (EIP-2718).
 */
function transactionPart({ type, raw }: Tx): Uint8Array {
  return type === 0 ? raw : encodeRlp(raw)
}

function decodeWithdrawals(
  header: Header,
  part: Uint8Array | undefined,
): readonly Withdrawal[] | BlockDefect | undefined {
  const committed = header.withdrawalsRoot !== undefined
  if (part !== undefined && committed) return decodeList(part, WITHDRAWALS)
  if (part !== undefined)
    return blockDefect('withdrawals-unexpected', 'withdrawals under a header without their root')
  if (committed)
    return blockDefect('withdrawals-missing', 'no withdrawals under a header with their root')
  return undefined
}

interface ListForm<T> {
  readonly name: string
  readonly maxItems: number
  readonly notAList: BlockDefectReason
  readonly tooMany: BlockDefectReason
  readonly decodeItem: (part: Uint8Array, index: number) => T | BlockDefect
}

function transactionsForm(known: KnownTx): ListForm<Tx> {
  return {
    name: 'transactions',
    maxItems: MAX_BLOCK_TRANSACTIONS,
    notAList: 'transactions-not-a-list',
    tooMany: 'transactions-too-many',
    decodeItem: (part, index) => decodeTransaction(part, index, known),
  }
}

const UNCLES: ListForm<Header> = {
  name: 'uncles',
  maxItems: MAX_BLOCK_UNCLES,
  notAList: 'uncles-not-a-list',
  tooMany: 'uncles-too-many',
  decodeItem: decodeHeaderPart,
}

const WITHDRAWALS: ListForm<Withdrawal> = {
  name: 'withdrawals',
  maxItems: MAX_BLOCK_WITHDRAWALS,
  notAList: 'withdrawals-not-a-list',
  tooMany: 'withdrawals-too-many',
  decodeItem: decodeWithdrawal,
}

function decodeList<T extends object>(
  data: Uint8Array,
  form: ListForm<T>,
): readonly T[] | BlockDefect {
  const parts = rlpListParts(data, form.maxItems)
  if (parts === 'not-a-list') return blockDefect(form.notAList, `${form.name} is a byte string`)
  if (parts === 'too-many')
    return blockDefect(form.tooMany, `more than ${form.maxItems} ${form.name}`)
  if (!Array.isArray(parts)) return blockDefect(parts, `${form.name} is no canonical RLP list`)
  const items: T[] = []
  for (const [index, part] of parts.entries()) {
    const item = form.decodeItem(part, index)
    if (isBlockDefect(item)) return item
    items.push(item)
  }
  return items
}

function decodeHeaderPart(part: Uint8Array): Header | BlockDefect {
  if (part.length > MAX_HEADER_BYTES)
    return blockDefect(
      'header-too-large',
      `header of ${part.length} bytes, more than ${MAX_HEADER_BYTES}`,
    )
  const item = decodeRlp(part)
  return typeof item === 'string'
    ? blockDefect(item, 'the header is no canonical RLP')
    : decodeHeader(item)
}

function decodeTransaction(part: Uint8Array, index: number, known: KnownTx): Tx | BlockDefect {
  const raw = transactionBytes(part)
  if (raw === undefined)
    return blockDefect('transaction-malformed', `transaction ${index}: neither a list nor typed`)
  const hash = keccak256Hash(raw)
  const tx = known(hash) ?? decodeTx(raw, hash)
  if (isTxDefect(tx))
    return blockDefect('transaction-malformed', `transaction ${index}: ${tx.reason}: ${tx.message}`)
  return tx
}

/**
 * `undefined` where a byte string holds a legacy transaction, which would be a second form of the
 * same block.
 */
function transactionBytes(part: Uint8Array): Uint8Array | undefined {
  if ((part[0] ?? 0) >= 0xc0) return part
  const bytes = decodeRlp(part)
  return bytes instanceof Uint8Array && (bytes[0] ?? 0) < 0x80 ? bytes : undefined
}

function decodeWithdrawal(part: Uint8Array, index: number): Withdrawal | BlockDefect {
  const item = part.length > MAX_WITHDRAWAL_BYTES ? undefined : decodeRlp(part)
  if (item === undefined || item instanceof Uint8Array || typeof item === 'string')
    return blockDefect('withdrawal-malformed', `withdrawal ${index} is no canonical short list`)
  if (item.length !== 4)
    return blockDefect('withdrawal-malformed', `withdrawal ${index} has ${item.length} fields`)
  const reader = new ItemReader(item, 'withdrawal-malformed')
  const withdrawal = {
    index: reader.integer('index', 8),
    validatorIndex: reader.integer('validatorIndex', 8),
    address: reader.address('address'),
    amount: reader.integer('amount', 8),
  }
  return reader.defect ?? withdrawal
}
