import { seededRandom, type Random } from '../lib/random.ts'

/**
 * What is drawn for a scenario. Each purpose draws for itself, so that more of one changes nothing
 * of another.
 */
export type RandomPurpose = 'regions' | 'classes' | 'links' | 'more-links' | 'load' | 'faults'

/** The random numbers of one purpose: the same seed gives the same ones. */
export function purposeRandom(seed: number, purpose: RandomPurpose): Random {
  return seededRandom((seed ^ fnv1a(purpose)) >>> 0)
}

/** FNV-1a, 32 bits. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
