/**
 * What travels between the verifier and its worker: one packed buffer of requests there, one of
 * answers back, both transferred, not copied. One message for many records, because a message costs
 * about as much as a recovery.
 *
 * Request, 97 bytes: digest (32), signature r || s (64), y parity (1). Answer, 21 bytes: 1 and the
 * address (20), or zeros where there is none.
 */
import { addressOfPublicKey, asAddress, type Address } from './address.ts'
import { keccak256 } from './keccak.ts'
import { secp256k1 } from './secp256k1.ts'

/** A digest and its signature, of which the signer is asked for. */
export interface RecoveryRequest {
  /** 32 bytes. */
  readonly digest: Uint8Array
  /** 64 bytes: r || s. */
  readonly signature: Uint8Array
  readonly yParity: 0 | 1
}

const DIGEST_BYTES = 32
const SIGNATURE_BYTES = 64
const REQUEST_BYTES = DIGEST_BYTES + SIGNATURE_BYTES + 1
const ANSWER_BYTES = 21
/** Stands for every parity that is none: the worker finds no key for it. */
const NO_PARITY = 2

/**
 * What is wrong with the lengths of a request, which would shift every record behind it in a batch.
 */
export function requestDefect({ digest, signature }: RecoveryRequest): RangeError | undefined {
  if (digest.length === DIGEST_BYTES && signature.length === SIGNATURE_BYTES) return undefined
  return new RangeError(
    `a recovery takes ${DIGEST_BYTES} bytes of digest and ${SIGNATURE_BYTES} of signature, ` +
      `got ${digest.length} and ${signature.length}`,
  )
}

/**
 * Writes requests one after another into one buffer, which a thread can take over without a copy.
 */
export function packRequests(requests: readonly RecoveryRequest[]): ArrayBuffer {
  const packed = new Uint8Array(requests.length * REQUEST_BYTES)
  let at = 0
  for (const { digest, signature, yParity } of requests) {
    packed.set(digest, at)
    packed.set(signature, at + DIGEST_BYTES)
    packed[at + REQUEST_BYTES - 1] = yParity === 0 || yParity === 1 ? yParity : NO_PARITY
    at += REQUEST_BYTES
  }
  return packed.buffer
}

/** The worker's whole work: the packed answers to packed requests, in their order. */
export function answerRequests(packed: ArrayBuffer): ArrayBuffer {
  const requests = new Uint8Array(packed)
  const count = requests.length / REQUEST_BYTES
  const answers = new Uint8Array(count * ANSWER_BYTES)
  for (let i = 0; i < count; i++) {
    const request = requests.subarray(i * REQUEST_BYTES, (i + 1) * REQUEST_BYTES)
    const publicKey = recoverPacked(request)
    if (publicKey === undefined) continue
    answers[i * ANSWER_BYTES] = 1
    answers.set(keccak256(publicKey.subarray(1)).subarray(12), i * ANSWER_BYTES + 1)
  }
  return answers.buffer
}

/** The address in answer number `index`, `undefined` where the signature was made by no key. */
export function readAnswer(packed: ArrayBuffer, index: number): Address | undefined {
  const answer = new Uint8Array(packed, index * ANSWER_BYTES, ANSWER_BYTES)
  return answer[0] === 1 ? asAddress(answer.subarray(1)) : undefined
}

/** How many answers `packed` holds. */
export function answerCount(packed: ArrayBuffer): number {
  return packed.byteLength / ANSWER_BYTES
}

/** The same recovery on the calling thread. */
export function recoverAddress(request: RecoveryRequest): Address | undefined {
  const publicKey = secp256k1.recover(request.digest, request.signature, request.yParity)
  return publicKey === undefined ? undefined : addressOfPublicKey(publicKey)
}

function recoverPacked(request: Uint8Array): Uint8Array | undefined {
  const yParity = request[REQUEST_BYTES - 1]
  if (yParity !== 0 && yParity !== 1) return undefined
  const digest = request.subarray(0, DIGEST_BYTES)
  return secp256k1.recover(digest, request.subarray(DIGEST_BYTES, REQUEST_BYTES - 1), yParity)
}
