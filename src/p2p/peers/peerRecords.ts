/**
 * Signed peer records: how peers are learnt of from other peers. A record is signed by the peer it
 * names, so who hands it on cannot change it; what is learnt is bounded, because records of peers
 * that do not exist are free to make.
 */
import type { PeerId as Libp2pPeerId, PrivateKey } from '@libp2p/interface'
import { peerIdFromCID, peerIdFromString } from '@libp2p/peer-id'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { PeerId } from '../../gossip/network.ts'
import { messageOf } from '../../lib/assert.ts'
import { BoundedMap } from '../../lib/boundedMap.ts'
import { sample, type Random } from '../../lib/random.ts'
import type { Libp2pNode } from './libp2pNode.ts'
import type { Clock } from '../../lib/clock.ts'
import { withDeadline } from '../../lib/deadline.ts'
import type { LimitValues } from '../limits.ts'

/** What records are made, checked and chosen with. */
export interface PeerRecordParts {
  readonly libp2p: Libp2pNode
  readonly privateKey: PrivateKey
  readonly limits: LimitValues
  readonly random: Random
  readonly clock: Clock
}

/** A peer and the record that it was learnt by, a byte a character. */
interface Learnt {
  readonly peer: Libp2pPeerId
  readonly record: string
}

/** Our own record and the addresses in it. */
interface OwnRecord {
  readonly addresses: string
  readonly record: Uint8Array
}

/** Signed peer records: handed out, learnt and dialled by. */
export class PeerRecords {
  readonly #parts: PeerRecordParts
  readonly #learnt: BoundedMap<string, Learnt>
  /** Peers by their record, so that one that is told again and again is checked once. */
  readonly #byRecord: BoundedMap<string, PeerId>
  #own: OwnRecord | undefined

  constructor(parts: PeerRecordParts) {
    this.#parts = parts
    this.#learnt = new BoundedMap(parts.limits.learntPeers)
    this.#byRecord = new BoundedMap(parts.limits.learntPeers)
  }

  /** Records of up to `count` peers at random, of those we are connected to and ourselves. */
  async sample(count: number): Promise<readonly Uint8Array[]> {
    const { libp2p, random } = this.#parts
    const peers = [libp2p.peerId, ...libp2p.getPeers()]
    const records = await Promise.all(
      sample(random, peers, Math.max(0, count)).map((peer) => this.#recordOf(peer)),
    )
    return records.filter((record) => record !== undefined).filter((record) => this.#fits(record))
  }

  /** Remembers what a record says; `undefined` for a record that is not valid or not of use. */
  async learn(record: Uint8Array): Promise<PeerId | undefined> {
    if (!this.#fits(record)) return undefined
    const text = Buffer.from(record).toString('latin1')
    const known = this.#byRecord.get(text)
    if (known !== undefined && this.#learnt.peek(known)?.record === text) return known
    try {
      const { peerId, multiaddrs } = await openRecord(record)
      if (!(await this.#isOfUse(peerId, multiaddrs))) return undefined
      await this.#parts.libp2p.peerStore.consumePeerRecord(record, { expectedPeer: peerId })
      const id = peerId.toString() as PeerId
      await this.#remember(id, { peer: peerId, record: text })
      return id
    } catch {
      return undefined
    }
  }

  /** Dials a learnt peer; throws one clear Error. */
  async dial(peer: PeerId): Promise<void> {
    const { libp2p, clock, limits } = this.#parts
    try {
      await withDeadline(clock, limits.dialTimeoutMs, (signal) =>
        libp2p.dial(peerIdFromString(peer), { signal }),
      )
    } catch (error) {
      throw new Error(`cannot dial peer ${peer}: ${messageOf(error)}`, { cause: error })
    }
  }

  /**
   * What we would not take we do not hand out either: who asked would refuse the whole answer for
   * it.
   */
  #fits(record: Uint8Array): boolean {
    return record.length <= this.#parts.limits.peerRecordMaxBytes
  }

  async #recordOf(peer: Libp2pPeerId): Promise<Uint8Array | undefined> {
    if (peer.equals(this.#parts.libp2p.peerId)) return this.#ownRecord()
    const known = await this.#parts.libp2p.peerStore.get(peer).catch(() => undefined)
    return known?.peerRecordEnvelope
  }

  /**
   * Made anew when the addresses have changed: a node that listens on all of them may gain and lose
   * some.
   */
  async #ownRecord(): Promise<Uint8Array | undefined> {
    const { libp2p, privateKey } = this.#parts
    const multiaddrs = libp2p.getMultiaddrs().map((address) => address.decapsulate('/p2p'))
    if (multiaddrs.length === 0) return undefined
    const addresses = multiaddrs.join(' ')
    if (this.#own?.addresses === addresses) return this.#own.record
    const envelope = await RecordEnvelope.seal(
      new PeerRecord({ peerId: libp2p.peerId, multiaddrs }),
      privateKey,
    )
    this.#own = { addresses, record: envelope.marshal() }
    return this.#own.record
  }

  async #isOfUse(peer: Libp2pPeerId, addresses: readonly Multiaddr[]): Promise<boolean> {
    const { libp2p, limits } = this.#parts
    if (peer.equals(libp2p.peerId) || addresses.length > limits.maxAddressesPerPeer) return false
    return addresses.length > 0 && libp2p.isDialable([...addresses])
  }

  /** Forgets the least recently learnt peer beyond the bound, unless we are connected to it. */
  async #remember(id: PeerId, learnt: Learnt): Promise<void> {
    this.#byRecord.set(learnt.record, id)
    const evicted = this.#learnt.set(id, learnt)?.[1].peer
    const { libp2p } = this.#parts
    if (evicted !== undefined && libp2p.getConnections(evicted).length === 0)
      await libp2p.peerStore.delete(evicted)
  }
}

/** The record, if it is signed by the peer it names; throws otherwise. */
async function openRecord(record: Uint8Array): Promise<PeerRecord> {
  const envelope = await RecordEnvelope.openAndCertify(record, PeerRecord.DOMAIN)
  const opened = PeerRecord.createFromProtobuf(envelope.payload)
  if (!opened.peerId.equals(peerIdFromCID(envelope.publicKey.toCID())))
    throw new Error('the record is signed by another peer')
  return opened
}
