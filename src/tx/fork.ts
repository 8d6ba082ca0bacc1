/** Ethereum's forks in order, named as the public transaction tests name them, in lower case. */
export const FORKS = [
  'frontier',
  'homestead',
  'eip150',
  'eip158',
  'byzantium',
  'constantinople',
  'constantinoplefix',
  'istanbul',
  'berlin',
  'london',
  'paris',
  'shanghai',
  'cancun',
  'prague',
  'osaka',
] as const

/** The name of one of Ethereum's forks. */
export type Fork = (typeof FORKS)[number]

/** Other names in use for the same rules. */
const ALIASES: ReadonlyMap<string, Fork> = new Map([
  ['tangerinewhistle', 'eip150'],
  ['spuriousdragon', 'eip158'],
  ['petersburg', 'constantinoplefix'],
  ['muirglacier', 'istanbul'],
  ['arrowglacier', 'london'],
  ['grayglacier', 'london'],
  ['merge', 'paris'],
])

/** A fork by name, of any case; `undefined` for a name that is none. */
export function parseFork(name: string): Fork | undefined {
  const lower = name.toLowerCase()
  return FORKS.find((fork) => fork === lower) ?? ALIASES.get(lower)
}

/** Whether `fork` is `since` or a later one. */
export function atLeast(fork: Fork, since: Fork): boolean {
  return FORKS.indexOf(fork) >= FORKS.indexOf(since)
}
