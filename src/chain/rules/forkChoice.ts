/**
 * Which of two blocks is the head. A total order over blocks, so that peers that know the same
 * blocks agree on the head, in whatever order the blocks came.
 */
import type { Address } from '../../crypto/address.ts'
import type { Hash } from '../../crypto/keccak.ts'

/** What decides whether a block is the head. */
export interface HeadCandidate {
  readonly hash: Hash
  readonly number: bigint
  readonly totalDifficulty: bigint
  /** See {@link turnDistance}; 0 on a chain without turns. */
  readonly turnDistance: bigint
}

/**
 * Positive where `a` is to be the head rather than `b`, negative the other way round, 0 for one and
 * the same.
 */
export type ForkChoice = (a: HeadCandidate, b: HeadCandidate) => number

/**
 * EIP-3436: most difficulty; then the lower number; then whose signer was longest not in turn; then
 * the lower hash.
 */
export const cliqueForkChoice: ForkChoice = (a, b) =>
  order(a.totalDifficulty, b.totalDifficulty) ||
  order(b.number, a.number) ||
  order(a.turnDistance, b.turnDistance) ||
  order(b.hash, a.hash)

/**
 * Most difficulty; then the higher number, because merged blocks add no difficulty; then the lower
 * hash.
 */
export const difficultyForkChoice: ForkChoice = (a, b) =>
  order(a.totalDifficulty, b.totalDifficulty) || order(a.number, b.number) || order(b.hash, a.hash)

/**
 * EIP-3436, rule 3: how many blocks before this one its signer was in turn; `signers` ascending.
 */
export function turnDistance(number: bigint, signer: Address, signers: readonly Address[]): bigint {
  const count = BigInt(signers.length)
  const index = BigInt(signers.indexOf(signer))
  return (((number - index) % count) + count) % count
}

/** Hashes are lower-case hex of one length: their order as text is their order as numbers. */
function order<T extends bigint | string>(a: T, b: T): number {
  if (a === b) return 0
  return a > b ? 1 : -1
}
