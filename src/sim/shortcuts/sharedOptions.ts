/**
 * What never changes in a router is the same object for all routers that are set alike; what a
 * router ends is let go.
 */
import type { InnerRouter } from './innerRouter.ts'

const SHARED = [
  'opts',
  'protocols',
  'decodeRpcLimits',
  'direct',
  'allowedTopics',
  'topicValidators',
] as const
const shared = new WeakMap<object, InnerRouter>()
const NO_QUEUE = { push: () => {}, end: () => {} }

/** Gives a router the unchanging parts of the first that was made from the same options. */
export function shareOptions(router: InnerRouter, options: object): void {
  const first = shared.get(options)
  if (first === undefined) {
    shared.set(options, router)
    return
  }
  for (const name of SHARED) Reflect.set(router, name, Reflect.get(first, name))
  router.score.params = first.score.params
}

/** Connections come about without the router's queue of streams to open. */
export function dropQueue(router: InnerRouter): void {
  router.outboundInflightQueue.end()
  router.outboundInflightQueue = NO_QUEUE
}
