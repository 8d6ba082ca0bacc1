import { readFileSync } from 'node:fs'
import { decodeBlock, type Block } from '../../src/block/block.ts'
import { isBlockDefect } from '../../src/block/defect.ts'
import { firstRlpItemLength } from '../../src/lib/rlp.ts'

const CHAIN = new URL('../vectors/rpc/chain.rlp', import.meta.url)

/**
 * The encoded blocks 1 to 54 of a chain that passes through every fork; see
 * test/vectors/rpc/README.md.
 */
export function vectorChainBytes(): readonly Uint8Array[] {
  const blocks: Uint8Array[] = []
  let rest = new Uint8Array(readFileSync(CHAIN))
  while (rest.length > 0) {
    const length = firstRlpItemLength(rest)
    if (typeof length === 'string') throw new Error(`chain.rlp is damaged: ${length}`)
    blocks.push(rest.slice(0, length))
    rest = rest.subarray(length)
  }
  return blocks
}

/** The blocks themselves. */
export function vectorChain(): readonly Block[] {
  return vectorChainBytes().map((raw) => decoded(decodeBlock(raw)))
}

/** Narrows what a decoder answered where a fault would be a failure of the test. */
export function decoded<T extends object>(answer: T): Exclude<T, { reason: string }> {
  if (isBlockDefect(answer)) throw new Error(`${answer.reason}: ${answer.message}`)
  return answer as Exclude<T, { reason: string }>
}
