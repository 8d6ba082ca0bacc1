/**
 * Signed envelopes of libp2p (RFC 0002). One statement has one encoding here: protobuf would let
 * anybody add to the bytes of an envelope without breaking its signature, and each form would be a
 * message of its own.
 */
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { RecordEnvelope } from '@libp2p/peer-record'
import type { Envelope, Envelopes, PeerId } from '../../gossip/network.ts'
import { equalBytes } from '../../lib/bytes.ts'

/** Signs with `privateKey`, and reads what others signed. */
export function envelopesOf(privateKey: PrivateKey): Envelopes {
  return {
    seal: async (domain, { type, payload }) => {
      const record = { domain, codec: type, marshal: () => payload, equals: () => false }
      return (await RecordEnvelope.seal(record, privateKey)).marshal()
    },
    read: readEnvelope,
  }
}

function readEnvelope(data: Uint8Array): Envelope | undefined {
  try {
    const envelope = RecordEnvelope.createFromProtobuf(data)
    if (!equalBytes(envelope.marshal(), data)) return undefined
    return {
      signer: peerIdFromPublicKey(envelope.publicKey).toString() as PeerId,
      type: envelope.payloadType,
      payload: envelope.payload.subarray(),
      isSigned: async (domain) => {
        try {
          return await envelope.validate(domain)
        } catch {
          return false
        }
      },
    }
  } catch {
    return undefined
  }
}
