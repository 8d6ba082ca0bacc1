/**
 * A vote of Casper FFG (Buterin and Griffith 2017, section 2): its signer has seen `source`
 * justified and wants the chain to go on through `target`, a checkpoint above it.
 *
 * Wire: RLP [sourceNumber, sourceHash, targetNumber, targetHash, signature (65 bytes: r, s,
 * parity)]. The signature is over keccak256 of a domain and RLP of the first four. The domain is
 * the byte 0x19, which begins no RLP list and no transaction (EIP-191), the text
 * `grapevine vote 1`, the genesis hash, the chain id (32 bytes) and the interval of checkpoints (8
 * bytes): a vote counts on one network only, and under one rule of what a checkpoint is.
 */
import type { Checkpoint } from '../chain/checkpoint.ts'
import { addressOfPublicKey, type Address } from '../crypto/address.ts'
import { asHash, keccak256, keccak256Hash, type Hash } from '../crypto/keccak.ts'
import { secp256k1, SECP256K1_N } from '../crypto/secp256k1.ts'
import {
  bigintToBytes,
  bigintToFixedBytes,
  bytesToBigint,
  concatBytes,
  hexToBytes,
} from '../lib/bytes.ts'
import { decodeRlp, encodeRlp, type RlpItem } from '../lib/rlp.ts'

/** From where to where a signer wants the chain to go. */
export interface VoteLink {
  readonly source: Checkpoint
  readonly target: Checkpoint
}

/** A vote as it came, its signer not known yet. */
export interface SignedLink extends VoteLink {
  readonly raw: Uint8Array
  /** keccak256 of `raw`. */
  readonly hash: Hash
  /** r and s. */
  readonly signature: Uint8Array
  readonly yParity: 0 | 1
}

/** A vote whose signer is known. */
export interface Vote extends SignedLink {
  readonly signer: Address
}

/** What the votes of a network have in common. */
export interface VoteDomain {
  readonly genesisHash: Hash
  readonly chainId: bigint
  /** Blocks from one checkpoint to the next. */
  readonly interval: number
}

const TITLE = concatBytes(Uint8Array.of(0x19), new TextEncoder().encode('grapevine vote 1'))
const FIELDS = 5
const HASH_BYTES = 32
const SIGNATURE_BYTES = 65
const MAX_NUMBER_BYTES = 8
const HIGHEST_S = SECP256K1_N / 2n

/** The key's vote for a link. */
export function signVote(domain: VoteDomain, link: VoteLink, privateKey: Uint8Array): Vote {
  const { r, s, yParity } = secp256k1.sign(digestOf(domain, link), privateKey)
  const signature = concatBytes(bigintToFixedBytes(r, 32), bigintToFixedBytes(s, 32))
  const raw = encodeRlp([...itemsOf(link), concatBytes(signature, Uint8Array.of(yParity))])
  const signer = addressOfPublicKey(secp256k1.publicKey(privateKey))
  const { source, target } = link
  return { source, target, raw, hash: keccak256Hash(raw), signature, yParity, signer }
}

/** The vote that the bytes are, in its one form; `undefined` where they are none. Never throws. */
export function decodeVote(raw: Uint8Array): SignedLink | undefined {
  const item = decodeRlp(raw)
  if (typeof item === 'string' || item instanceof Uint8Array || item.length !== FIELDS)
    return undefined
  const [sourceNumber, sourceHash, targetNumber, targetHash, seal] = item
  const source = checkpointOf(sourceNumber, sourceHash)
  const target = checkpointOf(targetNumber, targetHash)
  const signature = signatureOf(seal)
  return (
    source && target && signature && { source, target, raw, hash: keccak256Hash(raw), ...signature }
  )
}

/** Who signed; `undefined` where no key can have. On another network, it is somebody else. */
export function signerOf(domain: VoteDomain, vote: SignedLink): Address | undefined {
  const publicKey = secp256k1.recover(digestOf(domain, vote), vote.signature, vote.yParity)
  return publicKey && addressOfPublicKey(publicKey)
}

/** Whether two checkpoints are one. */
export function isSame(a: Checkpoint, b: Checkpoint): boolean {
  return a.number === b.number && a.hash === b.hash
}

/** Whether two votes say the same. */
export function isSameLink(a: VoteLink, b: VoteLink): boolean {
  return isSame(a.source, b.source) && isSame(a.target, b.target)
}

function digestOf({ genesisHash, chainId, interval }: VoteDomain, link: VoteLink): Uint8Array {
  const network = concatBytes(
    hexToBytes(genesisHash),
    bigintToFixedBytes(chainId, 32),
    bigintToFixedBytes(BigInt(interval), 8),
  )
  return keccak256(concatBytes(TITLE, network, encodeRlp(itemsOf(link))))
}

function itemsOf({ source, target }: VoteLink): Uint8Array[] {
  return [source, target].flatMap(({ number, hash }) => [bigintToBytes(number), hexToBytes(hash)])
}

function checkpointOf(number?: RlpItem, hash?: RlpItem): Checkpoint | undefined {
  if (!(number instanceof Uint8Array) || !(hash instanceof Uint8Array)) return undefined
  if (number.length > MAX_NUMBER_BYTES || number[0] === 0 || hash.length !== HASH_BYTES)
    return undefined
  return { number: bytesToBigint(number), hash: asHash(hash) }
}

/** The upper half of the values of `s` is refused: anybody can compute a vote's twin there. */
function signatureOf(
  item: RlpItem | undefined,
): Pick<SignedLink, 'signature' | 'yParity'> | undefined {
  if (!(item instanceof Uint8Array) || item.length !== SIGNATURE_BYTES) return undefined
  const yParity = item[SIGNATURE_BYTES - 1]
  const signature = item.subarray(0, -1)
  if (yParity !== 0 && yParity !== 1) return undefined
  return bytesToBigint(signature.subarray(32)) > HIGHEST_S ? undefined : { signature, yParity }
}
