/** Paths in a trie: a key as nibbles, one in each byte (Yellow Paper, appendices C and D). */

/** The path of a key. */
export function keyPath(key: Uint8Array): Uint8Array {
  const path = new Uint8Array(key.length * 2)
  for (const [index, byte] of key.entries()) {
    path[index * 2] = byte >> 4
    path[index * 2 + 1] = byte & 0x0f
  }
  return path
}

/** The key of a path of whole bytes: what {@link keyPath} was made of. */
export function pathKey(path: ArrayLike<number>): Uint8Array {
  const key = new Uint8Array(path.length / 2)
  for (let at = 0; at < key.length; at++)
    key[at] = ((path[2 * at] ?? 0) << 4) | (path[2 * at + 1] ?? 0)
  return key
}

/** The nibble of a key at `depth`, without making a path of it. */
export function nibbleAt(key: Uint8Array, depth: number): number {
  const byte = key[depth >> 1] ?? 0
  return (depth & 1) === 0 ? byte >> 4 : byte & 0x0f
}

/** Whether `path` stands among the nibbles of `key` from `depth` on. */
export function hasPathAt(key: Uint8Array, depth: number, path: Uint8Array): boolean {
  if (depth + path.length > key.length * 2) return false
  for (let at = 0; at < path.length; at++) if (path[at] !== nibbleAt(key, depth + at)) return false
  return true
}

/** How many nibbles two paths have in common at their start. */
export function commonPrefixLength(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length)
  let length = 0
  while (length < shorter && a[length] === b[length]) length++
  return length
}

/**
 * Hex-prefix encoding: the flag nibble says leaf or extension, and whether the number of nibbles is
 * odd.
 */
export function hexPrefix(path: Uint8Array, isLeaf: boolean): Uint8Array {
  const odd = path.length % 2
  const encoded = new Uint8Array(1 + (path.length - odd) / 2)
  const flag = ((isLeaf ? 2 : 0) + odd) << 4
  encoded[0] = odd === 1 ? flag | (path[0] ?? 0) : flag
  for (let i = 1, at = odd; i < encoded.length; i++, at += 2)
    encoded[i] = ((path[at] ?? 0) << 4) | (path[at + 1] ?? 0)
  return encoded
}
