/**
 * What a PromQL expression reads: enough of the language to check names against those that a node
 * serves.
 */

export interface Selector {
  readonly metric: string
  readonly matchers: readonly Matcher[]
}

export interface Matcher {
  readonly label: string
  readonly isPattern: boolean
  readonly values: readonly string[]
}

const WORDS = new Set(['and', 'or', 'unless', 'bool', 'offset'])
const GROUPING = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g
const SELECTOR = /(?<![\w:])([a-zA-Z_:][\w:]*)\s*(?:\{((?:[^"}]|"[^"]*")*)\})?(?!\s*\(|[\w:])/g
const MATCHER = /(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g

/** Every selector of the expression, in order. */
export function selectorsOf(expression: string): Selector[] {
  const plain = expression.replace(GROUPING, ' ').replace(/\[[^\]]*\]/g, ' ')
  return [...plain.matchAll(SELECTOR)]
    .filter(([, metric = '']) => !WORDS.has(metric))
    .map(([, metric = '', matchers = '']) => ({ metric, matchers: matchersOf(matchers) }))
}

function matchersOf(text: string): Matcher[] {
  return [...text.matchAll(MATCHER)].map(([, label = '', sign = '', value = '']) => {
    const isPattern = sign.endsWith('~')
    return { label, isPattern, values: isPattern ? value.split('|') : [value] }
  })
}
