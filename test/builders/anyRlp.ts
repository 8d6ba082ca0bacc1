/** Arbitrary RLP, for properties of decoders. */
import * as fc from 'fast-check'
import type { RlpItem } from '../../src/lib/rlp.ts'

/** How deep, long and wide items may be. */
export interface RlpBounds {
  readonly maxDepth?: number
  readonly maxBytes?: number
  readonly maxItems?: number
}

/** An item, or a list of items of lists. */
export function anyRlp(bounds: RlpBounds = {}): fc.Arbitrary<RlpItem> {
  const { maxDepth = 3, maxBytes = 40, maxItems = 5 } = bounds
  return fc.letrec<{ item: RlpItem; list: RlpItem[] }>((tie) => ({
    item: fc.oneof(
      { maxDepth, withCrossShrink: true },
      fc.uint8Array({ maxLength: maxBytes }),
      tie('list'),
    ),
    list: fc.array(tie('item'), { maxLength: maxItems }),
  })).item
}
