import type { Cancel } from '../lib/clock.ts'
import type { Devnet } from '../devnet/devnet.ts'
import { isRecord } from '../rpc/client/rpcClient.ts'

export interface SeenBlock {
  readonly number: number
  readonly hash: string
  readonly transactions: number
  readonly timestamp: number
}

const POLL_MS = 250

/** Tells of every new block of the canonical chain, as the first peer that answers sees it. */
export function watchBlocks(devnet: Devnet, onBlock: (block: SeenBlock) => void): Cancel {
  let seen: number | undefined
  let busy = false
  const poll = async (): Promise<void> => {
    const head = await firstAnswer(devnet, 'eth_blockNumber', [])
    if (head === undefined) return
    seen ??= Number(head)
    while (seen < Number(head)) {
      const block = await firstAnswer(devnet, 'eth_getBlockByNumber', [
        `0x${(seen + 1).toString(16)}`,
        false,
      ])
      if (!isRecord(block) || !Array.isArray(block['transactions'])) return
      seen += 1
      onBlock({
        number: seen,
        hash: String(block['hash']),
        transactions: block['transactions'].length,
        timestamp: Number(block['timestamp']),
      })
    }
  }
  return devnet.options.clock.every(POLL_MS, () => {
    if (busy) return
    busy = true
    void poll().finally(() => {
      busy = false
    })
  })
}

async function firstAnswer(
  devnet: Devnet,
  method: string,
  params: readonly unknown[],
): Promise<unknown> {
  for (const { rpc } of devnet.peers) {
    try {
      return await rpc.call(method, params)
    } catch {
      continue
    }
  }
  return undefined
}
