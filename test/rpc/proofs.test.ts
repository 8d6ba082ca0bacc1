import { keccak256 as oracleKeccak } from 'viem'
import { verifyMerkleProof } from '@ethereumjs/mpt'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Trie } from '../../src/block/trie.ts'
import { asHash, keccak256 } from '../../src/crypto/keccak.ts'
import { hexToBytes, type Hex } from '../../src/lib/bytes.ts'
import { decodeRlp } from '../../src/lib/rlp.ts'
import { rpcCaller, rpcNode } from '../builders/rpc.ts'
import { RECIPIENT, signedTransfer, testAccount } from '../builders/tx.ts'

const [SENDER, CONTRACT] = [testAccount().address, `0x${'c0'.repeat(20)}`]
const STRANGER = `0x${'5a'.repeat(20)}`
const NO_HASH = `0x${'00'.repeat(32)}`

interface Proof {
  readonly balance: Hex
  readonly nonce: Hex
  readonly codeHash: Hex
  readonly storageHash: Hex
  readonly accountProof: readonly Hex[]
  readonly storageProof: readonly {
    readonly key: string
    readonly value: Hex
    readonly proof: readonly Hex[]
  }[]
}

/**
 * What an implementation that is not ours reads of a proof; null where it proves that there is
 * nothing.
 */
function proven(root: Hex, key: Hex, proof: readonly Hex[]): Promise<Uint8Array | null> {
  const path = keccak256(hexToBytes(key))
  return verifyMerkleProof(path, proof.map(hexToBytes), {
    root: hexToBytes(root),
    useKeyHashing: false,
  })
}

/** A node whose genesis has a contract with three words of storage, and one transfer in a block. */
function nodeWithStorage() {
  const word = (at: number): string => `0x${at.toString(16).padStart(64, '0')}`
  const storage = { [word(0)]: '0x2a', [word(1)]: '0x01', [word(255)]: `0x${'ff'.repeat(32)}` }
  const alloc = { balance: '0x0', code: '0x6001', storage }
  const node = rpcNode({
    chain: { file: (file) => ({ ...file, alloc: { ...file.alloc, [CONTRACT]: alloc } }) },
  })
  node.seal([signedTransfer({ value: 5n })])
  return node
}

describe('eth_getProof', () => {
  test.each([SENDER, RECIPIENT, CONTRACT])(
    'proves the account %s to another verifier',
    async (of) => {
      const node = nodeWithStorage()
      const proof = (await rpcCaller(node).result('eth_getProof', of, [], 'latest')) as Proof
      const encoded = await proven(node.chain.head.header.stateRoot, of as Hex, proof.accountProof)
      const [nonce, balance, storageHash, codeHash] = decodeRlp(
        encoded ?? new Uint8Array(),
      ) as Uint8Array[]
      expect(BigInt(proof.balance)).toBe(toBigint(balance))
      expect(BigInt(proof.nonce)).toBe(toBigint(nonce))
      expect(proof.storageHash).toBe(asHash(storageHash ?? new Uint8Array()))
      expect(proof.codeHash).toBe(asHash(codeHash ?? new Uint8Array()))
      expect(oracleKeccak(proof.accountProof[0] ?? '0x')).toBe(node.chain.head.header.stateRoot)
    },
  )

  test('proves that an account is not there, and answers as geth what it has', async () => {
    const node = nodeWithStorage()
    const proof = (await rpcCaller(node).result('eth_getProof', STRANGER, ['0x0'])) as Proof
    expect(proof).toMatchObject({
      balance: '0x0',
      nonce: '0x0',
      codeHash: NO_HASH,
      storageHash: NO_HASH,
      storageProof: [{ key: '0x0', value: '0x0', proof: [] }],
    })
    const root = node.chain.head.header.stateRoot
    expect(await proven(root, STRANGER as Hex, proof.accountProof)).toBeNull()
  })

  test('proves words of storage, named as they were asked for', async () => {
    const asked = ['0x0', `0x${'00'.repeat(32)}`, '0xff', '0x7']
    const answer = await rpcCaller(nodeWithStorage()).result('eth_getProof', CONTRACT, asked)
    const { storageHash, storageProof } = answer as Proof
    expect(storageProof.map(({ key }) => key)).toEqual(asked)
    expect(storageProof.map(({ value }) => value)).toEqual([
      '0x2a',
      '0x2a',
      `0x${'ff'.repeat(32)}`,
      '0x0',
    ])
    for (const { key, value, proof } of storageProof) {
      const word = `0x${key.slice(2).padStart(64, '0')}` as const
      const encoded = await proven(storageHash, word, proof)
      const decoded = encoded === null ? new Uint8Array() : decodeRlp(encoded)
      expect(toBigint(decoded as Uint8Array)).toBe(BigInt(value))
    }
  })

  test('refuses keys and addresses that are none', async () => {
    const caller = rpcCaller(rpcNode())
    expect(await caller.error('eth_getProof', SENDER, ['0xzz'])).toMatchObject({ code: -32602 })
    expect(await caller.error('eth_getProof', SENDER, 'key')).toMatchObject({ code: -32602 })
    expect(await caller.error('eth_getProof', '0x12', [])).toMatchObject({ code: -32602 })
    expect(await caller.error('eth_getProof', SENDER, [], '0x99')).toMatchObject({
      message: 'header not found',
    })
  })
})

test('a trie proves every key that it has, and that it has no other', async () => {
  const keyOf = (name: number): Uint8Array => keccak256(Uint8Array.of(name))
  const byte = fc.nat(255)
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(byte, { minLength: 1 }), byte, async (names, other) => {
      const trie = Trie.from(
        names.map((name) => [keyOf(name), new Uint8Array(40).fill(1 + (name % 255))] as const),
      )
      for (const key of [...names, other].map(keyOf)) {
        const found = await verifyMerkleProof(key, trie.prove(key), {
          root: hexToBytes(trie.root()),
          useKeyHashing: false,
        })
        expect(found === null ? undefined : new Uint8Array(found)).toEqual(trie.get(key))
      }
    }),
    { numRuns: 30 },
  )
})

describe('eth_createAccessList', () => {
  const warm = { address: RECIPIENT, storageKeys: [] }
  const cold = { address: STRANGER, storageKeys: [`0x${'07'.repeat(32)}`] }

  test('answers a transfer what the public vectors do: nothing to list, the gas of a transfer', async () => {
    const caller = rpcCaller(rpcNode())
    expect(
      await caller.result('eth_createAccessList', { from: SENDER, to: RECIPIENT, value: '0xa' }),
    ).toEqual({
      accessList: [],
      gasUsed: '0x5208',
    })
    expect(await caller.result('eth_createAccessList', { from: STRANGER, to: RECIPIENT })).toEqual({
      accessList: [],
      gasUsed: '0x5208',
    })
  })

  test('keeps what was given but accounts that are warm anyway', async () => {
    const request = { from: SENDER, to: RECIPIENT, accessList: [warm, cold] }
    expect(await rpcCaller(rpcNode()).result('eth_createAccessList', request)).toEqual({
      accessList: [cold],
      gasUsed: `0x${(21_000 + 2_400 + 1_900).toString(16)}`,
    })
  })

  test('refuses code, and what the sender cannot pay', async () => {
    const caller = rpcCaller(rpcNode())
    const creation = { from: SENDER, data: '0x6001' }
    expect(await caller.error('eth_createAccessList', creation)).toMatchObject({
      data: { reason: 'contract-creation' },
    })
    const poor = { from: STRANGER, to: RECIPIENT, value: '0x1' }
    expect(await caller.error('eth_createAccessList', poor)).toMatchObject({
      data: { reason: 'insufficient-funds' },
    })
  })
})

function toBigint(bytes: Uint8Array | undefined): bigint {
  return bytes === undefined || bytes.length === 0
    ? 0n
    : BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}
