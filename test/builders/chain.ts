/**
 * Chains with a devnet's genesis, and valid blocks on them; a test changes the one thing it is
 * about.
 */
import { makeBlock, type Block } from '../../src/block/block.ts'
import { sealHeader } from '../../src/block/clique.ts'
import type { Header } from '../../src/block/header.ts'
import { assembleBlock, type AssembledBlock } from '../../src/chain/assemble.ts'
import { Chain } from '../../src/chain/chain.ts'
import type { HeadChange } from '../../src/chain/importOutcome.ts'
import { devnetGenesis, type GenesisJson } from '../../src/chain/genesis/devnetGenesis.ts'
import { parseGenesis, type Genesis } from '../../src/chain/genesis/genesis.ts'
import type { LedgerKind } from '../../src/chain/ledgerKind.ts'
import { chainLimits, type ChainLimits } from '../../src/chain/limits.ts'
import { signingTurn } from '../../src/chain/rules/sealRules.ts'
import { recoverSender } from '../../src/tx/signature.ts'
import type { Tx } from '../../src/tx/tx.ts'
import { accounts, type TestAccount } from './keys.ts'

export interface TestChainOptions {
  readonly signers?: number
  readonly periodS?: number
  readonly ledger?: LedgerKind
  readonly limits?: Partial<ChainLimits>
  /** Changes the genesis file. */
  readonly file?: (file: GenesisJson) => unknown
}

/** Signers in the order of their turns. */
export function testSigners(count: number): readonly TestAccount[] {
  return [...accounts(count)].sort((a, b) => (a.address < b.address ? -1 : 1))
}

/** The genesis of a devnet on which the accounts of test/builders/tx.ts have 10,000 ether each. */
export function testGenesis({ signers = 1, periodS = 1, file }: TestChainOptions = {}): Genesis {
  const json = devnetGenesis({ signers: testSigners(signers).map((s) => s.address), periodS })
  return parseGenesis(file === undefined ? json : file(json))
}

export function testChain(options: TestChainOptions = {}): Chain {
  const { ledger = 'transfers', limits = {} } = options
  return new Chain({
    genesis: testGenesis(options),
    ledger,
    limits: { ...chainLimits, ...limits },
  })
}

export interface ChildRecipe {
  readonly parent?: Block
  readonly txs?: readonly Tx[]
  /** By turn; the first that may seal, beginning with the one in turn, unless given. */
  readonly signer?: TestAccount
  /** Seconds after the earliest time that is allowed: makes siblings of one signer differ. */
  readonly lateS?: number
}

/** The next block on the head or another parent. It is not imported. */
export function nextBlock(chain: Chain, recipe: ChildRecipe = {}): AssembledBlock {
  const { parent = chain.head, txs = [], lateS = 0 } = recipe
  const signer = recipe.signer ?? freeSigner(chain, parent)
  const candidates = txs.map((tx) => ({ tx, sender: senderOf(tx) }))
  const periodS = chain.config.clique?.periodS ?? 1n
  return assembleBlock(chain, parent, candidates, {
    timestamp: parent.header.timestamp + periodS + BigInt(lateS),
    privateKey: signer.privateKey,
  })
}

/** Imports the next block; throws where it is not taken. */
export function extend(chain: Chain, recipe: ChildRecipe = {}): Block {
  const { block, senders } = nextBlock(chain, recipe)
  const outcome = chain.import(block, senders)
  if (outcome.status !== 'imported') throw new Error(JSON.stringify(outcome))
  return block
}

/** The block with other header fields under a seal that holds. */
export function resealed(block: Block, signer: TestAccount, change: Partial<Header>): Block {
  const header = sealHeader({ ...block.header, ...change }, signer.privateKey)
  return makeBlock(header, block.transactions, block.uncles)
}

export function sendersOf(block: Block) {
  return block.transactions.map(senderOf)
}

/** Every head change from now on. */
export function recordHeads(chain: Chain): HeadChange[] {
  const changes: HeadChange[] = []
  chain.heads.on((change) => changes.push(change))
  return changes
}

function senderOf(tx: Tx) {
  const sender = recoverSender(tx)
  if (sender === undefined) throw new Error(`transaction ${tx.hash} has no sender`)
  return sender
}

function freeSigner(chain: Chain, parent: Block): TestAccount {
  const signers = testSigners(chain.signers.length)
  const turns = signers.map((signer) => signingTurn(chain, parent, signer.address))
  const at = turns.includes('in-turn') ? turns.indexOf('in-turn') : turns.indexOf('out-of-turn')
  const signer = signers[at]
  if (signer === undefined) throw new Error(`nobody may seal on block ${parent.header.number}`)
  return signer
}
