/**
 * How a node behaves towards its peers: as it should, or in one of the ways that experiments ask
 * for.
 */
import { asAddress } from '../crypto/address.ts'
import { SECP256K1_N } from '../crypto/secp256k1.ts'
import type { Network, PeerId } from '../gossip/network.ts'
import type { Cancel, Clock } from '../lib/clock.ts'
import type { RouterFaults } from '../p2p/router/routerFaults.ts'
import { Forwarding } from '../rehearsal/forwarding.ts'
import type { Misbehaviour } from '../rehearsal/misbehaviour.ts'
import { encodeTx } from '../tx/encodeTx.ts'
import { unsignedTx } from '../tx/signTx.ts'
import { Flood, FLOOD_EVERY_MS } from './flood.ts'

/** What a node needs to misbehave. */
export interface ConductOptions {
  readonly network: Network
  readonly txTopic: string
  readonly chainId: bigint
  readonly clock: Clock
  /** Of the network's router. */
  readonly routerFaults: Pick<RouterFaults, 'withhold' | 'sendCopies'>
  /** Makes the node vote against itself, until the answer is called. */
  readonly equivocate: () => Cancel
  /** Makes the node accuse members that it has not asked, until the answer is called. */
  readonly accuse: () => Cancel
}

/** Time between two broken transactions of a node that spams. */
const SPAM_EVERY_MS = 100
const RECIPIENT = asAddress(new Uint8Array(20).fill(0x67))

/** Stands between a node and its network. */
export class Conduct {
  readonly #options: ConductOptions
  readonly #forwarding = new Forwarding()
  #flood: Flood | undefined
  #end: Cancel = () => {}
  #sent = 0n

  constructor(options: ConductOptions) {
    this.#options = options
  }

  /** The network as the node is to see it. */
  get network(): Network {
    const { network } = this.#options
    return {
      self: network.self,
      subscribe: (topic, judge) =>
        network.subscribe(topic, async (message) => {
          const action = await judge(message)
          if (action === 'accept') this.#flood?.remember(topic, message.data)
          return action === 'accept' && !this.#forwarding.forwards(message.from) ? 'ignore' : action
        }),
      publish: (topic, data) => {
        this.#flood?.remember(topic, data)
        return network.publish(topic, data)
      },
      peers: () => network.peers(),
      onPeer: (listener) => network.onPeer(listener),
      onRouter: (listener) => network.onRouter(listener),
      mesh: () => network.mesh(),
      scores: () => network.scores(),
      handle: (protocol, limits, handler) => network.handle(protocol, limits, handler),
      request: (to, protocol, limits, request) => network.request(to, protocol, limits, request),
      dial: (address, options) => network.dial(address, options),
      disconnect: (peer, reason, options) => network.disconnect(peer, reason, options),
      peerRecords: (count) => network.peerRecords(count),
      learnPeer: (record) => network.learnPeer(record),
      dialPeer: (peer) => network.dialPeer(peer),
      ping: (peer) => network.ping(peer),
      heardMs: (peer) => network.heardMs(peer),
      envelopes: network.envelopes,
      addresses: () => network.addresses(),
    }
  }

  /** From now on; `undefined` is as it should. `against` is whom it censors. */
  misbehave(behaviour: Misbehaviour | undefined, against?: PeerId): void {
    this.#end()
    this.#forwarding.misbehave(behaviour, against)
    this.#end = this.#begin(behaviour)
  }

  stop(): void {
    this.misbehave(undefined)
  }

  #begin(behaviour: Misbehaviour | undefined): Cancel {
    const { clock, routerFaults, equivocate, accuse } = this.#options
    if (behaviour === 'equivocate') return equivocate()
    if (behaviour === 'accuse') return accuse()
    if (behaviour === 'spam') return clock.every(SPAM_EVERY_MS, () => this.#spam())
    if (behaviour === 'withhold') {
      routerFaults.withhold(true)
      return () => routerFaults.withhold(false)
    }
    return behaviour === 'flood' ? this.#beginFlood() : () => {}
  }

  #beginFlood(): Cancel {
    const { clock, routerFaults } = this.#options
    const flood = new Flood()
    this.#flood = flood
    const cancel = clock.every(FLOOD_EVERY_MS, () => routerFaults.sendCopies(flood.burst()))
    return () => {
      cancel()
      this.#flood = undefined
    }
  }

  /** A router that fails to publish fails a node that deserves it. */
  #spam(): void {
    const { network, txTopic, chainId } = this.#options
    network.publish(txTopic, brokenTx(chainId, this.#sent++)).catch(() => {})
  }
}

/**
 * A transfer whose signature no key can have made: s is above half of the order of the curve
 * (EIP-2).
 */
export function brokenTx(chainId: bigint, nonce: bigint): Uint8Array {
  const tx = unsignedTx({ type: 2, chainId, nonce, to: RECIPIENT })
  return encodeTx(tx, { r: 1n, s: SECP256K1_N - 1n, yParity: 0 })
}
