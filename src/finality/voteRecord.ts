/**
 * What a signer has voted for, so that it never contradicts itself: on the disk before the vote is
 * sent.
 *
 * The minimal record of EIP-3076: the highest source and the highest target, and the last vote
 * itself, which is sent again after a start. One file for each signer, in the data directory: RLP
 * [version, source, target, vote].
 */
import { join } from 'node:path'
import type { Address } from '../crypto/address.ts'
import { bigintToBytes, bytesToBigint } from '../lib/bytes.ts'
import type { Logger } from '../lib/log.ts'
import { decodeRlp, encodeRlp } from '../lib/rlp.ts'
import { readIfThere, writeDurably } from './durableFile.ts'
import { decodeVote, type VoteLink, type SignedLink } from './vote.ts'

/** The highest numbers that a signer has signed. */
export interface VotedUpTo {
  readonly source: bigint
  readonly target: bigint
}

/** What is remembered of a signer's votes. */
export interface VoteMemory extends VotedUpTo {
  /** The last one. */
  readonly vote: SignedLink
}

/** Where the votes of one signer are remembered. */
export interface VoteRecord {
  /** As of the start; `undefined` where there is none. */
  readonly found: VoteMemory | undefined
  /** Resolves when the memory is safe; a vote whose memory is not must not be sent. */
  write(memory: VoteMemory): Promise<void>
}

const VERSION = 1
const MAX_NUMBER_BYTES = 8

/** The file of a signer's record. */
export function voteRecordPath(dataDir: string, signer: Address): string {
  return join(dataDir, `votes-${signer}`)
}

/**
 * Opens the record of a signer. A damaged one counts as lost: the voter has a rule for that.
 * Rejects where it cannot be read.
 */
export async function openVoteRecord(
  dataDir: string,
  signer: Address,
  log: Logger,
): Promise<VoteRecord> {
  const path = voteRecordPath(dataDir, signer)
  const content = await readIfThere(path)
  const found = content && decodeMemory(content)
  if (content !== undefined && found === undefined)
    log.error('the record of votes is damaged: the signer votes as if it had none', { path })
  return { found, write: (memory) => writeDurably(path, encodeMemory(memory)) }
}

/**
 * Whether a vote cannot contradict one of those remembered (EIP-3076, conditions 4 and 5 of its
 * minimal form).
 */
export function isSafe({ source, target }: VoteLink, before: VotedUpTo): boolean {
  return source.number >= before.source && target.number > before.target
}

function encodeMemory({ source, target, vote }: VoteMemory): Uint8Array {
  return encodeRlp([
    bigintToBytes(BigInt(VERSION)),
    bigintToBytes(source),
    bigintToBytes(target),
    vote.raw,
  ])
}

function decodeMemory(content: Uint8Array): VoteMemory | undefined {
  const item = decodeRlp(content)
  if (typeof item === 'string' || item instanceof Uint8Array || item.length !== 4) return undefined
  const [version, source, target, raw] = item
  if (!isNumber(version) || !isNumber(source) || !isNumber(target)) return undefined
  if (bytesToBigint(version) !== BigInt(VERSION) || !(raw instanceof Uint8Array)) return undefined
  const vote = decodeVote(raw)
  return vote && { source: bytesToBigint(source), target: bytesToBigint(target), vote }
}

function isNumber(item: unknown): item is Uint8Array {
  return item instanceof Uint8Array && item.length <= MAX_NUMBER_BYTES && item[0] !== 0
}
