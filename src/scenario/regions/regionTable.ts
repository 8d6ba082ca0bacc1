/** Where nodes stand, and how long a byte takes from one place to another. */

/** A place where nodes stand. */
export interface Region {
  readonly name: string
  /** Share of the nodes that stand here, against the weights of the other regions. */
  readonly weight: number
  /** Degrees, for a map; `undefined` where a table of the user does not say. */
  readonly place: GeoPoint | undefined
}

/** A point on the globe. */
export interface GeoPoint {
  /** Degrees north. */
  readonly lat: number
  /** Degrees east. */
  readonly lon: number
}

/** Regions, and the latency and jitter between any two of them. */
export interface RegionTable {
  readonly regions: readonly Region[]
  /** One way, ms, by the positions of two regions, in either order. */
  latencyMs(a: number, b: number): number
  /** Standard deviation of the latency of single pieces, ms. */
  jitterMs(a: number, b: number): number
}

/** A matrix read without direction: the mean of both ways, for a link is the same both ways. */
export function bothWays(matrix: readonly (readonly number[])[], a: number, b: number): number {
  const there = matrix[a]?.[b]
  const back = matrix[b]?.[a]
  if (there === undefined || back === undefined)
    throw new RangeError(`there are no regions ${a} and ${b} in the table`)
  return (there + back) / 2
}
