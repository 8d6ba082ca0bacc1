/** One message for every reason for which the transaction topic refuses or holds. */
import { inlineVerifier, type Verifier, type VerifierFailure } from '../../src/crypto/verifier.ts'
import { MAX_TX_MESSAGE_BYTES } from '../../src/gossip/limits.ts'
import { bigintToBytes, concatBytes } from '../../src/lib/bytes.ts'
import { decodeRlp, encodeRlp, type RlpItem } from '../../src/lib/rlp.ts'
import type { Address } from '../../src/crypto/address.ts'
import { encodeTx, type UnsignedTx } from '../../src/tx/encodeTx.ts'
import { recoverSender } from '../../src/tx/signature.ts'
import type { Signature, Tx } from '../../src/tx/tx.ts'
import { decodeTx, isTxDefect } from '../../src/tx/decodeTx.ts'
import { extend, testChain, type TestChainOptions } from '../builders/chain.ts'
import type { GossipNode, GossipNodeOptions } from '../builders/gossipNode.ts'
import { signedTransfer, transferFields } from '../builders/tx.ts'

/** A node in the right state, and the message it is to judge. */
export interface Case {
  readonly data: Uint8Array
  readonly options?: GossipNodeOptions
  readonly prepare?: (node: GossipNode) => Promise<void> | void
}

const SECP256K1_N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const ETHER = 10n ** 18n

function fieldsOfTransfer(): RlpItem[] {
  const list = decodeRlp(signedTransfer().raw.subarray(1))
  if (typeof list === 'string' || list instanceof Uint8Array) throw new Error('not a list')
  return [...list]
}

/**
 * The fields of type 2: chain id, nonce, tip, cap, gas, to, value, data, access list, parity, r, s.
 */
function withField(index: number, item: RlpItem): Uint8Array {
  return envelope(2, fieldsOfTransfer().with(index, item))
}

function envelope(type: number, fields: readonly RlpItem[]): Uint8Array {
  return concatBytes(Uint8Array.of(type), encodeRlp(fields))
}

function signedWith(fields: UnsignedTx, change: Partial<Signature>): Uint8Array {
  return encodeTx(fields, { ...signedTransfer().signature, ...change })
}

/** A signature in range that no key can have made: no point of the curve has this r. */
export function unrecoverable(): Tx {
  for (let r = 1n; r < 100n; r++) {
    const tx = decodeTx(signedWith(transferFields(), { r }))
    if (!isTxDefect(tx) && recoverSender(tx) === undefined) return tx
  }
  throw new Error('every small r is on the curve')
}

/** A verifier that fails with everything, for reasons of its own. */
export function failingVerifier(failure: VerifierFailure): Verifier {
  return { ...inlineVerifier(), recover: async () => ({ failure, queuedMs: 7 }) }
}

/** A relay's chain, which executes nothing, so that any fork may be active. */
function relayChain(config: Readonly<Record<string, unknown>>, gasLimit = '0x1c9c380') {
  const file: TestChainOptions['file'] = (json) => ({
    ...json,
    gasLimit,
    config: { ...json.config, ...config },
  })
  return { chain: testChain({ ledger: 'none', file }) }
}

const PRAGUE = { shanghaiTime: 0, cancunTime: 0, pragueTime: 0, blobSchedule: BLOBS() }
const OSAKA = { ...PRAGUE, osakaTime: 0 }

function BLOBS() {
  const blobs = { target: 3, max: 6, baseFeeUpdateFraction: 3_338_477 }
  return { cancun: blobs, prague: blobs, osaka: blobs }
}

/** A chain from before EIP-158. */
const FRONTIER_CONFIG = {
  homesteadBlock: 0,
  ...Object.fromEntries(
    ['eip150', 'eip155', 'eip158', 'byzantium', 'constantinople', 'petersburg'].map((name) => [
      `${name}Block`,
      1_000,
    ]),
  ),
  istanbulBlock: 1_000,
  berlinBlock: 1_000,
  londonBlock: 1_000,
}

const RECIPIENT_FIELD = 5
const LEGACY_V = 6

function legacyWithV(v: bigint): Uint8Array {
  const list = decodeRlp(signedTransfer({ type: 0 }).raw)
  if (typeof list === 'string' || list instanceof Uint8Array) throw new Error('not a list')
  return encodeRlp([...list].with(LEGACY_V, bigintToBytes(v)))
}

const raw = (changes: Parameters<typeof signedTransfer>[0] = {}): Uint8Array =>
  signedTransfer(changes).raw

async function send(node: GossipNode, ...messages: readonly Uint8Array[]): Promise<void> {
  for (const message of messages) await node.receive('tx', message)
}

const verifierCase = (failure: VerifierFailure): Case => ({
  data: raw(),
  options: { verifier: failingVerifier(failure) },
})

/** As the owner of a node may add one. */
const OWN_RULE = {
  reason: 'own-rule',
  otherwise: 'ignore',
  sentence: 'Its value is a round number.',
  source: 'this test',
  holds: () => false,
} as const

export const TX_CASES: Readonly<Record<string, () => Case>> = {
  oversized: () => ({ data: new Uint8Array(MAX_TX_MESSAGE_BYTES + 1) }),
  known: () => ({
    data: raw(),
    prepare: async (node) => void (await node.relay.submit('tx', raw(), 'rpc')),
  }),
  empty: () => ({ data: new Uint8Array(0) }),
  'unknown-type': () => ({ data: raw().with(0, 5) }),
  'rlp-truncated': () => ({ data: raw().slice(0, -1) }),
  'rlp-trailing-bytes': () => ({ data: concatBytes(raw(), Uint8Array.of(0)) }),
  'rlp-non-canonical-size': () => ({
    data: concatBytes(Uint8Array.of(2, 0xf9, 0, raw()[2] ?? 0), raw().subarray(3)),
  }),
  'rlp-single-byte-prefixed': () => ({
    data: concatBytes(Uint8Array.of(2, 0xc2, 0x81, 0x05)),
  }),
  'list-expected': () => ({ data: concatBytes(Uint8Array.of(2), encodeRlp(new Uint8Array(3))) }),
  'string-expected': () => ({ data: withField(1, []) }),
  'wrong-field-count': () => ({ data: envelope(2, fieldsOfTransfer().slice(0, -1)) }),
  'leading-zero': () => ({ data: withField(1, Uint8Array.of(0)) }),
  'integer-too-large': () => ({ data: withField(1, new Uint8Array(9).fill(1)) }),
  'wrong-length': () => ({ data: withField(RECIPIENT_FIELD, new Uint8Array(19)) }),
  'recipient-missing': () => ({
    data: encodeTx({ ...transferFields({ type: 4 }), to: undefined }, signedTransfer().signature),
  }),
  'bad-signature-v': () => ({ data: legacyWithV(29n) }),
  'bad-y-parity': () => ({ data: withField(9, Uint8Array.of(2)) }),
  'blob-network-form': () => ({ data: envelope(3, [[], [], [], []]) }),
  'blob-transaction': () => ({ data: raw({ type: 3 }) }),
  'type-not-active': () => ({ data: raw({ type: 4 }) }),
  'replay-protection-not-active': () => ({
    data: raw({ type: 0 }),
    options: relayChain(FRONTIER_CONFIG),
  }),
  unprotected: () => ({ data: raw({ type: 0, chainId: undefined }) }),
  'wrong-chain-id': () => ({ data: raw({ chainId: 1n }) }),
  'signature-out-of-range': () => ({ data: signedWith(transferFields(), { s: 0n }) }),
  'signature-high-s': () => {
    const { s, yParity } = signedTransfer().signature
    const twin = { s: SECP256K1_N - s, yParity: yParity === 0 ? (1 as const) : (0 as const) }
    return { data: signedWith(transferFields(), twin) }
  },
  'nonce-too-high': () => ({ data: raw({ nonce: 2n ** 64n - 1n }) }),
  'tip-above-fee-cap': () => ({ data: raw({ maxFeePerGas: 1n, maxPriorityFeePerGas: 2n }) }),
  'fee-overflow': () => ({ data: raw({ maxFeePerGas: 2n ** 255n }) }),
  'gas-above-cap': () => ({ data: raw({ gasLimit: 2n ** 24n + 1n }), options: relayChain(OSAKA) }),
  'initcode-too-large': () => ({
    data: raw({ to: undefined, data: new Uint8Array(49_153), gasLimit: 5_000_000n }),
    options: relayChain({ shanghaiTime: 0 }),
  }),
  'authorization-none': () => ({
    data: raw({ type: 4, authorizationList: [] }),
    options: relayChain(PRAGUE),
  }),
  'gas-below-intrinsic': () => ({ data: raw({ gasLimit: 20_999n }) }),
  'gas-below-floor': () => ({
    data: raw({ data: new Uint8Array(100).fill(1), gasLimit: 22_700n }),
    options: relayChain(PRAGUE),
  }),
  'gas-above-block-limit': () => ({ data: raw({ gasLimit: 31_000_000n }) }),
  'contract-creation': () => ({ data: raw({ to: undefined, gasLimit: 100_000n }) }),
  'call-to-precompile': () => ({ data: raw({ to: `0x${'00'.repeat(19)}01` as Address }) }),
  'call-to-contract': () => {
    const contract = `0x${'c0'.repeat(20)}` as Address
    const file: TestChainOptions['file'] = (json) => ({
      ...json,
      alloc: { ...json.alloc, [contract]: { balance: '0x0', code: '0x00' } },
    })
    return {
      data: raw({ to: contract, gasLimit: 50_000n }),
      options: { chain: testChain({ file }) },
    }
  },
  syncing: () => ({ data: raw(), options: { isSyncing: () => true } }),
  'own-rule': () => ({ data: raw(), options: { ownRules: [OWN_RULE] } }),
  'fee-too-low': () => ({ data: raw({ maxPriorityFeePerGas: 0n }) }),
  'bad-signature': () => ({ data: unrecoverable().raw }),
  'verifier-overloaded': () => verifierCase('verifier-overloaded'),
  'verifier-deadline': () => verifierCase('verifier-deadline'),
  'verifier-closed': () => verifierCase('verifier-closed'),
  'nonce-too-low': () => {
    const chain = testChain()
    extend(chain, { txs: [signedTransfer()] })
    return { data: raw({ value: 2n }), options: { chain } }
  },
  'nonce-gap': () => ({ data: raw({ nonce: 17n }) }),
  'nonce-gap-too-far': () => ({ data: raw({ nonce: 65n }) }),
  'insufficient-funds': () => ({ data: raw({ value: 10_000n * ETHER }) }),
  overdraft: () => ({
    data: raw({ nonce: 1n, value: 6_000n * ETHER }),
    prepare: (node) => send(node, raw({ value: 6_000n * ETHER })),
  }),
  'replacement-underpriced': () => ({
    data: raw({ value: 2n }),
    prepare: (node) => send(node, raw()),
  }),
  'sender-slots': () => ({
    data: raw({ nonce: 3n }),
    options: { pool: { senderQueuedSlots: 1 } },
    prepare: (node) => send(node, raw({ nonce: 2n })),
  }),
  underpriced: () => ({
    data: raw({ from: 1 }),
    options: { pool: { pendingSlots: 1, queuedSlots: 0 } },
    prepare: (node) => send(node, raw()),
  }),
  'pool-full': () => ({
    data: raw({
      data: new Uint8Array(33_000),
      gasLimit: 1_000_000n,
      maxFeePerGas: 9n * 10n ** 9n,
      maxPriorityFeePerGas: 8n * 10n ** 9n,
    }),
    options: { pool: { pendingSlots: 1 } },
    prepare: (node) => send(node, raw()),
  }),
  'internal-error': () => ({
    data: raw(),
    options: {
      isSyncing: () => {
        throw new Error('a fault of this node')
      },
    },
  }),
}
