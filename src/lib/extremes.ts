/**
 * The largest and the smallest of many numbers. Spread into the arguments of `Math.max`, some
 * 100,000 numbers find no room on the stack and end with a RangeError: as many as a large network
 * has links.
 */

/** -Infinity for none. */
export function maxOf(values: Iterable<number>): number {
  let most = -Infinity
  for (const value of values) if (value > most) most = value
  return most
}

/** Infinity for none. */
export function minOf(values: Iterable<number>): number {
  let least = Infinity
  for (const value of values) if (value < least) least = value
  return least
}
