import type { Cancel } from '../lib/clock.ts'
import { firstAnswer } from './rpc/firstAnswer.ts'
import type { BlockAnswer, NetworkPort } from './port.ts'

const POLL_MS = 500

/** Tells of every new block of the canonical chain, as the first peer that answers sees it. */
export function watchBlocks(network: NetworkPort, onBlock: (block: BlockAnswer) => void): Cancel {
  let seen: number | undefined
  let busy = false
  const poll = async (): Promise<void> => {
    const head = await firstAnswer(network.peers, (peer) => peer.head())
    seen ??= head.number
    while (seen < head.number) {
      const number: number = seen + 1
      const block = await firstAnswer(network.peers, (peer) => peer.block(number))
      if (block === undefined) return
      seen = number
      onBlock(block)
    }
  }
  return network.clock.every(POLL_MS, () => {
    if (busy) return
    busy = true
    void poll()
      .catch(() => {})
      .finally(() => {
        busy = false
      })
  })
}
