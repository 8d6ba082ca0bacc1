/**
 * What hosts without a node serve of a chain to who catches up: ranges of its blocks, and a status
 * that fits.
 */
import type { Block } from '../../src/block/block.ts'
import type { RequestHandler } from '../../src/gossip/network.ts'
import { bytesToBigint } from '../../src/lib/bytes.ts'
import { decodeRlp } from '../../src/lib/rlp.ts'
import type { StatusMessage } from '../../src/sync/status/status.ts'
import { extend, testChain } from './chain.ts'
import type { MemoryHub } from './network.ts'
import { statusPuppet, type Puppet, type SyncNode } from './syncNode.ts'

/** The most that a status claims in tests: more than any chain has. */
export const BOUNDLESS_CLAIM = { headNumber: 2n ** 64n - 1n, totalDifficulty: 2n ** 200n }

/** A branch beside the first blocks of the builders: the same signer, a second later. */
export function branchOf(count: number): readonly Block[] {
  const other = testChain()
  return Array.from({ length: count }, (_, index) => extend(other, { lateS: index === 0 ? 1 : 0 }))
}

export interface AskedRange {
  /** Number of the first block. */
  readonly first: number
  readonly count: number
}

/** What a request asks for; `undefined` where it is for no range. */
export function askedRange(request: Uint8Array): AskedRange | undefined {
  const [kind, first, count] = decodeRlp(request) as Uint8Array[]
  if (kind?.length !== 0 || first === undefined || count === undefined) return undefined
  return { first: Number(bytesToBigint(first)), count: Number(bytesToBigint(count)) }
}

/** Serves ranges of these blocks, of which the first is number 1, and nothing by hash. */
export function ranges(all: readonly Block[]): RequestHandler {
  return async function* (_, request) {
    const asked = askedRange(request)
    if (asked === undefined) return
    const from = asked.first - 1
    for (const { raw } of all.slice(from, from + asked.count)) yield raw
  }
}

/** The status of who has these blocks after the genesis, each sealed in turn. */
export function statusAt(all: readonly Block[]): Partial<StatusMessage> {
  const head = all.at(-1)
  const totalDifficulty = 1n + BigInt(all.length) * 2n
  return { headNumber: BigInt(all.length), totalDifficulty, ...(head && { head: head.hash }) }
}

/** A peer of a node, by the status that it gives and by how it answers requests for blocks. */
export async function blockPeer(
  hub: MemoryHub,
  to: SyncNode,
  handler: RequestHandler,
  status: Partial<StatusMessage> = {},
  name?: string,
): Promise<Puppet> {
  const peer = await statusPuppet(hub, to, status, name)
  await peer.serve('blocks', handler)
  return peer
}

/** How often it was asked for blocks. */
export function blocksAsked({ asked }: Puppet): number {
  return asked.filter(({ name }) => name === 'blocks').length
}
