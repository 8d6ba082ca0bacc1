/**
 * The router's cache of messages without the sets and maps that stay empty: who sent or asked is
 * kept when someone does.
 */
import type { RPC } from '../../p2p/router/routerInternals.ts'
import type { CachedMessage, CachedName, InnerCache } from './innerRouter.ts'

const NOBODY = new Set<string>()
const NO_COUNTS = new Map<string, number>()

/** Names are the same for all routers that keep a message. */
const names = new WeakMap<Uint8Array, CachedName>()

/** What takes the place of the methods of the class. */
export const SLIM_CACHE_METHODS = {
  put(
    this: InnerCache,
    { msgId, msgIdStr }: Omit<CachedName, 'topic'>,
    message: RPC.Message,
    validated = false,
  ): boolean {
    if (this.msgs.has(msgIdStr)) return false
    this.msgs.set(msgIdStr, {
      message,
      validated,
      originatingPeers: NOBODY,
      iwantCounts: NO_COUNTS,
    })
    this.history[0]?.push(nameOf(msgId, msgIdStr, message.topic))
    if (!validated) this.notValidatedCount++
    return true
  },

  observeDuplicate(this: InnerCache, id: string, from: string): void {
    const entry = this.msgs.get(id)
    if (entry === undefined || entry.validated) return
    if (entry.originatingPeers === NOBODY) entry.originatingPeers = new Set()
    entry.originatingPeers.add(from)
  },

  getWithIWantCount(
    this: InnerCache,
    id: string,
    peer: string,
  ): { readonly msg: RPC.Message; readonly count: number } | null {
    const entry = this.msgs.get(id)
    if (entry === undefined) return null
    if (entry.iwantCounts === NO_COUNTS) entry.iwantCounts = new Map()
    const count = (entry.iwantCounts.get(peer) ?? 0) + 1
    entry.iwantCounts.set(peer, count)
    return { msg: entry.message, count }
  },

  validate(
    this: InnerCache,
    id: string,
  ): Pick<CachedMessage, 'message' | 'originatingPeers'> | null {
    const entry = this.msgs.get(id)
    if (entry === undefined) return null
    if (!entry.validated) this.notValidatedCount--
    const { message, originatingPeers } = entry
    entry.validated = true
    entry.originatingPeers = NOBODY
    return { message, originatingPeers }
  },

  shift(this: InnerCache): void {
    const last = this.history.pop() ?? []
    for (const { msgIdStr } of last) {
      const entry = this.msgs.get(msgIdStr)
      if (entry === undefined) continue
      this.msgs.delete(msgIdStr)
      if (!entry.validated) this.notValidatedCount--
    }
    this.history.unshift(last.length === 0 ? last : [])
  },
}

function nameOf(msgId: Uint8Array, msgIdStr: string, topic: string): CachedName {
  const known = names.get(msgId)
  if (known?.topic === topic) return known
  const name = { msgId, msgIdStr, topic }
  names.set(msgId, name)
  return name
}
