import type { Logger } from '../lib/log.ts'
import type { Settings } from '../node/settings/settings.ts'

const LOOPBACK_HOST = /^(?:127\.|::1$|localhost$)/

/**
 * Warns of servers that others than this machine can reach: neither JSON-RPC nor the metrics ask
 * who calls.
 */
export function warnOfExposure(settings: Settings, log: Logger): void {
  const { rpc, rpcHost, admin, metrics, metricsHost } = settings
  if (rpc && !LOOPBACK_HOST.test(rpcHost)) {
    const risk = admin
      ? 'whoever reaches it can submit transactions, and add, remove and cut off peers (--admin)'
      : 'whoever reaches it can submit transactions and use this machine'
    log.warn('JSON-RPC is open to other machines: put a proxy with authentication in front of it', {
      rpcHost,
      risk,
    })
  }
  if (metrics && !LOOPBACK_HOST.test(metricsHost))
    log.warn('the metrics are open to other machines', { metricsHost })
}
