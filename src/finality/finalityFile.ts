/**
 * What a node knows of finality, in its data directory: what is justified and final, the votes
 * above the finalized block and the proofs of contradictions. Written whole after every change;
 * votes that are lost come again from peers.
 *
 * RLP [version, [genesisHash, chainId, interval], [number, hash], [number, hash], [vote, ...],
 * [[vote, vote], ...]]: whose it is, justified, finalized, votes, proofs.
 */
import { join } from 'node:path'
import type { Checkpoint, Settled } from '../chain/checkpoint.ts'
import type { Address } from '../crypto/address.ts'
import { asHash } from '../crypto/keccak.ts'
import { messageOf } from '../lib/assert.ts'
import { bigintToBytes, bytesToBigint, hexToBytes } from '../lib/bytes.ts'
import type { Logger } from '../lib/log.ts'
import { decodeRlp, encodeRlp, type RlpItem } from '../lib/rlp.ts'
import { readIfThere, writeDurably } from './durableFile.ts'
import type { KeptFinality } from './finality.ts'
import { contradiction, type Evidence } from './slashing.ts'
import { decodeVote, signerOf, type Vote, type VoteDomain } from './vote.ts'

/** Where a node's finality outlives it. */
export interface FinalityKeeper {
  /** As of the start. */
  readonly found: KeptFinality | undefined
  /** Writes it, soon; of several within one write the last. Never throws. */
  keep(kept: () => KeptFinality): void
  /** Resolves when all is written, or given up. */
  close(): Promise<void>
}

const VERSION = 2
const FILE = 'finality'

/**
 * Opens the file of a data directory. A file that cannot be read or is damaged is said and then
 * written anew.
 */
export async function openFinalityFile(
  dataDir: string,
  { domain, signers, log }: { domain: VoteDomain; signers: readonly Address[]; log: Logger },
): Promise<FinalityKeeper> {
  const path = join(dataDir, FILE)
  const found = await readFound(path, domain, signers).catch((error: unknown) => {
    const reason = messageOf(error)
    log.warn('the finality file cannot be used: peers are asked for its content again', {
      path,
      reason,
    })
    return undefined
  })
  const writer = new Writer(path, domain, log)
  return { found, keep: (kept) => writer.keep(kept), close: () => writer.done }
}

/** One write at a time; what comes meanwhile is one more. */
class Writer {
  readonly #path: string
  readonly #domain: VoteDomain
  readonly #log: Logger
  #next: (() => KeptFinality) | undefined
  #isFailing = false
  done: Promise<void> = Promise.resolve()

  constructor(path: string, domain: VoteDomain, log: Logger) {
    this.#path = path
    this.#domain = domain
    this.#log = log
  }

  keep(kept: () => KeptFinality): void {
    const isDue = this.#next !== undefined
    this.#next = kept
    if (!isDue) this.done = this.done.then(() => this.#write())
  }

  async #write(): Promise<void> {
    const kept = this.#next
    this.#next = undefined
    if (kept === undefined) return
    try {
      await writeDurably(this.#path, encodeKept(kept(), this.#domain))
      this.#isFailing = false
    } catch (error) {
      if (!this.#isFailing)
        this.#log.error('finality is not kept on disk for now', { reason: messageOf(error) })
      this.#isFailing = true
    }
  }
}

async function readFound(
  path: string,
  domain: VoteDomain,
  signers: readonly Address[],
): Promise<KeptFinality | undefined> {
  const content = await readIfThere(path)
  if (content === undefined) return undefined
  const { of, settled, votes, pairs } = decodeFile(content)
  if (!isSameDomain(of, domain))
    throw new Error('it is of another network, or of another interval of checkpoints')
  const vote = (raw: RlpItem): Vote => voteOf(raw, domain, signers)
  return {
    settled,
    votes: votes.map(vote),
    evidence: pairs.map((pair) => evidenceOf(listOf(pair).map(vote))),
  }
}

/**
 * What the file of a data directory says is justified and final on this network; `undefined` where
 * there is none. Rejects where it cannot be read or is damaged.
 */
export async function readSettled(
  dataDir: string,
  { genesisHash, chainId }: Omit<VoteDomain, 'interval'>,
): Promise<Settled | undefined> {
  const content = await readIfThere(join(dataDir, FILE))
  if (content === undefined) return undefined
  const { of, settled } = decodeFile(content)
  return isSameDomain(of, { ...of, genesisHash, chainId }) ? settled : undefined
}

function isSameDomain(a: VoteDomain, b: VoteDomain): boolean {
  return a.genesisHash === b.genesisHash && a.chainId === b.chainId && a.interval === b.interval
}

function encodeKept(kept: KeptFinality, domain: VoteDomain): Uint8Array {
  const { settled, votes, evidence } = kept
  return encodeRlp([
    bigintToBytes(BigInt(VERSION)),
    [
      hexToBytes(domain.genesisHash),
      bigintToBytes(domain.chainId),
      bigintToBytes(BigInt(domain.interval)),
    ],
    encodeCheckpoint(settled.justified),
    encodeCheckpoint(settled.finalized),
    votes.map(({ raw }) => raw),
    evidence.map(({ first, second }) => [first.raw, second.raw]),
  ])
}

interface FileContent {
  readonly of: VoteDomain
  readonly settled: Settled
  readonly votes: readonly RlpItem[]
  readonly pairs: readonly RlpItem[]
}

/** Throws an Error for what is no such content. */
function decodeFile(content: Uint8Array): FileContent {
  const [version, domain, justified, finalized, votes, pairs] = listOf(decodeRlp(content))
  if (!(version instanceof Uint8Array) || bytesToBigint(version) !== BigInt(VERSION))
    throw new Error('it is of another version')
  return {
    of: domainOf(listOf(domain)),
    settled: { justified: checkpointOf(justified), finalized: checkpointOf(finalized) },
    votes: listOf(votes),
    pairs: listOf(pairs),
  }
}

function domainOf([genesisHash, chainId, interval]: readonly RlpItem[]): VoteDomain {
  if (!(genesisHash instanceof Uint8Array && chainId instanceof Uint8Array))
    throw new Error('a network is a genesis hash and a chain id')
  if (!(interval instanceof Uint8Array)) throw new Error('an interval is a number')
  return {
    genesisHash: asHash(genesisHash),
    chainId: bytesToBigint(chainId),
    interval: Number(bytesToBigint(interval)),
  }
}

function encodeCheckpoint({ number, hash }: Checkpoint): RlpItem {
  return [bigintToBytes(number), hexToBytes(hash)]
}

function checkpointOf(item: RlpItem | undefined): Checkpoint {
  const [number, hash] = listOf(item)
  if (!(number instanceof Uint8Array) || !(hash instanceof Uint8Array))
    throw new Error('a checkpoint is a number and a hash')
  return { number: bytesToBigint(number), hash: asHash(hash) }
}

function voteOf(raw: RlpItem, domain: VoteDomain, signers: readonly Address[]): Vote {
  const vote = raw instanceof Uint8Array ? decodeVote(Uint8Array.from(raw)) : undefined
  const signer = vote && signerOf(domain, vote)
  if (vote === undefined || signer === undefined || !signers.includes(signer))
    throw new Error('it has a vote that is none of this network')
  return { ...vote, signer }
}

function evidenceOf([first, second]: readonly Vote[]): Evidence {
  if (first === undefined || second === undefined || first.signer !== second.signer)
    throw new Error('a proof is two votes of one signer')
  const kind = contradiction(first, second)
  if (kind === undefined) throw new Error('it has a proof of no known offence')
  return { kind, signer: first.signer, first, second }
}

function listOf(item: RlpItem | string | undefined): readonly RlpItem[] {
  if (item === undefined || typeof item === 'string' || item instanceof Uint8Array)
    throw new Error('it is damaged')
  return item
}
