/**
 * Blocks of a stream into a chain: signatures, rules, execution where there is a ledger, one block
 * after another.
 */
import type { Block } from '../block/block.ts'
import { readBlocks, type StreamedBlock, type StreamDefect } from '../block/blockStream.ts'
import type { Chain } from '../chain/chain.ts'
import type { Address } from '../crypto/address.ts'
import type { Senders } from '../tx/senders.ts'
import { recoverSender } from '../tx/signature.ts'

/** What an import works with. */
export interface ImportParts {
  readonly chain: Chain
  readonly senders: Senders
  /** Asked before every block. */
  readonly isAskedToEnd: () => boolean
  readonly onBlock: (counts: ImportCounts) => void
  /**
   * Resolves when what was taken in is written: awaited now and then, so that little waits in
   * memory.
   */
  readonly flushed: () => Promise<void>
}

/** Blocks that an import has dealt with. */
export interface ImportCounts {
  readonly imported: number
  /** Blocks that the chain had before. */
  readonly known: number
}

/** What became of a stream: `defect` says in one line why its rest was not read. */
export interface ImportReport extends ImportCounts {
  readonly end: 'complete' | 'asked' | 'defect'
  readonly defect?: string
}

/**
 * Signatures of so many blocks are recovered by the verifier's thread while earlier ones are
 * executed.
 */
const READ_AHEAD_BLOCKS = 4
/** Bytes of blocks between two waits for what is written. */
const FLUSH_BYTES = 4 * 1024 * 1024

interface PreparedBlock extends StreamedBlock {
  /** `undefined` for a block that is known. */
  readonly senders: Promise<readonly Address[] | string> | undefined
}

/**
 * Takes in the blocks of `source` up to the first that is broken or refused. What came before it
 * stays.
 */
export async function importBlocks(
  source: AsyncIterable<Uint8Array>,
  parts: ImportParts,
): Promise<ImportReport> {
  const counts = { imported: 0, known: 0 }
  let flushedOffset = 0
  for await (const read of prepared(readBlocks(source), parts)) {
    if (parts.isAskedToEnd()) return { ...counts, end: 'asked' }
    const defect = 'defect' in read ? streamDefect(read) : await importOne(read, parts, counts)
    if (defect !== undefined) return { ...counts, end: 'defect', defect }
    parts.onBlock(counts)
    if (read.offset - flushedOffset < FLUSH_BYTES) continue
    flushedOffset = read.offset
    await parts.flushed()
  }
  return { ...counts, end: 'complete' }
}

/** Whether a stream begins with a block of another chain than that of a genesis. */
export async function isOfAnotherChain(
  source: AsyncIterable<Uint8Array>,
  genesis: Chain['genesis'],
): Promise<boolean> {
  const { value: first } = await readBlocks(source).next()
  return (
    first !== undefined && 'block' in first && strangeness(first.block, { genesis }) !== undefined
  )
}

async function* prepared(
  blocks: AsyncIterable<StreamedBlock | StreamDefect>,
  { chain, senders }: ImportParts,
): AsyncGenerator<PreparedBlock | StreamDefect, void, undefined> {
  const waiting: (PreparedBlock | StreamDefect)[] = []
  for await (const read of blocks) {
    waiting.push('defect' in read ? read : prepare(read, chain, senders))
    const next = waiting.length > READ_AHEAD_BLOCKS ? waiting.shift() : undefined
    if (next !== undefined) yield next
  }
  yield* waiting
}

function prepare(read: StreamedBlock, chain: Chain, senders: Senders): PreparedBlock {
  const isKnown = chain.has(read.block.hash)
  return { ...read, senders: isKnown ? undefined : sendersOf(read.block, senders) }
}

/** Who signed each transaction, or which one nobody can have signed. */
async function sendersOf(block: Block, senders: Senders): Promise<readonly Address[] | string> {
  const addresses: Address[] = []
  const recoveries = block.transactions.map((tx) => senders.recover(tx, 'block'))
  for (const [index, tx] of block.transactions.entries()) {
    const recovered = await recoveries[index]
    const isRecovered = recovered !== undefined && 'address' in recovered
    const address = isRecovered ? recovered.address : recoverSender(tx)
    if (address === undefined) return `bad-signature: of transaction ${index}, ${tx.hash}`
    addresses.push(address)
  }
  return addresses
}

async function importOne(
  { block, offset, senders }: PreparedBlock,
  { chain }: ImportParts,
  counts: { imported: number; known: number },
): Promise<string | undefined> {
  const place = `block ${block.header.number} at byte ${offset}`
  const stranger = strangeness(block, chain)
  if (stranger !== undefined) return `${place}: ${stranger}`
  const signers = (await senders) ?? []
  if (typeof signers === 'string') return `${place} was refused: ${signers}`
  const outcome = chain.import(block, signers)
  if (outcome.status === 'imported') counts.imported++
  if (outcome.status === 'known') counts.known++
  if (outcome.status === 'refused')
    return `${place} was refused: ${outcome.reason}: ${outcome.message}`
  if (outcome.status === 'orphan')
    return `${place}: its parent ${block.header.parentHash} is not there: import the blocks before it first`
  return undefined
}

/** Why a block at the chain's beginning is of another chain. */
function strangeness(
  { hash, header }: Block,
  { genesis }: Pick<Chain, 'genesis'>,
): string | undefined {
  if (header.number === 0n && hash !== genesis.hash)
    return `of another chain, whose genesis is ${hash}, not ${genesis.hash}: give its file with --genesis`
  if (header.number === 1n && header.parentHash !== genesis.hash)
    return `of another chain, whose genesis is ${header.parentHash}, not ${genesis.hash}: give its file with --genesis`
  return undefined
}

function streamDefect({ defect, message, offset }: StreamDefect): string {
  return `broken at byte ${offset}: ${defect}: ${message}`
}
