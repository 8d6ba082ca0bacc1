/**
 * Signed peer records: how peers are learnt of from other peers. A record is signed by the peer it names, so who hands
 * it on cannot change it; what is learnt is bounded, because records of peers that do not exist are free to make.
 */
import type { PeerId as Libp2pPeerId, PrivateKey } from '@libp2p/interface'
import { peerIdFromCID, peerIdFromString } from '@libp2p/peer-id'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { PeerId } from '../../gossip/network.ts'
import { messageOf } from '../../lib/assert.ts'
import { BoundedMap } from '../../lib/boundedMap.ts'
import { sample, type Random } from '../../lib/random.ts'
import type { Host } from './host.ts'
import type { LimitValues } from '../limits.ts'

/** What records are made, checked and chosen with. */
export interface PeerRecordParts {
  readonly host: Host
  readonly privateKey: PrivateKey
  readonly limits: LimitValues
  readonly random: Random
}

/** Signed peer records: handed out, learnt and dialled by. */
export class PeerRecords {
  readonly #parts: PeerRecordParts
  readonly #learnt: BoundedMap<string, Libp2pPeerId>

  constructor(parts: PeerRecordParts) {
    this.#parts = parts
    this.#learnt = new BoundedMap(parts.limits.learntPeers)
  }

  /** Records of up to `count` peers at random, of those we are connected to and ourselves. */
  async sample(count: number): Promise<readonly Uint8Array[]> {
    const { host, random } = this.#parts
    const peers = [host.peerId, ...host.getPeers()]
    const records = await Promise.all(
      sample(random, peers, Math.max(0, count)).map((peer) => this.#recordOf(peer)),
    )
    return records.filter((record) => record !== undefined).filter((record) => this.#fits(record))
  }

  /** Remembers what a record says; `undefined` for a record that is not valid or not of use. */
  async learn(record: Uint8Array): Promise<PeerId | undefined> {
    if (!this.#fits(record)) return undefined
    try {
      const { peerId, multiaddrs } = await openRecord(record)
      if (!(await this.#isOfUse(peerId, multiaddrs))) return undefined
      await this.#parts.host.peerStore.consumePeerRecord(record, { expectedPeer: peerId })
      await this.#remember(peerId)
      return peerId.toString() as PeerId
    } catch {
      return undefined
    }
  }

  /** Dials a learnt peer; throws one clear Error. */
  async dial(peer: PeerId): Promise<void> {
    const signal = AbortSignal.timeout(this.#parts.limits.dialTimeoutMs)
    try {
      await this.#parts.host.dial(peerIdFromString(peer), { signal })
    } catch (error) {
      throw new Error(`cannot dial peer ${peer}: ${messageOf(error)}`, { cause: error })
    }
  }

  /** What we would not take we do not hand out either: who asked would refuse the whole answer for it. */
  #fits(record: Uint8Array): boolean {
    return record.length <= this.#parts.limits.peerRecordMaxBytes
  }

  async #recordOf(peer: Libp2pPeerId): Promise<Uint8Array | undefined> {
    if (peer.equals(this.#parts.host.peerId)) return this.#ownRecord()
    const known = await this.#parts.host.peerStore.get(peer).catch(() => undefined)
    return known?.peerRecordEnvelope
  }

  /** Made anew each time: the addresses of a node that listens on all of them may change. */
  async #ownRecord(): Promise<Uint8Array | undefined> {
    const { host, privateKey } = this.#parts
    const multiaddrs = host.getMultiaddrs().map((address) => address.decapsulate('/p2p'))
    if (multiaddrs.length === 0) return undefined
    const record = new PeerRecord({ peerId: host.peerId, multiaddrs })
    const envelope = await RecordEnvelope.seal(record, privateKey)
    return envelope.marshal()
  }

  async #isOfUse(peer: Libp2pPeerId, addresses: readonly Multiaddr[]): Promise<boolean> {
    const { host, limits } = this.#parts
    if (peer.equals(host.peerId) || addresses.length > limits.maxAddressesPerPeer) return false
    return addresses.length > 0 && host.isDialable([...addresses])
  }

  /** Forgets the least recently learnt peer beyond the bound, unless we are connected to it. */
  async #remember(peer: Libp2pPeerId): Promise<void> {
    const evicted = this.#learnt.set(peer.toString(), peer)?.[1]
    const { host } = this.#parts
    if (evicted !== undefined && host.getConnections(evicted).length === 0)
      await host.peerStore.delete(evicted)
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
