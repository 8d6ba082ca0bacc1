/**
 * How many signers it takes. In integers: a fraction of two thirds would round exactly two thirds
 * of them up.
 */

/** Whether `votes` of `signers` are more than two thirds. */
export function isQuorum(votes: number, signers: number): boolean {
  return 3 * votes > 2 * signers
}

/** The fewest votes that are more than two thirds. */
export function quorumOf(signers: number): number {
  return Math.floor((2 * signers) / 3) + 1
}

/**
 * Whether `votes` of `signers` are more than a third: at least one of them is honest where under a
 * third is not.
 */
export function isBeyondFaulty(votes: number, signers: number): boolean {
  return 3 * votes > signers
}
