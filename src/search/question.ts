/** What can be looked for in the whole network, as data, and the words of a question. */
import type { GaugeBook } from '../aggregate/gauges.ts'
import { parseHash, type Hash } from '../crypto/keccak.ts'
import type { FollowedKind } from '../item/itemKinds.ts'
import { UserError } from '../lib/userError.ts'

/** Which end of a gauge is looked for. */
export type End = 'highest' | 'lowest'

/** A question to the whole network. */
export type Question =
  /** Who saw this item first, and who has it. */
  | { readonly kind: 'hash'; readonly hash: Hash }
  /** Which node has the most or the least of a gauge. */
  | { readonly kind: 'extremum'; readonly end: End; readonly gauge: string }
  /** When items of the last minute, the same for all nodes, were first seen by anybody. */
  | { readonly kind: 'origins'; readonly item: FollowedKind }

/** The words for an end; `worst` is the end that the gauge calls so. */
export const END_WORDS = {
  highest: 'highest',
  largest: 'highest',
  lowest: 'lowest',
  smallest: 'lowest',
  oldest: 'lowest',
  worst: 'worst',
} as const satisfies Readonly<Record<string, End | 'worst'>>

/**
 * Reads `0xHASH` or words such as `worst tx.latency`; throws a UserError that lists what can be
 * asked.
 */
export function parseQuestion(text: string, gauges: GaugeBook): Question {
  const [first = '', name = '', ...rest] = text.trim().split(/\s+/)
  const hash = parseHash(first)
  if (hash !== undefined && name === '') return { kind: 'hash', hash }
  const gauge = rest.length === 0 && isEndWord(first) ? gauges.find(name) : undefined
  if (gauge === undefined || !isEndWord(first)) throw notUnderstood(text, gauges)
  const word = END_WORDS[first]
  return { kind: 'extremum', end: word === 'worst' ? gauge.worst : word, gauge: name }
}

function isEndWord(word: string): word is keyof typeof END_WORDS {
  return Object.hasOwn(END_WORDS, word)
}

function notUnderstood(text: string, gauges: GaugeBook): UserError {
  const words = Object.keys(END_WORDS).join(', ')
  return new UserError(
    `cannot look for "${text.slice(0, 80)}": give the hash of a transaction or block, or one of ${words} and a gauge (${gauges.names.join(', ')}), such as "largest txpool.pending"`,
  )
}
