/** One message for every reason for which the block topic refuses or holds. */
import { makeBlock, type Block } from '../../src/block/block.ts'
import { sealHeader } from '../../src/block/clique.ts'
import { headerToRlp, type Header } from '../../src/block/header.ts'
import { MAX_EXTRA_DATA_BYTES, MAX_HEADER_BYTES } from '../../src/block/limits.ts'
import { EMPTY_TRIE_ROOT } from '../../src/block/trie.ts'
import type { GenesisJson } from '../../src/chain/genesis/devnetGenesis.ts'
import { keccak256Hash, type Hash } from '../../src/crypto/keccak.ts'
import { BLOCK_WINDOW, MAX_BLOCK_MESSAGE_BYTES, MAX_BLOCKS_AHEAD } from '../../src/gossip/limits.ts'
import { concatBytes } from '../../src/lib/bytes.ts'
import { encodeRlp, type RlpItem } from '../../src/lib/rlp.ts'
import { extend, nextBlock, resealed, testChain, testSigners } from '../builders/chain.ts'
import { sealedBlock } from '../builders/block.ts'
import { BODY_RULE_CASES, type RuleCase } from '../builders/bodyRuleCases.ts'
import { account } from '../builders/keys.ts'
import { signedTransfer } from '../builders/tx.ts'
import type { Tx } from '../../src/tx/tx.ts'
import { failingVerifier, unrecoverable, type Case } from './txCases.ts'

const signer = () => testSigners(1)[0] ?? account()
const hashOf = (text: string): Hash => keccak256Hash(new TextEncoder().encode(text))

/** The block after the genesis of a test chain with one signer. */
function firstBlock(): Block {
  return nextBlock(testChain(), { txs: [signedTransfer()] }).block
}

/** The same block with another header, sealed anew. */
function withHeader(change: Partial<Header>): Case {
  return { data: resealed(firstBlock(), signer(), change).raw }
}

/** A header whose seal holds, though its body may be anything. */
function sealedHeader(change: Partial<Header>): Header {
  const { header } = nextBlock(testChain()).block
  return sealHeader({ ...header, ...change }, signer().privateKey)
}

/** A body of any form under a header whose seal holds. */
function withBody(parts: readonly RlpItem[], change: Partial<Header> = {}): Case {
  return { data: encodeRlp([headerToRlp(sealedHeader(change)), ...parts]) }
}

const SHANGHAI = { withdrawalsRoot: EMPTY_TRIE_ROOT }

const withConfig =
  (config: Readonly<Record<string, unknown>>, gasLimit?: string) => (json: GenesisJson) => ({
    ...json,
    gasLimit: gasLimit ?? json.gasLimit,
    config: { ...json.config, ...config },
  })

/** The first block of a Clique chain with the rules of Cancun, which nobody executes. */
function inCancun(change: Partial<Header>, transactions: readonly Tx[] = []): Case {
  const file = withConfig({ shanghaiTime: 0, cancunTime: 0 })
  const chain = testChain({ ledger: 'none', file })
  const recipe = { parent: chain.genesis.header, transactions, sealer: signer(), change }
  return { data: sealedBlock(recipe).raw, options: { chain } }
}

/** A list of one item that is `inner` as it stands. */
function listAround(inner: Uint8Array): Uint8Array {
  if (inner.length > 55) throw new Error('longer than a short list')
  return concatBytes(Uint8Array.of(0xc0 + inner.length), inner)
}

function nested(depth: number): RlpItem {
  return depth === 0 ? [] : [nested(depth - 1)]
}

/** On a chain whose blocks never see an execution, any transaction can stand in a block. */
function withTransaction(raw: Parameters<typeof sealedBlock>[0]['transactions']): Case {
  const chain = testChain()
  const [sealer] = testSigners(1)
  const block = sealedBlock({
    parent: chain.genesis.header,
    transactions: raw ?? [],
    ...(sealer && { sealer }),
  })
  return { data: block.raw, options: { chain } }
}

/** The first case of each rule of bodies. */
function bodyRuleCases(): Readonly<Record<string, () => Case>> {
  const caseOf = (make: (() => RuleCase) | undefined) => (): Case => {
    if (make === undefined) throw new Error('every rule has a case')
    const { chain, block } = make()
    return { data: block.raw, options: { chain } }
  }
  return Object.fromEntries(
    Object.entries(BODY_RULE_CASES).map(([reason, [make]]) => [reason, caseOf(make)]),
  )
}

const verifierCase = (failure: Parameters<typeof failingVerifier>[0]): Case => ({
  data: firstBlock().raw,
  options: { verifier: failingVerifier(failure) },
})

export const BLOCK_CASES: Readonly<Record<string, () => Case>> = {
  oversized: () => ({ data: new Uint8Array(MAX_BLOCK_MESSAGE_BYTES + 1) }),
  known: () => ({
    data: firstBlock().raw,
    prepare: async (node) => void (await node.relay.submit('block', firstBlock().raw, 'sealer')),
  }),
  'too-old': () => {
    const chain = testChain()
    const rival = nextBlock(chain, { lateS: 1 }).block
    for (let number = 0; number <= BLOCK_WINDOW + 1; number++) extend(chain)
    return { data: rival.raw, options: { chain } }
  },
  'too-far-ahead': () => withHeader({ number: BigInt(MAX_BLOCKS_AHEAD) + 1n }),
  'too-early': () => withHeader({ timestamp: 1_700_000_006n }),
  'no-signers': () => {
    const chain = testChain({ ledger: 'none', file: withConfig({ clique: undefined }) })
    return { data: sealedBlock({ parent: chain.genesis.header }).raw, options: { chain } }
  },
  'conflicts-with-finalized': () => {
    const chain = testChain()
    const { block: beside } = nextBlock(chain, { lateS: 3 })
    const { hash } = extend(chain)
    const final = { number: 1n, hash }
    return {
      data: beside.raw,
      options: { chain, settled: { justified: final, finalized: final } },
    }
  },
  'bad-seal': () => {
    const { header } = firstBlock()
    const extraData = header.extraData.with(header.extraData.length - 1, 9)
    return { data: makeBlock({ ...header, extraData }, []).raw }
  },
  'unauthorized-signer': () => ({ data: resealed(firstBlock(), account(5), {}).raw }),
  'rlp-empty': () => ({ data: new Uint8Array(0) }),
  'rlp-truncated': () => ({ data: firstBlock().raw.slice(0, -1) }),
  'rlp-trailing-bytes': () => ({ data: concatBytes(firstBlock().raw, Uint8Array.of(0)) }),
  'rlp-non-canonical-size': () => ({ data: Uint8Array.of(0xf8, 3, 0xc0, 0xc0, 0xc0) }),
  'rlp-single-byte-prefixed': () => ({
    data: listAround(concatBytes(listAround(Uint8Array.of(0x81, 5)), Uint8Array.of(0xc0, 0xc0))),
  }),
  'rlp-too-deep': () => ({ data: encodeRlp([nested(70), [], []]) }),
  'block-not-a-list': () => ({ data: encodeRlp(new Uint8Array(60)) }),
  'block-field-count': () => ({ data: encodeRlp([[], []]) }),
  'header-not-a-list': () => ({ data: encodeRlp([new Uint8Array(3), [], []]) }),
  'header-field-count': () => ({ data: encodeRlp([[], [], []]) }),
  'header-field-malformed': () => ({
    data: encodeRlp([
      headerToRlp(firstBlock().header).map((item, at) => (at === 0 ? new Uint8Array(31) : item)),
      [],
      [],
    ]),
  }),
  'header-too-large': () => ({ data: encodeRlp([new Uint8Array(MAX_HEADER_BYTES + 1), [], []]) }),
  'header-extra-data-too-large': () =>
    withBody([[], []], { extraData: new Uint8Array(MAX_EXTRA_DATA_BYTES + 1) }),
  'transactions-not-a-list': () => withBody([new Uint8Array(3), []]),
  'transactions-too-many': () => withBody([Array.from({ length: 10_001 }, () => []), []]),
  'transaction-malformed': () => withBody([[Uint8Array.of(9)], []]),
  'uncles-not-a-list': () => withBody([[], new Uint8Array(3)]),
  'uncles-too-many': () => withBody([[], [[], [], []]]),
  'withdrawals-not-a-list': () => withBody([[], [], new Uint8Array(3)], SHANGHAI),
  'withdrawals-too-many': () => withBody([[], [], Array.from({ length: 257 }, () => [])], SHANGHAI),
  'withdrawals-missing': () => withBody([[], []], SHANGHAI),
  'withdrawals-unexpected': () => withBody([[], [], []]),
  'withdrawal-malformed': () => withBody([[], [], [[]]], SHANGHAI),
  'refused-parent': () => {
    const chain = testChain()
    const bad = resealed(nextBlock(chain).block, signer(), { stateRoot: hashOf('no state') })
    const child = sealedBlock({ parent: bad.header, sealer: signer() })
    return {
      data: child.raw,
      options: { chain },
      prepare: async (node) => void (await node.relay.submit('block', bad.raw, 'sealer')),
    }
  },
  'unknown-parent': () => withHeader({ parentHash: hashOf('nobody'), number: 2n }),
  'wrong-number': () => withHeader({ number: 2n }),
  'timestamp-too-early': () => withHeader({ timestamp: 0n }),
  'gas-limit-out-of-range': () => withHeader({ gasLimit: 4_999n }),
  'gas-limit-step-too-large': () => withHeader({ gasLimit: 31_000_000n }),
  'gas-used-above-limit': () => withHeader({ gasUsed: 30_000_001n }),
  'fork-fields': () => withBody([[], [], []], SHANGHAI),
  'wrong-base-fee': () => withHeader({ baseFeePerGas: 7n }),
  'blob-gas-used-out-of-range': () => inCancun({ blobGasUsed: 1n }),
  'wrong-excess-blob-gas': () => inCancun({ excessBlobGas: 2n ** 64n - 1n }),
  'extra-data-length': () => withHeader({ extraData: new Uint8Array(98) }),
  'wrong-difficulty': () => withHeader({ difficulty: 3n }),
  'uncles-not-empty': () => withHeader({ unclesHash: hashOf('uncles') }),
  'mix-hash-not-zero': () => withHeader({ mixHash: hashOf('mix') }),
  'nonce-not-zero': () => withHeader({ nonce: new Uint8Array(8).fill(255) }),
  'coinbase-not-zero': () => withHeader({ coinbase: account().address }),
  'recently-signed': () => {
    const chain = testChain({ signers: 3 })
    const [first] = testSigners(3)
    if (first === undefined) throw new Error('no signer')
    extend(chain, { signer: first })
    return { data: nextBlock(chain, { signer: first }).block.raw, options: { chain } }
  },
  'wrong-turn': () => withHeader({ difficulty: 1n }),
  'wrong-epoch-signers': () => {
    const chain = testChain({ file: withConfig({ clique: { period: 1, epoch: 1 } }) })
    const { block } = nextBlock(chain)
    const extraData = block.header.extraData.with(32, (block.header.extraData[32] ?? 0) ^ 1)
    return { data: resealed(block, signer(), { extraData }).raw, options: { chain } }
  },
  'third-block': () => ({
    data: nextBlock(testChain(), { lateS: 3 }).block.raw,
    prepare: async (node) => {
      for (const lateS of [0, 2])
        await node.receive('block', nextBlock(testChain(), { lateS }).block.raw)
    },
  }),
  'future-block': () => withHeader({ timestamp: 1_700_000_004n }),
  ...bodyRuleCases(),
  'bad-signature': () => withTransaction([unrecoverable()]),
  'verifier-overloaded': () => verifierCase('verifier-overloaded'),
  'verifier-deadline': () => verifierCase('verifier-deadline'),
  'verifier-closed': () => verifierCase('verifier-closed'),
  'chain-behind': () => ({
    data: firstBlock().raw,
    prepare: (node) => {
      node.imports.enqueue = () => false
    },
  }),
  'internal-error': () => ({
    data: firstBlock().raw,
    prepare: (node) => {
      node.senders.known = () => {
        throw new Error('a fault of this node')
      }
    },
  }),
}
