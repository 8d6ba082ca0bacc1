import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { makeBlock, type Block } from '../../src/block/block.ts'
import { Chain } from '../../src/chain/chain.ts'
import type { GenesisJson } from '../../src/chain/genesis/devnetGenesis.ts'
import { parseGenesis } from '../../src/chain/genesis/genesis.ts'
import { ObservedAccounts } from '../../src/chain/observedAccounts.ts'
import type { Address } from '../../src/crypto/address.ts'
import { recoverSender } from '../../src/tx/signature.ts'
import type { Tx } from '../../src/tx/tx.ts'
import { nextBlock, sendersOf, testChain, testGenesis } from '../builders/chain.ts'
import { signedTransfer, testAccount } from '../builders/tx.ts'
import { vectorChain } from '../builders/vectorChain.ts'

const ALICE = testAccount(0).address
const BOB = testAccount(1).address
const STRANGER = `0x${'77'.repeat(20)}` as Address

function vectorGenesis() {
  const file = new URL('../vectors/rpc/genesis.json', import.meta.url)
  return parseGenesis(JSON.parse(readFileSync(file, 'utf8')))
}

/** As for blocks that came without their senders. */
const unknown = (): undefined => undefined

function observed(maxAccounts = 100): ObservedAccounts {
  return new ObservedAccounts(testGenesis(), { maxAccounts })
}

/** A block with these transactions; nothing else of it is looked at. */
function blockOf(...txs: readonly Tx[]): Block {
  return makeBlock(testGenesis().header, txs)
}

function transfer(from: number, nonce: bigint): Tx {
  return signedTransfer({ from, nonce })
}

describe('accounts as blocks show them', () => {
  test('of a recorded chain have the nonces that its transactions and its authorization leave', () => {
    const genesis = vectorGenesis()
    const accounts = new ObservedAccounts(genesis)
    const chain = new Chain({ genesis, ledger: 'none', accounts })
    const next = new Map<Address, bigint>()
    for (const block of vectorChain()) {
      expect(chain.import(block, sendersOf(block))).toMatchObject({ status: 'imported' })
      for (const tx of block.transactions) next.set(recoverSender(tx) ?? STRANGER, tx.nonce + 1n)
    }
    expect(chain.state).toBe(accounts)
    for (const [sender, nonce] of next) expect(accounts.nonce(sender)).toBe(nonce)
    expect(accounts.nonce('0xeda8645ba6948855e3b3cd596bbb07596d59c603' as Address)).toBe(1n)
  })

  test('that signed nothing have the nonce of the genesis', () => {
    const file = (json: object) => ({
      ...json,
      alloc: { [STRANGER]: { balance: '0', nonce: '7' } },
    })
    const accounts = new ObservedAccounts(testGenesis({ file }))
    expect([accounts.nonce(STRANGER), accounts.nonce(ALICE)]).toEqual([7n, 0n])
  })

  test('can always pay', () => {
    expect(observed().balance()).toBe(2n ** 256n - 1n)
  })

  test('are those of the senders that came with a block, which are not recovered again', () => {
    const accounts = observed()
    const block = blockOf(transfer(0, 4n))
    accounts.follow([], [block], (hash) => (hash === block.hash ? [STRANGER] : undefined))
    expect([accounts.nonce(STRANGER), accounts.nonce(ALICE)]).toEqual([5n, 0n])
  })

  test('go back where blocks leave the chain', () => {
    const accounts = observed()
    const first = blockOf(transfer(0, 0n), transfer(1, 0n))
    const old = blockOf(transfer(0, 1n), transfer(0, 2n))
    const fresh = blockOf(transfer(1, 1n))
    accounts.follow([], [first, old], unknown)
    expect([accounts.nonce(ALICE), accounts.nonce(BOB)]).toEqual([3n, 1n])
    accounts.follow([old], [fresh], unknown)
    expect([accounts.nonce(ALICE), accounts.nonce(BOB)]).toEqual([1n, 2n])
  })

  test('follow the head of their chain, reorganisations included', () => {
    const accounts = new ObservedAccounts(testGenesis({ signers: 2 }))
    const executing = testChain({ signers: 2 })
    const chain = new Chain({ genesis: testGenesis({ signers: 2 }), ledger: 'none', accounts })
    const seen: bigint[] = []
    chain.heads.on(() => seen.push(chain.state.nonce(ALICE)))
    const one = nextBlock(executing, { txs: [transfer(0, 0n)] })
    const other = nextBlock(executing, { lateS: 1 })
    chain.import(one.block, one.senders)
    chain.import(other.block, other.senders)
    executing.import(other.block, other.senders)
    const child = nextBlock(executing, { parent: other.block })
    chain.import(child.block, child.senders)
    expect(chain.head.hash).toBe(child.block.hash)
    expect(seen.at(0)).toBe(1n)
    expect(seen.at(-1)).toBe(0n)
  })

  test('are bounded: who signed longest ago counts as new', () => {
    const accounts = observed(2)
    accounts.follow([], [blockOf(transfer(0, 0n), transfer(1, 0n), transfer(2, 0n))], unknown)
    expect([accounts.nonce(ALICE), accounts.nonce(BOB)]).toEqual([0n, 1n])
  })

  describe('are known beyond doubt', () => {
    const chainFile =
      (config: object, alloc: object = {}) =>
      (json: GenesisJson) => ({
        ...json,
        config: { ...json.config, ...config },
        alloc: { ...json.alloc, ...alloc },
      })
    const shown = (number: bigint, ...txs: readonly Tx[]): Block => {
      const block = blockOf(...txs)
      return { ...block, header: { ...block.header, number } }
    }

    test('where they signed, or stood in the genesis without code and all blocks were seen', () => {
      const code = { [STRANGER]: { balance: '0', nonce: '7', code: '0x60' } }
      const accounts = new ObservedAccounts(testGenesis({ file: chainFile({}, code) }))
      accounts.follow([], [shown(1n, transfer(0, 4n))], unknown)
      expect(accounts.knownNonce(ALICE)).toBe(5n)
      expect(accounts.knownNonce(BOB)).toBe(0n)
      expect(accounts.knownNonce(STRANGER)).toBeUndefined()
      expect(accounts.knownNonce(`0x${'78'.repeat(20)}` as Address)).toBeUndefined()
    })

    test('only where they signed, once blocks are missing or accounts were forgotten', () => {
      const late = observed()
      late.follow([], [shown(900n, transfer(0, 4n))], unknown)
      expect([late.knownNonce(ALICE), late.knownNonce(BOB)]).toEqual([5n, undefined])
      const few = observed(1)
      few.follow([], [shown(1n, transfer(0, 0n), transfer(2, 0n))], unknown)
      expect([few.knownNonce(ALICE), few.knownNonce(BOB)]).toEqual([undefined, undefined])
    })

    test('not where their account may run code, which may make contracts (EIP-7702)', () => {
      const forks = { shanghaiTime: 0, cancunTime: 0, pragueTime: 0 }
      const genesis = testGenesis({ file: chainFile(forks) })
      const late = new ObservedAccounts(genesis)
      late.follow([], [shown(900n, transfer(0, 4n))], unknown)
      expect(late.knownNonce(ALICE)).toBeUndefined()
      const whole = new ObservedAccounts(genesis)
      whole.follow([], [shown(1n, transfer(0, 4n))], unknown)
      expect(whole.knownNonce(ALICE)).toBe(5n)
      const recorded = new ObservedAccounts(vectorGenesis())
      recorded.follow([], vectorChain(), unknown)
      const delegated = '0xeda8645ba6948855e3b3cd596bbb07596d59c603' as Address
      expect([recorded.nonce(delegated), recorded.knownNonce(delegated)]).toEqual([1n, undefined])
    })
  })

  test('ignore an authorization whose nonce is not due', () => {
    const accounts = new ObservedAccounts(vectorGenesis())
    const block = vectorChain().find(({ transactions }) => transactions.some((tx) => tx.type === 4))
    if (block === undefined) throw new Error('the recorded chain has an authorization')
    accounts.follow([], [block, block], unknown)
    expect(accounts.nonce('0xeda8645ba6948855e3b3cd596bbb07596d59c603' as Address)).toBe(1n)
    accounts.follow([block], [], unknown)
    expect(accounts.nonce('0xeda8645ba6948855e3b3cd596bbb07596d59c603' as Address)).toBe(0n)
  })
})
