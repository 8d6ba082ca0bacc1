/**
 * The proof that the ledger of transfers is Ethereum's state transition: an independent client's
 * EVM executes our blocks from the same genesis and must come to the roots in their headers.
 */
import { createBlockFromRLP } from '@ethereumjs/block'
import { createCommonFromGethGenesis, parseGethGenesisState, type Common } from '@ethereumjs/common'
import { MerkleStateManager } from '@ethereumjs/statemanager'
import { bytesToHex } from '@ethereumjs/util'
import { createVM, runBlock, type VM } from '@ethereumjs/vm'
import { describe, expect, test } from 'vitest'
import { assembleBlock, type BlockCandidate } from '../../src/chain/assemble.ts'
import { Chain } from '../../src/chain/chain.ts'
import { devnetGenesis, type GenesisJson } from '../../src/chain/genesis/devnetGenesis.ts'
import { parseGenesis } from '../../src/chain/genesis/genesis.ts'
import { parseAddress, ZERO_ADDRESS, type Address } from '../../src/crypto/address.ts'
import { seededRandom, type Random } from '../../src/lib/random.ts'
import type { Tx } from '../../src/tx/tx.ts'
import { testSigners } from '../builders/chain.ts'
import type { TestAccount } from '../builders/keys.ts'
import { GWEI, signedTransfer, testAccount } from '../builders/tx.ts'

const signers = testSigners(3)
/** In the genesis without anything: there until somebody touches it. */
const EMPTY_ACCOUNT = parseAddress(`0x${'ee'.repeat(20)}`) ?? ZERO_ADDRESS
const BLOCKS = 20
const SENDERS = 10

function genesisFile(random: Random): GenesisJson {
  const file = devnetGenesis({ signers: signers.map(({ address }) => address), periodS: 1 })
  const poor = {
    [signers[0]?.address ?? ZERO_ADDRESS]: { balance: `0x${random.int(10).toString(16)}` },
  }
  return { ...file, alloc: { ...file.alloc, ...poor, [EMPTY_ACCOUNT]: { balance: '0x0' } } }
}

describe('blocks assembled from random transfers', () => {
  test.each([1, 2, 3])('come to the same roots in an independent EVM (seed %i)', async (seed) => {
    const random = seededRandom(seed)
    const file = genesisFile(random)
    const chain = new Chain({ genesis: parseGenesis(file) })
    const vm = await independentVm(file)
    let executed = 0
    for (let i = 0; i < BLOCKS; i++) {
      const { block, senders } = assembleBlock(chain, chain.head, candidates(random, chain), {
        timestamp: chain.head.header.timestamp + 1n + BigInt(random.int(3)),
        privateKey: signerOf(chain).privateKey,
      })
      expect(chain.import(block, senders)).toMatchObject({ status: 'imported' })
      await replay(vm, block.raw)
      executed += block.transactions.length
    }
    chain.assertInvariants()
    expect(executed).toBeGreaterThan(250)
  })
})

interface Independent {
  readonly vm: VM
  readonly common: Common
}

async function independentVm(file: GenesisJson): Promise<Independent> {
  const common = createCommonFromGethGenesis(file as never, { chain: 'devnet', hardfork: 'london' })
  const stateManager = new MerkleStateManager({ common })
  await stateManager.generateCanonicalGenesis(parseGethGenesisState(file as never))
  return { common, vm: await createVM({ common, stateManager }) }
}

/**
 * Throws where transactions trie, gas used, receipts root, bloom or state root differ from the
 * header.
 */
async function replay({ vm, common }: Independent, raw: Uint8Array): Promise<void> {
  const block = createBlockFromRLP(raw, { common })
  const result = await runBlock(vm, { block, skipHeaderValidation: true })
  expect(bytesToHex(result.stateRoot)).toBe(bytesToHex(block.header.stateRoot))
  expect(bytesToHex(result.receiptsRoot)).toBe(bytesToHex(block.header.receiptTrie))
  expect(result.gasUsed).toBe(block.header.gasUsed)
}

/** The signer in turn, who never waits when all take turns. */
function signerOf(chain: Chain): TestAccount {
  const turn = Number((chain.head.header.number + 1n) % BigInt(signers.length))
  return signers[turn] ?? testAccount()
}

/**
 * Transfers of every kind, most executable, some not: those must be passed over without a trace.
 */
function candidates(random: Random, chain: Chain): BlockCandidate[] {
  const count = 8 + random.int(20)
  const nonces = new Map<number, bigint>()
  return Array.from({ length: count }, () => {
    const from = random.int(SENDERS)
    const sender = testAccount(from).address
    const nonce = nonces.get(from) ?? chain.state.nonce(sender)
    nonces.set(from, nonce + 1n)
    return { tx: randomTransfer(random, { from, nonce, sender, chain }), sender }
  })
}

interface Origin {
  readonly from: number
  readonly nonce: bigint
  readonly sender: Address
  readonly chain: Chain
}

function randomTransfer(random: Random, { from, nonce, sender, chain }: Origin): Tx {
  const type = random.int(3) as 0 | 1 | 2
  const baseFee = chain.nextBaseFee() ?? 0n
  const tip = tips(chain)[random.int(4)] ?? 0n
  const data = randomData(random)
  const accessList = type === 0 ? [] : randomAccessList(random)
  const slots = accessList.reduce((sum, { storageKeys }) => sum + storageKeys.length, 0)
  const dataGas = data.reduce((gas, byte) => gas + (byte === 0 ? 4 : 16), 0)
  const intrinsic = 21_000n + BigInt(dataGas + accessList.length * 2400 + slots * 1900)
  const cap = baseFee + (random.int(3) === 0 ? 0n : tip)
  return signedTransfer({
    from,
    nonce: random.int(40) === 0 ? nonce + 1n : nonce,
    type,
    to: randomRecipient(random, sender),
    value: randomValue(random, chain.state.balance(sender)),
    data,
    accessList,
    gasLimit: intrinsic + BigInt(random.int(2) * random.int(100_000)),
    maxFeePerGas: type === 2 ? cap + BigInt(random.int(3)) * GWEI : cap,
    maxPriorityFeePerGas: type === 2 ? (tip < cap ? tip : cap) : cap,
  })
}

/**
 * At first nobody tips, so that signers who are not in the genesis are touched and must not come to
 * be.
 */
function tips(chain: Chain): readonly bigint[] {
  return chain.head.header.number < 4n ? [] : [0n, 1n, GWEI, 7n * GWEI]
}

function randomRecipient(random: Random, sender: Address): Address {
  const signer = signers[random.int(signers.length)]?.address
  const absent = parseAddress(
    `0x${(2n ** 150n + BigInt(random.int(40))).toString(16).padStart(40, '0')}`,
  )
  const choices = [sender, signer, EMPTY_ACCOUNT, absent, absent, ZERO_ADDRESS]
  return choices[random.int(choices.length * 2)] ?? testAccount(random.int(SENDERS)).address
}

function randomValue(random: Random, balance: bigint): bigint {
  const choices = [0n, 1n, 10n ** 18n, balance / 3n, balance]
  return choices[random.int(choices.length + 3)] ?? BigInt(random.int(1_000_000))
}

function randomData(random: Random): Uint8Array {
  const length = random.int(3) === 0 ? random.int(200) : 0
  return Uint8Array.from({ length }, () => (random.int(2) === 0 ? 0 : random.int(256)))
}

function randomAccessList(random: Random) {
  return Array.from({ length: random.int(4) }, () => ({
    address: testAccount(random.int(SENDERS)).address,
    storageKeys: Array.from({ length: random.int(3) }, (_, at) => storageKey(at)),
  }))
}

function storageKey(at: number) {
  return `0x${at.toString(16).padStart(64, '0')}` as Tx['hash']
}
