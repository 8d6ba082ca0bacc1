/**
 * Nodes of a Merkle-Patricia trie (Yellow Paper, appendix D). Never changed once made, so that
 * tries share them; only the reference by which a parent names a node is filled in when first asked
 * for.
 *
 * Canonical form, on which the root rests: a branch has at least two of its seventeen places taken,
 * an extension has a non-empty path and leads to a branch.
 */
import { keccak256 } from '../crypto/keccak.ts'
import { concatBytes, EMPTY_BYTES } from '../lib/bytes.ts'
import { encodeRlp, type RlpItem } from '../lib/rlp.ts'
import { hexPrefix } from './triePath.ts'

/** A node of a trie (Yellow Paper, appendix D). */
export type TrieNode = Leaf | Extension | Branch

/** The end of a path, with the value there. */
export interface Leaf {
  readonly kind: 'leaf'
  readonly path: Uint8Array
  readonly value: Uint8Array
  reference: RlpItem | undefined
}

/** A piece of path that several keys share. */
export interface Extension {
  readonly kind: 'extension'
  readonly path: Uint8Array
  readonly child: TrieNode
  reference: RlpItem | undefined
}

/** A node at which paths part. */
export interface Branch {
  readonly kind: 'branch'
  /** Sixteen, by the next nibble. */
  readonly children: readonly (TrieNode | undefined)[]
  /** Of the key that ends here. */
  readonly value: Uint8Array | undefined
  reference: RlpItem | undefined
}

type Children = Branch['children']

/** Of a branch without children: sixteen empty places. */
export const NO_CHILDREN: Children = Array.from({ length: 16 }, () => undefined)

/** Makes a leaf whose reference has not been computed. */
export function leaf(path: Uint8Array, value: Uint8Array): Leaf {
  return { kind: 'leaf', path, value, reference: undefined }
}

/** Makes a branch whose reference has not been computed. */
export function branch(children: Children, value: Uint8Array | undefined): Branch {
  return { kind: 'branch', children, value, reference: undefined }
}

/** `node` below `path`, in canonical form: consecutive paths are one. */
export function below(path: Uint8Array, node: TrieNode): TrieNode {
  if (path.length === 0) return node
  if (node.kind === 'leaf') return leaf(concatBytes(path, node.path), node.value)
  const joined = node.kind === 'branch' ? path : concatBytes(path, node.path)
  const child = node.kind === 'branch' ? node : node.child
  return { kind: 'extension', path: joined, child, reference: undefined }
}

/**
 * How a parent names `node`: the node itself where its encoding has fewer than 32 bytes, else the
 * hash of it. A reference that is a byte string is always a hash.
 */
export function referenceOf(node: TrieNode): RlpItem {
  if (node.reference !== undefined) return node.reference
  const item = nodeItem(node)
  const encoded = encodeRlp(item)
  node.reference = encoded.length < 32 ? item : keccak256(encoded)
  return node.reference
}

/** The hash of `node` whatever its size, as a root is named. */
export function rootHashOf(node: TrieNode): Uint8Array {
  const reference = referenceOf(node)
  return reference instanceof Uint8Array ? reference : keccak256(encodeRlp(reference))
}

/**
 * The encoding of a node that a proof names: `undefined` where it stands within its parent. A root
 * never does.
 */
export function provingNode(node: TrieNode, isRoot: boolean): Uint8Array | undefined {
  const encoded = encodeRlp(nodeItem(node))
  return isRoot || encoded.length >= 32 ? encoded : undefined
}

function nodeItem(node: TrieNode): RlpItem {
  if (node.kind === 'leaf') return [hexPrefix(node.path, true), node.value]
  if (node.kind === 'extension') return [hexPrefix(node.path, false), referenceOf(node.child)]
  return [...node.children.map(childItem), node.value ?? EMPTY_BYTES]
}

function childItem(child: TrieNode | undefined): RlpItem {
  return child === undefined ? EMPTY_BYTES : referenceOf(child)
}
