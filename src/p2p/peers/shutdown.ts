import type { Clock } from '../../lib/clock.ts'
import { endsWithin } from '../../lib/deadline.ts'
import type { RouterInternals } from '../router/routerInternals.ts'
import type { Libp2pNode } from './libp2pNode.ts'

/**
 * Stops a libp2p node within about `timeoutMs`. A peer that does not read keeps a polite close
 * waiting, so when half of the time is over its connections are aborted, which lets the polite
 * close finish.
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

/**
 * Stopping the router also calls off its next heartbeat. gossipsub 17.1.1 leaves that timer, which
 * does nothing but keep the process alive for up to a heartbeat.
 */
export function endHeartbeatWhenStopped(router: RouterInternals): void {
  const stop = router.stop.bind(router)
  router.stop = () => {
    clearTimeout(router.status.heartbeatTimeout)
    return stop()
  }
}
