/**
 * Which form of the suite runs, and the seed of all that is random in it; from scripts/faults.mjs.
 */
import { seededRandom, type Random } from '../../src/lib/random.ts'

export const IS_FULL = process.env['FAULTS_FULL'] === '1'

export const SEED = Number(process.env['FAULTS_SEED'] ?? '1')

/** Each rehearsal has its own, so that one can be repeated alone. */
export function randomOf(name: string): Random {
  const letters = new TextEncoder().encode(name)
  return seededRandom(letters.reduce((sum, letter) => (sum * 31 + letter) | 0, SEED))
}
