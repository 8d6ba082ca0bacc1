import type { Clock } from '../../lib/clock.ts'
import { endsWithin } from '../../lib/deadline.ts'
import type { Libp2pNode } from './libp2pNode.ts'

/**
 * Stops a libp2p node within about `timeoutMs`. A peer that does not read keeps a polite close waiting, so when half of
 * the time is over its connections are aborted, which lets the polite close finish.
 */
export async function closeWithin(
  libp2p: Libp2pNode,
  clock: Clock,
  timeoutMs: number,
): Promise<void> {
  const stopped = Promise.resolve(libp2p.stop())
  if (await endsWithin(clock, timeoutMs / 2, stopped)) return
  for (const connection of libp2p.getConnections()) connection.abort(new Error('stopping'))
  await endsWithin(clock, timeoutMs / 2, stopped)
}
