/**
 * The addresses that a node tells peers: what it was told to tell, else where it listens and where
 * peers see it.
 */
import type {
  Connection,
  IdentifyResult,
  Libp2pEvents,
  PeerId as Libp2pPeerId,
  TypedEventTarget,
} from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Logger } from '../../lib/log.ts'
import { announced } from './announced.ts'
import { ObservedAddresses, type ObservedAddressesLimits } from './observedAddresses.ts'

/** What of a libp2p node is needed here. */
export interface AddressComponents {
  readonly peerId: Libp2pPeerId
  readonly events: Pick<TypedEventTarget<Libp2pEvents>, 'addEventListener'>
  readonly transportManager: { getAddrs(): Multiaddr[] }
  readonly addressManager: object
}

/** What decides which addresses are told. */
export interface OwnAddressesOptions {
  /** Multiaddrs that peers are told and no others; none leaves it to the node. */
  readonly announce: readonly string[]
  readonly limits: ObservedAddressesLimits
  readonly log: Logger
}

/**
 * A service of libp2p and its filter of addresses in one. libp2p by itself would tell no address of
 * a public network before another service has confirmed it, and takes no observed TCP address.
 */
export class OwnAddresses {
  readonly #options: OwnAddressesOptions
  readonly #observed: ObservedAddresses
  #components: AddressComponents | undefined
  /** As last logged. */
  #confirmed = ''

  constructor(options: OwnAddressesOptions) {
    this.#options = options
    this.#observed = new ObservedAddresses(options.limits)
  }

  /** Begins to listen to what peers say; called by libp2p. */
  readonly service = (components: AddressComponents): this => {
    this.#components = components
    const { events } = components
    events.addEventListener('peer:identify', ({ detail }) => this.#identified(detail))
    events.addEventListener('peer:disconnect', ({ detail }) => {
      this.#observed.forget(detail.toString())
      this.#logChange()
    })
    return this
  }

  start(): void {}

  stop(): void {}

  /**
   * Called by libp2p when all else has stopped. Its address manager (libp2p 3.3.11) then has an
   * update under way, a second after the last transport closed, which nobody needs and which keeps
   * the process alive until then.
   */
  afterStop(): void {
    const manager = this.#components?.addressManager
    if (manager !== undefined && hasPendingUpdate(manager)) manager._updatePeerStoreAddresses.stop()
  }

  /** What peers are told, of the addresses that libp2p would tell. */
  readonly filter = (addresses: readonly Multiaddr[]): Multiaddr[] => {
    const components = this.#components
    if (this.#options.announce.length > 0 || components === undefined) return [...addresses]
    const listening = components.transportManager.getAddrs()
    const own = [...listening, ...this.#observed.confirmed(listening)]
    const suffix = `/p2p/${components.peerId.toString()}`
    const byText = new Map(announced(own).map((address) => [address.toString(), address]))
    return [...byText.values()].map((address) => address.encapsulate(suffix))
  }

  #identified({ peerId, observedAddr, connection }: IdentifyResult): void {
    if (observedAddr === undefined || !isOpen(connection)) return
    const { remoteAddr: observerAddress, direction } = connection
    this.#observed.observe({
      observer: peerId.toString(),
      observerAddress,
      observed: observedAddr,
      direction,
    })
    this.#logChange()
  }

  #logChange(): void {
    const listening = this.#components?.transportManager.getAddrs() ?? []
    const addresses = this.#observed.confirmed(listening).map(String)
    const text = addresses.join(' ')
    if (text === this.#confirmed) return
    this.#confirmed = text
    this.#options.log.info('peers at different addresses see this node at', { addresses })
  }
}

interface PendingUpdate {
  readonly _updatePeerStoreAddresses: { stop(): void }
}

function hasPendingUpdate(manager: object): manager is PendingUpdate {
  if (!('_updatePeerStoreAddresses' in manager)) return false
  const update = manager._updatePeerStoreAddresses
  return typeof update === 'function' && 'stop' in update && typeof update.stop === 'function'
}

/**
 * What comes with a connection that has closed meanwhile is of a peer that may have gone, and would
 * be kept for ever.
 */
function isOpen({ status }: Connection): boolean {
  return status === 'open'
}
