/**
 * The chain as a node knows it: takes blocks in, keeps what may still matter, says which block is
 * the head.
 *
 * - A block enters only whole: its rules hold and, with the ledger of transfers, its execution
 *   comes to its roots.
 * - The head is the best block known (forkChoice.ts), whatever the order of arrival.
 * - Every number has one home (limits.ts): states and side blocks to the depth of a reorganisation,
 *   canonical blocks with their receipts in a store, in memory by default.
 * - Nothing a block says can make it throw: a bad block is an ordinary answer.
 */
import { cliqueSigners } from '../block/clique.ts'
import { nextBaseFee } from '../block/baseFee.ts'
import type { Block } from '../block/block.ts'
import type { Header } from '../block/header.ts'
import type { Receipt } from '../block/receipt.ts'
import type { Address } from '../crypto/address.ts'
import type { Hash } from '../crypto/keccak.ts'
import { assert } from '../lib/assert.ts'
import { BoundedMap } from '../lib/boundedMap.ts'
import { Emitter } from '../lib/emitter.ts'
import { atLeast } from '../tx/fork.ts'
import {
  MemoryBlockStore,
  type BlockStore,
  type DamagedBlock,
  type TxLocation,
} from './store/blockStore.ts'
import { storedGenesis } from './store/storedGenesis.ts'
import { BlockTree, type TreeBlock, type TreeChange } from './blockTree.ts'
import { ownWork, type ChainWork } from './chainWork.ts'
import type { ChainConfig } from './genesis/config.ts'
import { cliqueForkChoice, difficultyForkChoice, turnDistance } from './rules/forkChoice.ts'
import { forkAt } from './genesis/forks.ts'
import type { Genesis } from './genesis/genesis.ts'
import { BlockCheck } from './rules/blockCheck.ts'
import {
  isBlockRefusal,
  statelessRefusal,
  type BlockOutcome,
  type BlockRefusal,
} from './rules/judgeBlock.ts'
import type { ChainOptions, ChainRoot, MadeBlock } from './chainOptions.ts'
import { settledAtFirst, type Settled } from './checkpoint.ts'
import {
  refusedBlock,
  type HeadChange,
  type ImportOutcome,
  type ImportRefusalReason,
  type MendOutcome,
} from './importOutcome.ts'
import { assertLedgerRuns, type LedgerKind } from './ledgerKind.ts'
import {
  chainLimits,
  DEFAULT_CHECKPOINT_INTERVAL,
  storeBounds,
  type ChainLimits,
} from './limits.ts'
import { mendBlock } from './mendBlock.ts'
import type { ObservedAccounts } from './observedAccounts.ts'
import type { SealView } from './rules/sealRules.ts'
import type { AccountView, State } from './state.ts'

/** The blocks of one network, from its genesis to its head. */
export class Chain implements SealView {
  readonly genesis: Genesis
  readonly ledger: LedgerKind
  /** The signers of a Clique chain, ascending; of another chain none. */
  readonly signers: readonly Address[]
  /** Tells of every new head, after it stands and before `import` answers. */
  readonly heads = new Emitter<HeadChange>()
  /** Tells of every block that entered, canonical or not, after the head stands. */
  readonly entered = new Emitter<Block>()
  readonly checkpointInterval: number
  #settled: Settled
  readonly #limits: ChainLimits
  readonly #tree: BlockTree
  readonly #store: BlockStore
  /** Why each bad hash is bad. */
  readonly #bad: BoundedMap<Hash, ImportRefusalReason>
  readonly #accounts: ObservedAccounts | undefined
  readonly #work: ChainWork
  /** Who sealed which block; `undefined` where nobody can have. */
  readonly #sealers: BoundedMap<Hash, { readonly address: Address | undefined }>

  /** Throws an Error where the ledger cannot run a chain of this configuration. */
  constructor(options: ChainOptions) {
    const { genesis, ledger = 'transfers', limits = chainLimits, store } = options
    assertLedgerRuns(ledger, genesis.config)
    const { config, header } = genesis
    this.genesis = genesis
    this.ledger = ledger
    this.signers = config.clique === undefined ? [] : cliqueSigners(header.extraData)
    this.#limits = limits
    this.checkpointInterval = options.checkpointInterval ?? DEFAULT_CHECKPOINT_INTERVAL
    this.#settled = settledAtFirst(genesis.hash)
    this.#bad = new BoundedMap(limits.maxBadBlocks)
    this.#sealers = new BoundedMap(limits.maxSealers)
    this.#accounts = options.accounts
    this.#work = options.work ?? ownWork()
    this.#store = store ?? new MemoryBlockStore(storedGenesis(genesis), storeBounds(limits))
    const choice = config.clique === undefined ? difficultyForkChoice : cliqueForkChoice
    this.#tree = new BlockTree(
      this.#treeBlock(options.root ?? this.#genesisRoot()),
      choice,
      limits.maxReorgDepth,
    )
  }

  get config(): ChainConfig {
    return this.genesis.config
  }

  get chainId(): bigint {
    return this.config.chainId
  }

  get head(): Block {
    return this.#blockOf(this.#tree.head)
  }

  /** The accounts after the head: executed, else observed, else those of the genesis. */
  get state(): AccountView {
    return this.#tree.head.state ?? this.#accounts ?? this.genesis.state
  }

  /** The nonce of an account after the head; `undefined` where it is not beyond doubt. */
  knownNonce(address: Address): bigint | undefined {
    const { state } = this.#tree.head
    return state === undefined ? this.#accounts?.knownNonce(address) : state.nonce(address)
  }

  /** Of {@link Chain.root}. */
  get rootNumber(): bigint {
    return this.#tree.root.number
  }

  /** The canonical block below which no reorganisation reaches. */
  get root(): ChainRoot {
    const { totalDifficulty, state } = this.#tree.root
    return { block: this.#blockOf(this.#tree.root), totalDifficulty, state }
  }

  /** The highest justified block and the highest finalized one; the genesis is both at first. */
  get settled(): Settled {
    return this.#settled
  }

  /**
   * From now on the head descends from the justified block, and no block is taken that leaves the
   * finalized one. Blocks that are not known yet count once they come. What is final stays so.
   */
  settle(settled: Settled): void {
    const { justified, finalized } = settled
    assert(finalized.number >= this.#settled.finalized.number, 'finality never goes back')
    this.#settled = settled
    if (this.#tree.get(justified.hash) !== undefined)
      this.#follow(this.#tree.anchor(justified.hash))
    if (this.#store.isCanonical(finalized.hash, finalized.number))
      for (const block of this.#tree.dropBranchesBelow(finalized.number))
        this.#store.delete(block.hash)
  }

  /** Whether an unknown block is beside or below the finalized one: it is never taken. */
  leavesFinal(hash: Hash, blockNumber: bigint): boolean {
    const { number, hash: finalHash } = this.#settled.finalized
    if (number === 0n || blockNumber > number || hash === finalHash) return false
    return blockNumber === number || this.#store.isCanonical(finalHash, number)
  }

  /** Wei per gas in the block after the head, a second later; none before London. */
  nextBaseFee(): bigint | undefined {
    const { header } = this.#tree.head
    const fork = forkAt(this.config, header.number + 1n, header.timestamp + 1n)
    return atLeast(fork, 'london') ? nextBaseFee(header) : undefined
  }

  has(hash: Hash): boolean {
    return this.#store.get(hash) !== undefined
  }

  /** Any block kept, canonical or not. */
  block(hash: Hash): Block | undefined {
    return this.#store.get(hash)?.block
  }

  header(hash: Hash): Header | undefined {
    return this.#store.get(hash)?.block.header
  }

  /** The canonical block of a number. */
  blockByNumber(number: bigint): Block | undefined {
    return this.#store.canonical(number)?.block
  }

  totalDifficulty(hash: Hash): bigint | undefined {
    return this.#store.get(hash)?.totalDifficulty
  }

  /** The accounts after a block no deeper than a reorganisation reaches, or after the genesis. */
  stateAt(hash: Hash): State | undefined {
    return hash === this.genesis.hash ? this.genesis.state : this.#tree.get(hash)?.state
  }

  receipts(hash: Hash): readonly Receipt[] | undefined {
    return this.#store.get(hash)?.receipts
  }

  /** Who signed each transaction of a block, in their order, where that was said when it came. */
  senders(hash: Hash): readonly Address[] | undefined {
    return this.#store.get(hash)?.senders
  }

  /** Where a transaction stands in the canonical chain. */
  location(txHash: Hash): TxLocation | undefined {
    return this.#store.location(txHash)
  }

  /** The same, looked for among the newest blocks alone: never waits for a disk. */
  recentLocation(txHash: Hash): TxLocation | undefined {
    return this.#store.recentLocation(txHash)
  }

  sealer(hash: Hash, header: Header): Address | undefined {
    const known = this.#sealers.get(hash)
    if (known !== undefined) return known.address
    const address = this.#work.signerOf(header)
    this.#sealers.set(hash, { address })
    return address
  }

  /** Judges a block without accounts, on a known parent; {@link take} takes it after that. */
  check(block: Block): BlockCheck | undefined {
    const parent = this.header(block.header.parentHash)
    return parent && new BlockCheck(block, parent, this, this.#work.brokenBodyRule)
  }

  /**
   * Checks a block wholly and adds it. Never throws for anything a block says.
   *
   * @param senders who signed each of its transactions, in their order. They are trusted.
   */
  import(block: Block, senders: readonly Address[]): ImportOutcome {
    const parent = this.#placeOf(block)
    if ('status' in parent) return parent
    const check = new BlockCheck(block, parent.header, this, this.#work.brokenBodyRule)
    const refusal = statelessRefusal(check, senders)
    return refusal === undefined ? this.#execute(check, parent) : this.#refuse(block, refusal)
  }

  /** The same for a block whose rules without accounts were judged before. */
  take(check: BlockCheck): ImportOutcome {
    assert(check.isPassed && check.chain === this, 'the block was judged whole, by this chain')
    const parent = this.#placeOf(check.block)
    return 'status' in parent ? parent : this.#execute(check, parent)
  }

  /** Says who sealed our own block and what it comes to, so that nobody works it out again. */
  made({ hash }: Block, { sealer, outcome }: MadeBlock): void {
    this.#sealers.set(hash, { address: sealer })
    this.#work.made?.(hash, outcome)
  }

  /**
   * Tells of canonical blocks that were kept on disk and cannot be read any more;
   * {@link Chain.mend} takes them.
   */
  get damaged(): Emitter<DamagedBlock> {
    return this.#store.damaged
  }

  /**
   * Takes in again a canonical block that was damaged. It was judged when it came first, so its
   * hash and its roots suffice. Its total difficulty is told by the block before or after it, if
   * one of them is there.
   *
   * @param senders as for `import`.
   */
  mend(block: Block, senders: readonly Address[]): MendOutcome {
    return mendBlock(block, senders, this.#store, this)
  }

  /** Throws where a property of the chain does not hold. Walks all that is kept. */
  assertInvariants(): void {
    this.#tree.assertInvariants()
    this.#store.assertInvariants()
    const { maxSideBlocks, maxReorgDepth } = this.#limits
    assert(this.#tree.sideBlockCount <= maxSideBlocks + maxReorgDepth, 'side blocks are bounded')
    let block: TreeBlock | undefined = this.#tree.head
    for (; block !== undefined; block = this.#tree.get(block.header.parentHash)) {
      const stored = this.#store.canonical(block.number)
      assert(stored?.block.hash === block.hash, `tree and store agree on block ${block.number}`)
      assert(stored.totalDifficulty === block.totalDifficulty, 'and on its total difficulty')
      assert(
        block.state === undefined || block.state.root() === block.header.stateRoot,
        `the state of block ${block.number} has the root of its header`,
      )
    }
  }

  /** The parent to build on, or why there is nothing to judge. */
  #placeOf(block: Block): TreeBlock | ImportOutcome {
    if (this.#store.has(block.hash, block.header.number)) return { status: 'known' }
    const bad = this.#badness(block) ?? this.#contradiction(block)
    return bad ?? this.#tree.get(block.header.parentHash) ?? this.#withoutParent(block)
  }

  #contradiction(block: Block): ImportOutcome | undefined {
    if (!this.leavesFinal(block.hash, block.header.number)) return undefined
    const { number, hash } = this.#settled.finalized
    return refusedBlock('conflicts-with-finalized', `block ${number} is final, and it is ${hash}`)
  }

  #execute(check: BlockCheck, parent: TreeBlock): ImportOutcome {
    const outcome = this.#work.execute(check, parent)
    if (isBlockRefusal(outcome)) return this.#refuse(check.block, outcome)
    return this.#add(check.block, check.senders, parent, outcome)
  }

  #refuse({ hash }: Block, { reason, message, isFinal }: BlockRefusal): ImportOutcome {
    if (isFinal) this.#bad.set(hash, reason)
    return refusedBlock(reason, message)
  }

  #badness(block: Block): ImportOutcome | undefined {
    const known = this.#bad.get(block.hash)
    if (known !== undefined) return refusedBlock('known-bad-block', `refused before: ${known}`)
    if (!this.#bad.has(block.header.parentHash)) return undefined
    this.#bad.set(block.hash, 'bad-ancestor')
    return refusedBlock('bad-ancestor', `its parent ${block.header.parentHash} is a bad block`)
  }

  /**
   * Below the root no parent is asked for: the answer would be a fork from deeper than a
   * reorganisation reaches.
   */
  #withoutParent(block: Block): ImportOutcome {
    if (block.header.number > this.#tree.root.number && !this.has(block.header.parentHash))
      return { status: 'orphan' }
    const deepest = `block ${this.#tree.root.number} is the deepest that can be built on`
    return refusedBlock('too-deep', `${deepest}, ${block.header.number} is below`)
  }

  #add(
    block: Block,
    senders: readonly Address[],
    parent: TreeBlock,
    { state, receipts }: BlockOutcome,
  ): ImportOutcome {
    const totalDifficulty = parent.totalDifficulty + block.header.difficulty
    const added = this.#treeBlock({ block, totalDifficulty, state })
    const { maxSideBlocks } = this.#limits
    if (this.#tree.sideBlockCount >= maxSideBlocks && !this.#tree.isBetterThanHead(added))
      return refusedBlock('too-many-side-blocks', `${maxSideBlocks} are kept`)
    this.#store.put({ block, receipts, totalDifficulty, senders })
    const outcome = this.#follow(this.#tree.add(added))
    if (block.hash === this.#settled.justified.hash) this.settle(this.#settled)
    this.entered.emit(block)
    return outcome
  }

  #genesisRoot(): ChainRoot {
    const { block, header, state } = this.genesis
    const totalDifficulty = header.difficulty
    return { block, totalDifficulty, state: this.ledger === 'none' ? undefined : state }
  }

  #treeBlock({ block, totalDifficulty, state }: ChainRoot): TreeBlock {
    const { hash, header } = block
    const isSealed = this.signers.length > 0 && header.number > 0n
    const signer = isSealed ? this.sealer(hash, header) : undefined
    const distance = signer ? turnDistance(header.number, signer, this.signers) : 0n
    return { hash, number: header.number, header, state, totalDifficulty, turnDistance: distance }
  }

  #follow(change: TreeChange): ImportOutcome {
    if (change.added.length === 0) return { status: 'imported' }
    const added = change.added.map((block) => this.#blockOf(block))
    const dropped = change.dropped.map((block) => this.#blockOf(block))
    this.#store.reorganise(dropped, added)
    for (const block of change.pruned) this.#store.delete(block.hash)
    this.#accounts?.follow(dropped, added, (hash) => this.senders(hash))
    const headChange = { head: this.head, added, dropped }
    this.heads.emit(headChange)
    return { status: 'imported', headChange }
  }

  #blockOf({ hash }: TreeBlock): Block {
    const block = this.#store.get(hash)?.block
    assert(block !== undefined, `the store has block ${hash} of the tree`)
    return block
  }
}
