/**
 * How a node of gossipsub-interop finds the others: by their host names, or at the addresses that
 * it was told.
 */
import { lookup } from 'node:dns/promises'
import type { Network } from '../gossip/network.ts'
import { messageOf } from '../lib/assert.ts'
import { sleep, type Clock } from '../lib/clock.ts'
import { UserError } from '../lib/userError.ts'
import { peerIdOfNode } from './nodeId.ts'

/** What connecting depends on. */
export interface ConnectOptions {
  /**
   * Multiaddrs of nodes; the host names node0, node1, ... with the framework's port stand for those
   * that are left out.
   */
  readonly addresses: ReadonlyMap<number, string>
  readonly clock: Clock
  /** How long a node that cannot be reached is dialled again: it may start later. */
  readonly dialPatienceMs: number
  /** Ends it without a connection. */
  readonly signal: AbortSignal
}

/** The port of every host of the framework. */
export const INTEROP_PORT = 9000
/** For as long others may take to start. */
export const DIAL_PATIENCE_MS = 20_000

const REDIAL_MS = 200

/** Connects to a node, or throws a UserError that names it. */
export async function connectTo(
  id: number,
  network: Pick<Network, 'dial'>,
  options: ConnectOptions,
): Promise<void> {
  const { clock, signal, dialPatienceMs } = options
  const address = `${await addressOf(id, options)}/p2p/${await peerIdOfNode(id)}`
  const untilMs = clock.monotonicMs() + dialPatienceMs
  for (;;) {
    const failure = await network.dial(address).then(() => undefined, messageOf)
    if (failure === undefined || signal.aborted) return
    if (clock.monotonicMs() >= untilMs) throw new UserError(`connect to node ${id}: ${failure}`)
    await sleep(clock, REDIAL_MS, signal)
  }
}

async function addressOf(id: number, { addresses }: ConnectOptions): Promise<string> {
  const told = addresses.get(id)
  if (told !== undefined) return told
  const host = `node${id}`
  const found = await lookup(host, { family: 4 }).catch(() => undefined)
  if (found !== undefined) return `/ip4/${found.address}/tcp/${INTEROP_PORT}`
  throw new UserError(
    `connect to node ${id}: no host is called ${host}; give its address by --address ${host}=/ip4/127.0.0.1/tcp/9001`,
  )
}
