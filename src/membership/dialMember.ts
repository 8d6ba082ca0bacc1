import type { Network } from '../gossip/network.ts'
import type { Member } from './member.ts'

/**
 * Whether a member takes a connection at one of its addresses; a connection made for this is closed
 * again. Never rejects.
 */
export async function dialMember(
  network: Pick<Network, 'peers' | 'dial' | 'disconnect'>,
  { peer, record }: Member,
): Promise<boolean> {
  const isConnected = (): boolean => network.peers().some(({ id }) => id === peer)
  for (const address of record.addresses) {
    if (isConnected()) return true
    try {
      await network.dial(`${address}/p2p/${peer}`)
      await network.disconnect(peer, 'it was only probed').catch(() => {})
      return true
    } catch {
      continue
    }
  }
  return false
}
