import type { RouterInternals } from './routerInternals.ts'

/**
 * Stopping the router also calls off its next heartbeat. gossipsub 17.1.1 leaves that timer, which does nothing but keep the
 * process alive for up to a heartbeat.
 */
export function endHeartbeatWhenStopped(router: RouterInternals): void {
  const stop = router.stop.bind(router)
  router.stop = () => {
    clearTimeout(router.status.heartbeatTimeout)
    return stop()
  }
}
