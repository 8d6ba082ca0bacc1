import { asHash, keccak256Hash, type Hash } from '../crypto/keccak.ts'
import { assert } from '../lib/assert.ts'
import { compareBytes, EMPTY_BYTES, equalBytes } from '../lib/bytes.ts'
import { encodeRlp } from '../lib/rlp.ts'
import {
  below,
  branch,
  leaf,
  NO_CHILDREN,
  provingNode,
  rootHashOf,
  type Branch,
  type Extension,
  type Leaf,
  type TrieNode,
} from './trieNode.ts'
import { commonPrefixLength, hasPathAt, keyPath, nibbleAt, pathKey } from './triePath.ts'

/** Root of the trie without entries. */
export const EMPTY_TRIE_ROOT: Hash = keccak256Hash(encodeRlp(EMPTY_BYTES))

/** A key and its value. */
export type TrieEntry = readonly [key: Uint8Array, value: Uint8Array]

/**
 * An immutable Merkle-Patricia trie in memory. Changing one answers another, which shares all nodes
 * but those on the path to the key; what is shared keeps its hash, so a root costs only what
 * changed since the last one. Every version stays as it was for as long as somebody holds it.
 *
 * An empty value is no value, as in Ethereum's tries: setting one deletes. Keys and values are not
 * copied; the caller must not change values afterwards.
 */
export class Trie {
  static readonly empty = new Trie(undefined)
  readonly #top: TrieNode | undefined

  private constructor(top: TrieNode | undefined) {
    this.#top = top
  }

  /**
   * All `entries` at once, far cheaper than one after another. Of entries with one key the last
   * counts.
   */
  static from(entries: readonly TrieEntry[]): Trie {
    const sorted = [...entries].sort(([a], [b]) => compareBytes(a, b))
    const distinct = sorted.filter(([key, value], index) => {
      const next = sorted[index + 1]
      return value.length > 0 && (next === undefined || !equalBytes(next[0], key))
    })
    const paths = distinct.map(([key, value]): PathEntry => ({ path: keyPath(key), value }))
    return new Trie(paths.length === 0 ? undefined : build(paths, 0))
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return find(this.#top, key)
  }

  set(key: Uint8Array, value: Uint8Array): Trie {
    if (value.length === 0) return this.delete(key)
    return new Trie(insert(this.#top, keyPath(key), value))
  }

  /** This very trie where the key is not in it. */
  delete(key: Uint8Array): Trie {
    const top = this.#top && remove(this.#top, keyPath(key))
    return top === this.#top ? this : new Trie(top)
  }

  root(): Hash {
    return this.#top === undefined ? EMPTY_TRIE_ROOT : asHash(rootHashOf(this.#top))
  }

  /**
   * The encoded nodes on the way to a key, the root first: they prove its value, or that it is not
   * there (EIP-1186). None of an empty trie.
   */
  prove(key: Uint8Array): Uint8Array[] {
    return wayTo(this.#top, key).flatMap((node, at) => provingNode(node, at === 0) ?? [])
  }

  /**
   * Every entry, in the order of keys. A trie never changes: it can be read on whenever there is
   * time.
   */
  *entries(): Generator<TrieEntry, void, undefined> {
    if (this.#top !== undefined) yield* entriesBelow(this.#top)
  }

  /** Throws if a node is not in canonical form: the root would be wrong. Walks the whole trie. */
  assertInvariants(): void {
    if (this.#top !== undefined) assertCanonical(this.#top)
  }
}

interface PathEntry {
  readonly path: Uint8Array
  readonly value: Uint8Array
}

/**
 * The node of all `entries`, which are sorted and distinct and share their first `depth` nibbles.
 */
function build(entries: readonly PathEntry[], depth: number): TrieNode {
  const [first] = entries
  const last = entries.at(-1)
  assert(first !== undefined && last !== undefined, 'a trie node is built of at least one entry')
  const rest = first.path.subarray(depth)
  if (first === last) return leaf(rest, first.value)
  const common = commonPrefixLength(rest, last.path.subarray(depth))
  return below(rest.subarray(0, common), buildBranch(entries, first, depth + common))
}

function buildBranch(entries: readonly PathEntry[], first: PathEntry, depth: number): Branch {
  const endsHere = first.path.length === depth
  const children: (TrieNode | undefined)[] = [...NO_CHILDREN]
  let from = endsHere ? 1 : 0
  while (from < entries.length) {
    const nibble = entries[from]?.path[depth] ?? 0
    let to = from + 1
    while (entries[to]?.path[depth] === nibble) to++
    children[nibble] = build(entries.slice(from, to), depth + 1)
    from = to
  }
  return branch(children, endsHere ? first.value : undefined)
}

/** Goes down by the nibbles of the key as they stand: a look-up makes nothing. */
function find(top: TrieNode | undefined, key: Uint8Array): Uint8Array | undefined {
  const end = key.length * 2
  let depth = 0
  let node = top
  while (node !== undefined) {
    if (node.kind === 'branch') {
      if (depth === end) return node.value
      node = node.children[nibbleAt(key, depth++)]
    } else {
      if (!hasPathAt(key, depth, node.path)) return undefined
      depth += node.path.length
      if (node.kind === 'leaf') return depth === end ? node.value : undefined
      node = node.child
    }
  }
  return undefined
}

/** The nodes that are passed on the way to a key, as far as there are any. */
function wayTo(top: TrieNode | undefined, key: Uint8Array): TrieNode[] {
  const way: TrieNode[] = []
  let depth = 0
  let node = top
  while (node !== undefined) {
    way.push(node)
    if (node.kind === 'branch') {
      if (depth === key.length * 2) break
      node = node.children[nibbleAt(key, depth++)]
    } else {
      if (node.kind === 'leaf' || !hasPathAt(key, depth, node.path)) break
      depth += node.path.length
      node = node.child
    }
  }
  return way
}

function insert(node: TrieNode | undefined, path: Uint8Array, value: Uint8Array): TrieNode {
  if (node === undefined) return leaf(path, value)
  if (node.kind === 'branch') return insertIntoBranch(node, path, value)
  const common = commonPrefixLength(node.path, path)
  const rest = path.subarray(common)
  if (common === node.path.length) {
    if (node.kind === 'extension') return below(node.path, insert(node.child, rest, value))
    if (rest.length === 0) return leaf(path, value)
  }
  return below(path.subarray(0, common), insertIntoBranch(forkAt(node, common), rest, value))
}

function insertIntoBranch(node: Branch, path: Uint8Array, value: Uint8Array): Branch {
  const [nibble] = path
  if (nibble === undefined) return branch(node.children, value)
  const child = insert(node.children[nibble], path.subarray(1), value)
  return branch(node.children.with(nibble, child), node.value)
}

/**
 * A branch that holds `node` alone, without its first `at` nibbles: half made, it waits for its
 * second entry.
 */
function forkAt(node: Leaf | Extension, at: number): Branch {
  const nibble = node.path[at]
  if (nibble === undefined)
    return branch(NO_CHILDREN, node.kind === 'leaf' ? node.value : undefined)
  const rest = node.path.subarray(at + 1)
  const child = node.kind === 'leaf' ? leaf(rest, node.value) : below(rest, node.child)
  return branch(NO_CHILDREN.with(nibble, child), undefined)
}

/**
 * `node` without `path`; the same node where it is not there, `undefined` where nothing is left.
 */
function remove(node: TrieNode, path: Uint8Array): TrieNode | undefined {
  if (node.kind === 'leaf') return equalBytes(node.path, path) ? undefined : node
  if (node.kind === 'branch') return removeFromBranch(node, path)
  const at = node.path.length
  if (commonPrefixLength(node.path, path) < at) return node
  const child = remove(node.child, path.subarray(at))
  if (child === node.child) return node
  return child && below(node.path, child)
}

function removeFromBranch(node: Branch, path: Uint8Array): TrieNode {
  const [nibble] = path
  if (nibble === undefined)
    return node.value === undefined ? node : collapse(branch(node.children, undefined))
  const child = node.children[nibble]
  const left = child && remove(child, path.subarray(1))
  if (left === child) return node
  const children = node.children.with(nibble, left)
  return left === undefined ? collapse(branch(children, node.value)) : branch(children, node.value)
}

/** Canonical form of a branch that has lost an entry: with one left, it is a branch no more. */
function collapse(node: Branch): TrieNode {
  const only = node.children.findIndex((child) => child !== undefined)
  const child = node.children[only]
  if (child === undefined) return leaf(EMPTY_BYTES, node.value ?? EMPTY_BYTES)
  const isLast = node.children.every((other, index) => other === undefined || index === only)
  return isLast && node.value === undefined ? below(Uint8Array.of(only), child) : node
}

/**
 * Depth first. A place waits with its depth and last nibble; the nibbles before are those of the
 * path so far.
 */
function* entriesBelow(top: TrieNode): Generator<TrieEntry, void, undefined> {
  const path: number[] = []
  const waiting: { readonly node: TrieNode; readonly depth: number; readonly nibble: number }[] = []
  let next: (typeof waiting)[number] | undefined = { node: top, depth: 0, nibble: 0 }
  for (; next !== undefined; next = waiting.pop()) {
    const { node, depth, nibble } = next
    path.length = depth
    if (depth > 0) path[depth - 1] = nibble
    if (node.kind !== 'branch') path.push(...node.path)
    if (node.kind !== 'extension' && node.value !== undefined) yield [pathKey(path), node.value]
    if (node.kind === 'leaf') continue
    if (node.kind === 'extension') {
      waiting.push({ node: node.child, depth: path.length, nibble: path.at(-1) ?? 0 })
      continue
    }
    for (let at = 15; at >= 0; at--) {
      const child = node.children[at]
      if (child !== undefined) waiting.push({ node: child, depth: depth + 1, nibble: at })
    }
  }
}

function assertCanonical(node: TrieNode): void {
  if (node.kind === 'leaf') return assert(node.value.length > 0, 'a trie leaf without a value')
  if (node.kind === 'extension') {
    assert(node.path.length > 0, 'a trie extension without a path')
    assert(node.child.kind === 'branch', `a trie extension that leads to a ${node.child.kind}`)
    return assertCanonical(node.child)
  }
  const children = node.children.filter((child) => child !== undefined)
  const taken = children.length + (node.value === undefined ? 0 : 1)
  assert(node.children.length === 16 && taken >= 2, `a trie branch with ${taken} places taken`)
  for (const child of children) assertCanonical(child)
}
