/** What the dashboard's buttons do: faults and transactions, one after the other. */
import { isRecord } from '../../lib/records.ts'
import { messageOf } from '../../lib/assert.ts'
import { bytesToHex, hexToBytes } from '../../lib/bytes.ts'
import { asAddress, type Address } from '../../crypto/address.ts'
import { signTx, unsignedTx } from '../../tx/signTx.ts'
import { spareAccount } from '../../devnet/accounts.ts'
import type { Devnet } from '../../devnet/devnet.ts'
import type { Peer } from '../../devnet/devnetPeer.ts'
import type { Fault } from '../../scenario/fault.ts'
import { runWorkload } from '../../instrument/workload.ts'
import type { Board } from '../model/board.ts'
import { DASHBOARD_LIMITS } from '../model/limits.ts'
import { withinTime } from '../model/patience.ts'
import type { PageAction, ActionResult, PeerAction } from '../model/terms.ts'

/** Why an action was not done, for who pressed the button. */
export class ActionError extends Error {
  override readonly name = 'ActionError'
}

const TIP_WEI = 1_000_000_000n
const RECIPIENT = asAddress(new Uint8Array(20).fill(0xda))
const PEER_ACTIONS: readonly PeerAction[] = ['kill', 'restart', 'pause', 'resume', 'cut']

/** An action from what a page sent; throws an {@link ActionError} for anything else. */
export function parseAction(value: unknown): PageAction {
  if (!isRecord(value)) throw new ActionError('an action is an object')
  const { act, peers, peer, count } = value
  if (act === 'heal') return { act }
  if (act === 'submit') {
    const most = DASHBOARD_LIMITS.maxBurst
    if (!isIndex(peer)) throw new ActionError('submit needs a peer')
    if (!isIndex(count) || count < 1 || count > most)
      throw new ActionError(`submit takes 1 to ${most} transactions`)
    return { act, peer, count }
  }
  const known = PEER_ACTIONS.find((one) => one === act)
  if (known === undefined) throw new ActionError('no such action')
  if (!Array.isArray(peers) || peers.length === 0 || !peers.every(isIndex))
    throw new ActionError(`${known} needs a list of peers`)
  return { act: known, peers: [...new Set(peers)] }
}

function isIndex(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** Does actions in the order in which they come. */
export class Actions {
  readonly #devnet: Devnet
  readonly #board: Board
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  constructor(devnet: Devnet, board: Board) {
    this.#devnet = devnet
    this.#board = board
  }

  /** Resolves when it is done; throws an {@link ActionError} that says why it was not. */
  async do(action: PageAction): Promise<ActionResult> {
    if (this.#waiting >= DASHBOARD_LIMITS.maxWaitingActions)
      throw new ActionError('too many actions are waiting: try again when they are done')
    this.#waiting++
    const done = this.#last.then(() => this.#perform(action))
    this.#last = done.catch(() => {})
    try {
      return await done
    } catch (error) {
      throw new ActionError(messageOf(error), { cause: error })
    } finally {
      this.#waiting--
    }
  }

  async #perform(action: PageAction): Promise<ActionResult> {
    if (action.act === 'submit') return this.#submit(action.peer, action.count)
    if (action.act === 'heal') return this.#heal()
    return this.#onPeers(action.act, action.peers)
  }

  #onPeers(act: PeerAction, peers: readonly number[]): Promise<ActionResult> {
    for (const index of peers) peerOf(this.#devnet, index)
    if (act === 'restart') return this.#restart(peers)
    const running = peers.filter((index) => peerOf(this.#devnet, index).process.isRunning())
    if (running.length === 0) throw new ActionError('none of these peers runs')
    if (act === 'cut') return this.#cut(running)
    return this.#fault({ kind: act, peers: running }, `${act}: ${listOf(running)}`)
  }

  async #restart(peers: readonly number[]): Promise<ActionResult> {
    const gone = peers.filter((index) => !peerOf(this.#devnet, index).process.isRunning())
    if (gone.length === 0) throw new ActionError('these peers run already')
    for (const index of gone) this.#board.peerStarting(index, true)
    try {
      for (const index of gone) {
        await this.#devnet.faults.apply({ kind: 'restart', peers: [index] })
        this.#board.peerStarted(peerOf(this.#devnet, index).process.info)
      }
    } finally {
      for (const index of gone) this.#board.peerStarting(index, false)
    }
    return { text: `restarted: ${listOf(gone)}` }
  }

  /** A paused peer would not answer, and the others would wait for it. */
  #heal(): Promise<ActionResult> {
    const paused = this.#running()
      .map(({ process }) => process.info.index)
      .filter((index) => !this.#board.live.has(index))
    if (paused.length > 0)
      throw new ActionError(`resume ${listOf(paused)} first: a paused peer hears nothing`)
    return this.#fault({ kind: 'heal' }, 'every link is whole again')
  }

  /** From all others that run. */
  #cut(chosen: readonly number[]): Promise<ActionResult> {
    const { live } = this.#board
    const peers = chosen.filter((index) => live.has(index))
    if (peers.length === 0) throw new ActionError('a paused peer hears nothing: resume it first')
    const others = [...live].filter((index) => !peers.includes(index))
    if (others.length === 0) throw new ActionError('there is no other running peer to part from')
    const fault = { kind: 'partition', groups: [peers, others] } as const
    return this.#fault(fault, `cut off: ${listOf(peers)}`)
  }

  async #fault(fault: Fault, text: string): Promise<ActionResult> {
    await this.#devnet.faults.apply(fault)
    return { text }
  }

  /** Signed transfers of the account that no load uses, in the order of their nonces. */
  async #submit(index: number, count: number): Promise<ActionResult> {
    const peer = peerOf(this.#devnet, index)
    if (!peer.process.isRunning()) throw new ActionError(`peer ${index} does not run`)
    const txs = await this.#sign(peer, count)
    const load = txs.map(({ hash, raw }) => ({
      hash,
      raw: bytesToHex(raw),
      target: peer.port,
      sender: 0,
      dueMs: 0,
    }))
    const submissions = await runWorkload(load, this.#devnet.options.clock)
    const hashes = submissions.flatMap(({ hash, status }) => (status === 'accepted' ? [hash] : []))
    const text = `submitted by peer ${index}: ${hashes.length} of ${count} accepted`
    this.#board.note(text)
    if (hashes.length === 0) throw new ActionError(`peer ${index} refused the transaction`)
    return { text, hashes }
  }

  async #sign(peer: Peer, count: number): Promise<ReturnType<typeof signTx>[]> {
    const { address, privateKey } = spareAccount()
    const [nonce, head] = await Promise.all([this.#nextNonce(address), peer.port.head()])
    const key = hexToBytes(privateKey)
    return Array.from({ length: count }, (_, at) =>
      signTx(
        unsignedTx({
          type: 2,
          chainId: BigInt(this.#devnet.options.chainId),
          nonce: nonce + BigInt(at),
          to: RECIPIENT,
          value: 1n,
          maxFeePerGas: 2n * head.baseFeeWei + TIP_WEI,
          maxPriorityFeePerGas: TIP_WEI,
        }),
        key,
      ),
    )
  }

  /** The highest that any peer knows: what was submitted by one may not have reached another. */
  async #nextNonce(address: Address): Promise<bigint> {
    const live = this.#running().filter(({ process }) => this.#board.live.has(process.info.index))
    const { clock } = this.#devnet.options
    const asked = live.map(({ port }) =>
      withinTime(clock, DASHBOARD_LIMITS.patienceMs, port.nextNonce(address), 0n),
    )
    const known = await Promise.all(asked)
    return known.reduce((most, nonce) => (nonce > most ? nonce : most), 0n)
  }

  #running(): Peer[] {
    return this.#devnet.peers.filter(({ process }) => process.isRunning())
  }
}

function peerOf(devnet: Devnet, index: number): Peer {
  const peer = devnet.peers.find(({ process }) => process.info.index === index)
  if (peer === undefined) throw new ActionError(`there is no peer ${index}`)
  return peer
}

function listOf(peers: readonly number[]): string {
  return `${peers.length === 1 ? 'peer' : 'peers'} ${peers.join(', ')}`
}
