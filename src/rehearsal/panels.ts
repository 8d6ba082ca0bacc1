/** What the plot of an experiment can show; each also adds its columns to the table. */
export const PANELS = [
  'latency',
  'copies',
  'coverage',
  'hops',
  'cost',
  'members',
  'finality',
] as const

/**
 * One of {@link PANELS}. `latency`: percentiles against what is varied. `copies`: duplicates and
 * bytes for each delivery. `coverage`: the share of the nodes reached over time, beside the
 * shortest paths. `hops`: hops beside log_D n. `cost`: bytes and frames of a node. `members`: how
 * soon nodes know who is gone, and whom they suspect wrongly. `finality`: the time to it, and what
 * became final.
 */
export type Panel = (typeof PANELS)[number]
