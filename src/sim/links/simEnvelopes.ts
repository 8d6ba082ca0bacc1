/**
 * Envelopes without keys: as large as real ones, with a checksum where the signature would be. A
 * simulated node signs as itself alone, because it has nothing to sign with but this.
 */
import { keccak256 } from '../../crypto/keccak.ts'
import type { Envelopes, PeerId, Statement } from '../../gossip/network.ts'
import { equalBytes } from '../../lib/bytes.ts'
import { decodeRlp, encodeRlp } from '../../lib/rlp.ts'

const SIGNATURE_BYTES = 64

/** The envelopes of a simulated node. */
export function simEnvelopes(self: PeerId): Envelopes {
  return {
    seal: async (domain, statement) => simEnvelope(domain, self, statement),
    read: (data) => {
      const items = decodeRlp(data)
      if (typeof items === 'string' || items instanceof Uint8Array) return undefined
      const [signerBytes, type, payload, signed] = items
      if (!(signerBytes instanceof Uint8Array) || !(type instanceof Uint8Array)) return undefined
      if (!(payload instanceof Uint8Array) || !(signed instanceof Uint8Array)) return undefined
      const signer = new TextDecoder().decode(signerBytes) as PeerId
      return {
        signer,
        type,
        payload,
        isSigned: async (domain) =>
          equalBytes(signed, signature(domain, signer, { type, payload })),
      }
    },
  }
}

/** An envelope that says that `signer` signed the statement. */
export function simEnvelope(domain: string, signer: PeerId, statement: Statement): Uint8Array {
  const { type, payload } = statement
  const signed = signature(domain, signer, statement)
  return encodeRlp([new TextEncoder().encode(signer), type, payload, signed])
}

function signature(domain: string, signer: PeerId, { type, payload }: Statement): Uint8Array {
  const text = new TextEncoder()
  const half = keccak256(encodeRlp([text.encode(domain), text.encode(signer), type, payload]))
  const bytes = new Uint8Array(SIGNATURE_BYTES)
  bytes.set(half)
  bytes.set(half, half.length)
  return bytes
}
