/**
 * Whether a network agrees: one head, and every accepted transaction in its chain or in the pool,
 * at every peer.
 */
import { isRecord } from '../../src/lib/records.ts'
import type { Devnet } from '../../src/devnet/devnet.ts'
import type { Peer } from '../../src/devnet/devnetPeer.ts'
import { messageOf } from '../../src/lib/assert.ts'
import { sleep, systemClock } from '../../src/lib/clock.ts'

export interface Agreement {
  readonly head: number
  /** Of the accepted transactions, those that are in blocks; the others are pooled everywhere. */
  readonly included: number
}

interface SeenBlock {
  readonly parent: string
  readonly transactions: readonly string[]
}

const POLL_MS = 100
const MISSING_SHOWN = 3

/** Resolves as soon as all peers agree; rejects after `timeoutMs` with what they differ in. */
export async function untilAgreement(
  devnet: Devnet,
  accepted: ReadonlySet<string>,
  timeoutMs: number,
): Promise<Agreement> {
  const views = devnet.peers.map((peer) => new PeerView(peer))
  const deadlineMs = systemClock.monotonicMs() + timeoutMs
  for (;;) {
    const state = await compare(views, accepted).catch((error: unknown) => messageOf(error))
    if (typeof state !== 'string') return state
    if (systemClock.monotonicMs() > deadlineMs)
      throw new Error(`no agreement after ${timeoutMs} ms: ${state}`)
    await sleep(systemClock, POLL_MS)
  }
}

/** The agreement, or what is in its way. */
async function compare(
  views: readonly PeerView[],
  accepted: ReadonlySet<string>,
): Promise<Agreement | string> {
  const heads = await Promise.all(views.map((view) => view.head()))
  const [first] = heads
  if (first === undefined || heads.some(({ hash }) => hash !== first.hash))
    return `heads ${heads.map(({ number, hash }) => `${number} ${hash.slice(0, 10)}`).join(', ')}`
  const known = await Promise.all(
    views.map(async (view) => ({
      included: await view.included(first.hash),
      pooled: await view.pooled(),
    })),
  )
  const lacks = known.flatMap(({ included, pooled }, index) => {
    const missing = [...accepted].filter((hash) => !included.has(hash) && !pooled.has(hash))
    const shown = missing.slice(0, MISSING_SHOWN).join(' ')
    return missing.length === 0 ? [] : [`peer ${index} lacks ${missing.length}: ${shown}`]
  })
  if (lacks.length > 0) return `head ${first.number}, ${lacks.join('; ')}`
  const included = [...accepted].filter((hash) => known[0]?.included.has(hash)).length
  return { head: first.number, included }
}

/** What one peer knows, block by block; a block is asked for once. */
class PeerView {
  readonly #peer: Peer
  readonly #blocks = new Map<string, SeenBlock>()

  constructor(peer: Peer) {
    this.#peer = peer
  }

  async head(): Promise<{ readonly number: number; readonly hash: string }> {
    const block = await this.#call('eth_getBlockByNumber', ['latest', false])
    if (!isRecord(block)) throw new Error(`${this.#name} has no head`)
    return { number: Number(block['number']), hash: String(block['hash']) }
  }

  /** Every transaction of the chain that ends with `head`. */
  async included(head: string): Promise<Set<string>> {
    const all = new Set<string>()
    for (let hash = head; ;) {
      const block = this.#blocks.get(hash) ?? (await this.#read(hash))
      for (const tx of block.transactions) all.add(tx)
      if (/^0x0+$/.test(block.parent)) return all
      hash = block.parent
    }
  }

  async pooled(): Promise<Set<string>> {
    const content = await this.#call('txpool_content', [])
    const parts = isRecord(content) ? [content['pending'], content['queued']] : []
    const senders = parts.filter(isRecord).flatMap((part) => Object.values(part))
    const txs = senders.filter(isRecord).flatMap((byNonce) => Object.values(byNonce))
    return new Set(txs.filter(isRecord).map((tx) => String(tx['hash'])))
  }

  async #read(hash: string): Promise<SeenBlock> {
    const block = await this.#call('eth_getBlockByHash', [hash, false])
    if (!isRecord(block) || !Array.isArray(block['transactions']))
      throw new Error(`${this.#name} does not have block ${hash} of its own chain`)
    const seen = {
      parent: String(block['parentHash']),
      transactions: block['transactions'].map(String),
    }
    this.#blocks.set(hash, seen)
    return seen
  }

  get #name(): string {
    return `peer ${this.#peer.process.info.index}`
  }

  async #call(method: string, params: readonly unknown[]): Promise<unknown> {
    return this.#peer.rpc.call(method, params)
  }
}
