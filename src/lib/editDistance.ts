/**
 * Edits that turn one text into another: insert, delete or replace a letter, or swap two neighbours
 * (optimal string alignment).
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1]
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row.push(
        Math.min(
          (last[j] ?? 0) + 1,
          (row[j - 1] ?? 0) + 1,
          (last[j - 1] ?? 0) + (isSame ? 0 : 1),
          isSwap ? (beforeLast[j - 2] ?? 0) + 1 : Infinity,
        ),
      )
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}

/** The name that someone who wrote `text` most likely meant; `undefined` if none is near. */
export function nearestName(text: string, names: readonly string[]): string | undefined {
  const [best] = byDistance(text, names, editDistance)
  return best !== undefined && best.distance <= Math.max(1, Math.floor(text.length / 3))
    ? best.name
    : undefined
}

/**
 * The `count` names with dots that come nearest to `text`, the best first: a name that holds it or
 * ends like it is near, whatever stands before.
 */
export function nearestNames(text: string, names: readonly string[], count: number): string[] {
  return byDistance(text, names, distanceToEnd)
    .slice(0, count)
    .map(({ name }) => name)
}

/** The whole name counts a little, so that of two with the same end the shorter is nearer. */
function distanceToEnd(text: string, name: string): number {
  const parts = name.split('.')
  const ends = parts.map((_, at) => editDistance(text, parts.slice(at).join('.')))
  const least = name.includes(text) ? 1 : Infinity
  return ends.reduce((one, other) => Math.min(one, other), least) + editDistance(text, name) / 1_000
}

function byDistance(
  text: string,
  names: readonly string[],
  distanceOf: (text: string, name: string) => number,
) {
  return names
    .map((name) => ({ name, distance: distanceOf(text.toLowerCase(), name.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance)
}
