/**
 * A network of signers without sockets, signatures and time: blocks and votes reach each node in an
 * order of the seed's, some late, some only when a partition has healed. The votes, the links that
 * count and what an honest signer votes for are those of the product; the chain is a tree of names.
 * Equivocators vote for every fork there is, from every source.
 */
import type { Checkpoint, Settled } from '../../src/chain/checkpoint.ts'
import type { Address } from '../../src/crypto/address.ts'
import type { Hash } from '../../src/crypto/keccak.ts'
import { descends, Justification, type CheckpointView } from '../../src/finality/justification.ts'
import { EvidenceBook } from '../../src/finality/slashing.ts'
import type { VoteLink, Vote } from '../../src/finality/vote.ts'
import { nextLink } from '../../src/finality/voter.ts'
import { VoteStore } from '../../src/finality/voteStore.ts'
import { seededRandom, type Random } from '../../src/lib/random.ts'

export interface ModelOptions {
  readonly seed: number
  readonly signers: number
  readonly equivocators: number
  readonly interval: number
  /** Steps with late messages and forks, before the calm ones in which everything arrives. */
  readonly wildSteps: number
  readonly calmBlocks: number
}

interface ModelBlock extends Checkpoint {
  readonly parentHash: Hash
}

type Message = { readonly block: ModelBlock } | { readonly vote: Vote }

const GENESIS: ModelBlock = { number: 0n, hash: nameOf(0), parentHash: nameOf(0) }
const UNSIGNED = new Uint8Array(0)

function nameOf(index: number): Hash {
  return `0x${index.toString(16).padStart(64, '0')}` as Hash
}

function addressOf(index: number): Address {
  return `0x${(index + 1).toString(16).padStart(40, '0')}` as Address
}

function pick<T>(random: Random, values: readonly T[]): T | undefined {
  return values[Math.floor(random.next() * values.length)]
}

/** One honest node: what it knows, what it holds to and what it has voted for. */
class ModelNode implements CheckpointView {
  readonly votes: VoteStore
  readonly evidence = new EvidenceBook()
  readonly inbox: Message[] = []
  readonly finals: Checkpoint[] = []
  readonly #blocks = new Map<Hash, ModelBlock>([[GENESIS.hash, GENESIS]])
  readonly #justification: Justification
  readonly #interval: bigint
  /** Blocks whose parent has not come. */
  #orphans: ModelBlock[] = []
  #votedUpTo = { source: 0n, target: 0n }
  head = GENESIS

  constructor({ signers, interval }: ModelOptions) {
    this.votes = new VoteStore(signers)
    this.#interval = BigInt(interval)
    this.#justification = new Justification(interval, { justified: GENESIS, finalized: GENESIS })
  }

  get settled(): Settled {
    return this.#justification.settled
  }

  header(hash: Hash): ModelBlock | undefined {
    return this.#blocks.get(hash)
  }

  /** On the chain of the head. */
  blockByNumber(number: bigint): ModelBlock | undefined {
    let block: ModelBlock | undefined = this.head
    while (block !== undefined && block.number > number) block = this.#blocks.get(block.parentHash)
    return block
  }

  take(message: Message): void {
    if ('block' in message) {
      this.#orphans.push(message.block)
      this.#adopt()
    } else this.#takeVote(message.vote)
    this.#advance()
  }

  /** What this signer would vote for now; it counts as voted. */
  vote(): VoteLink | undefined {
    const number = this.head.number - (this.head.number % this.#interval)
    const target = this.blockByNumber(number) ?? GENESIS
    const link = nextLink(this.settled.justified, target, this.#votedUpTo)
    if (link !== undefined)
      this.#votedUpTo = { source: link.source.number, target: link.target.number }
    return link
  }

  #takeVote(vote: Vote): void {
    if (this.votes.novelty(vote.signer, vote) !== 'new') return
    for (const one of this.votes.add(vote)) this.evidence.add(one)
  }

  #adopt(): void {
    for (let known = -1; known !== this.#blocks.size;) {
      known = this.#blocks.size
      this.#orphans = this.#orphans.filter((block) => {
        if (!this.#blocks.has(block.parentHash)) return true
        this.#blocks.set(block.hash, block)
        return false
      })
    }
    this.#chooseHead()
  }

  #advance(): void {
    const links = this.votes
      .heights()
      .flatMap((height) => this.votes.linksAt(height).filter((link) => this.votes.hasQuorum(link)))
    const before = this.settled.finalized
    if (!this.#justification.apply(links, this)) return
    if (this.settled.finalized !== before) this.finals.push(this.settled.finalized)
    this.#chooseHead()
  }

  /** The longest chain, then the lower hash, among what descends from the justified block. */
  #chooseHead(): void {
    let best: ModelBlock | undefined
    for (const block of this.#blocks.values())
      if (isBetter(block, best) && descends(this, block, this.settled.justified)) best = block
    if (best !== undefined) this.head = best
  }
}

function isBetter(block: ModelBlock, best: ModelBlock | undefined): boolean {
  if (best === undefined || block.number !== best.number)
    return best === undefined || block.number > best.number
  return block.hash < best.hash
}

/** What a run came to. */
export interface ModelOutcome {
  readonly nodes: readonly ModelNode[]
  /** Everything that any honest node ever held final. */
  readonly finals: readonly Checkpoint[]
  readonly isOneChain: boolean
  /** Final at every node when the calm began, and in the end. */
  readonly finalBeforeCalm: bigint
  readonly finalAtLast: bigint
  /** Equivocators that contradicted themselves in what they sent. */
  readonly contradicted: readonly Address[]
}

class Model {
  readonly #options: ModelOptions
  readonly #random: Random
  readonly #nodes: readonly ModelNode[]
  readonly #blocks = new Map<Hash, ModelBlock>([[GENESIS.hash, GENESIS]])
  readonly #sent = new Map<Address, VoteLink[]>()
  #names = 1
  #cut = 0

  constructor(options: ModelOptions) {
    this.#options = options
    this.#random = seededRandom(options.seed)
    const honest = options.signers - options.equivocators
    this.#nodes = Array.from({ length: honest }, () => new ModelNode(options))
  }

  run(): ModelOutcome {
    for (let step = 0; step < this.#options.wildSteps; step++) this.#wildStep()
    this.#deliverAll()
    const finalBeforeCalm = this.#lowestFinal()
    for (let block = 0; block < this.#options.calmBlocks; block++) {
      this.#seal(this.#nodes[block % this.#nodes.length])
      this.#deliverAll()
      this.#voteAll()
      this.#deliverAll()
    }
    const finals = this.#nodes.flatMap((node) => node.finals)
    return {
      nodes: this.#nodes,
      finals,
      isOneChain: finals.every((a) => finals.every((b) => this.#isOneChain(a, b))),
      finalBeforeCalm,
      finalAtLast: this.#lowestFinal(),
      contradicted: [...this.#sent]
        .filter(([, links]) => isDouble(links))
        .map(([signer]) => signer),
    }
  }

  #wildStep(): void {
    const roll = this.#random.next()
    if (roll < 0.05) this.#cut = Math.floor(this.#random.next() * this.#nodes.length)
    else if (roll < 0.1) this.#cut = 0
    else if (roll < 0.35) this.#seal(pick(this.#random, this.#nodes))
    else if (roll < 0.5) this.#voteAll()
    else if (roll < 0.6) this.#equivocate()
    else this.#deliverSome()
  }

  #seal(by: ModelNode | undefined): void {
    const parent = by?.head
    if (parent === undefined) return
    const block = {
      number: parent.number + 1n,
      hash: nameOf(this.#names++),
      parentHash: parent.hash,
    }
    this.#blocks.set(block.hash, block)
    by?.take({ block })
    this.#send({ block })
  }

  #voteAll(): void {
    for (const [index, node] of this.#nodes.entries()) {
      const link = node.vote()
      if (link !== undefined) this.#sendVote(index, link)
    }
  }

  /**
   * Each votes for some block of some height from some block below it that somebody holds
   * justified.
   */
  #equivocate(): void {
    const interval = BigInt(this.#options.interval)
    for (let at = 0; at < this.#options.equivocators; at++) {
      const checkpoints = [...this.#blocks.values()].filter(
        ({ number }) => number > 0n && number % interval === 0n,
      )
      const target = pick(this.#random, checkpoints.slice(-6))
      const source = pick(this.#random, this.#nodes)?.settled.justified
      if (target === undefined || source === undefined || source.number >= target.number) continue
      const index = this.#nodes.length + at
      this.#sendVote(index, { source, target })
      const links = this.#sent.get(addressOf(index)) ?? []
      this.#sent.set(addressOf(index), [...links, { source, target }])
    }
  }

  #sendVote(index: number, { source, target }: VoteLink): void {
    const signer = addressOf(index)
    const hash = nameOf(0x1000000 + this.#names++)
    const signature = { signature: UNSIGNED, yParity: 0 } as const
    const vote: Vote = { source, target, signer, hash, raw: UNSIGNED, ...signature }
    this.#send({ vote })
  }

  #send(message: Message): void {
    for (const node of this.#nodes) node.inbox.push(message)
  }

  /** One message of one node, any of those that wait; those beyond the cut get none. */
  #deliverSome(): void {
    const index = Math.floor(this.#random.next() * this.#nodes.length)
    const node = this.#nodes[index]
    if (node === undefined || index < this.#cut || node.inbox.length === 0) return
    const at = Math.floor(this.#random.next() * Math.min(4, node.inbox.length))
    for (const message of node.inbox.splice(at, 1)) node.take(message)
  }

  #deliverAll(): void {
    for (const node of this.#nodes) for (const message of node.inbox.splice(0)) node.take(message)
  }

  #lowestFinal(): bigint {
    return this.#nodes
      .map((node) => node.settled.finalized.number)
      .reduce((low, one) => (one < low ? one : low))
  }

  #isOneChain(a: Checkpoint, b: Checkpoint): boolean {
    const [low, upper] = a.number < b.number ? [a, b] : [b, a]
    let high = this.#blocks.get(upper.hash)
    while (high !== undefined && high.number > low.number) high = this.#blocks.get(high.parentHash)
    return high?.hash === low.hash
  }
}

function isDouble(links: readonly VoteLink[]): boolean {
  return links.some((a, at) =>
    links
      .slice(at + 1)
      .some((b) => a.target.number === b.target.number && a.target.hash !== b.target.hash),
  )
}

/** Runs the model of one seed. */
export function runModel(options: ModelOptions): ModelOutcome {
  return new Model(options).run()
}
