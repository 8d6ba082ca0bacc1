export interface Quartiles {
  readonly q1: number
  readonly median: number
  readonly q3: number
}

/** Median and quartiles of one or more values in any order, by linear interpolation. */
export function quartilesOf(values: readonly number[]): Quartiles {
  const ascending = values.toSorted((a, b) => a - b)
  const at = (share: number): number => {
    const place = share * (ascending.length - 1)
    const low = ascending[Math.floor(place)] ?? Number.NaN
    const high = ascending[Math.ceil(place)] ?? Number.NaN
    return low + (high - low) * (place - Math.floor(place))
  }
  return { q1: at(0.25), median: at(0.5), q3: at(0.75) }
}
