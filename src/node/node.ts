/**
 * The composition root: makes the parts of a node from what it is given, starts them in order,
 * stops them in reverse.
 */
import { Aggregation } from '../aggregate/aggregation.ts'
import { Chain } from '../chain/chain.ts'
import type { DatabaseStatus } from '../chain/store/database.ts'
import type { Genesis } from '../chain/genesis/genesis.ts'
import type { Verifier } from '../crypto/verifier.ts'
import { BlockImport } from '../gossip/topics/blockImport.ts'
import type { decodeBody, peekBlock } from '../block/block.ts'
import { BlockTopic } from '../gossip/topics/blockTopic.ts'
import type { Network } from '../gossip/network.ts'
import { Relay, type Submission } from '../gossip/relay.ts'
import { TxTopic, type TxTopicContext } from '../gossip/topics/txTopic.ts'
import { ITEM_KINDS, type ItemKind } from '../item/itemKinds.ts'
import type { decodeTx } from '../tx/decodeTx.ts'
import { hexToBytes } from '../lib/bytes.ts'
import type { Cancel, Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import { Membership } from '../membership/membership.ts'
import type { Roster } from '../membership/memberList.ts'
import { Finality } from '../finality/finality.ts'
import type { FinalityKeeper } from '../finality/finalityFile.ts'
import type { signerOf } from '../finality/vote.ts'
import { Voter } from '../finality/voter.ts'
import type { VoteRecord } from '../finality/voteRecord.ts'
import { VoteTopic } from '../gossip/topics/voteTopic.ts'
import { Mempool } from '../mempool/mempool.ts'
import type { Search } from '../search/search.ts'
import { Sync } from '../sync/sync.ts'
import type { SpanCounts } from '../telemetry/spanQueue.ts'
import { Arrivals, notingArrivals } from '../trace/arrivals.ts'
import { noTrace, type Trace } from '../trace/trace.ts'
import { Senders } from '../tx/senders.ts'
import { askForFigures } from './networkFigures.ts'
import { searchOf } from './knowledge.ts'
import { gaugesOfNode, observationsOf, spreadNeededBy, type GaugedNode } from './gauges.ts'
import { SpreadTimes } from './spreadTimes.ts'
import { followHeads } from './headFollower.ts'
import type { OpenedJournal } from './openJournal.ts'
import { OwnTransactions } from './ownTransactions.ts'
import { recentChain } from './recentChain.ts'
import { Sealer } from './sealer.ts'
import type { Settings } from './settings/settings.ts'
import { CLIENT_VERSION } from './version.ts'

/**
 * Where nothing is executed a gap may be a gap of the node's knowledge; the room for what waits
 * stays bounded.
 */
const UNBOUNDED_GAPS = {
  forwardedGap: Number.MAX_SAFE_INTEGER,
  keptGap: Number.MAX_SAFE_INTEGER,
} as const

/** What all nodes of a process would find out alike, so that it can be found out once. */
export interface SharedJudging {
  readonly decodeTx: typeof decodeTx
  readonly peekBlock: typeof peekBlock
  readonly decodeBody: typeof decodeBody
  readonly voterOf: typeof signerOf
}

/** The world of a node: everything that is not its own logic. */
export interface NodeParts {
  readonly settings: Settings
  readonly genesis: Genesis
  /** One that was opened before; a new one in memory unless given. */
  readonly chain?: Chain
  readonly senders?: Senders
  /** Of own transactions; they are kept in memory alone if left out. */
  readonly journal?: OpenedJournal | undefined
  /** Where what is justified and final is kept; in memory alone if left out. */
  readonly finalityKeeper?: FinalityKeeper | undefined
  /** Where the votes of this signer are remembered; in memory alone if left out. */
  readonly voteRecord?: VoteRecord | undefined
  /** How the store on disk does, where there is one. */
  readonly storeStatus?: () => DatabaseStatus | undefined
  /** Resolves when what the chain took in so far is on disk, or given up. */
  readonly flushed?: () => Promise<void>
  readonly network: Network
  /**
   * How long the router can still forward what it got, ms from its arrival; that of the default
   * router if left out.
   */
  readonly forwardWindowMs?: number
  readonly verifier: Verifier
  /** How items are decoded, where nodes of one process share the work. */
  readonly judging?: SharedJudging
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Rules for transactions beside those of the network; none unless given. */
  readonly txRules?: TxTopicContext['ownRules']
  /**
   * Which monotonic clock this node reads: the same for all who read the same one; not told if left
   * out.
   */
  readonly clockId?: string
  /** The members that this node begins with, where nodes of one process share them. */
  readonly roster?: Roster | undefined
  /**
   * Is told of every copy and every fate of an item; what it keeps is its own affair. Nothing is
   * told if left out.
   */
  readonly trace?: Trace | undefined
  /** What became of the spans that it sends to a collector, where it does. */
  readonly spanCounts?: (() => SpanCounts) | undefined
}

/** A node that was made: its parts, and how to start and stop it. */
export interface Node {
  readonly parts: NodeParts
  readonly chain: Chain
  readonly finality: Finality
  /** Of a signer alone. */
  readonly voter: Voter | undefined
  readonly mempool: Mempool
  readonly senders: Senders
  readonly relay: Relay
  readonly sync: Sync
  readonly own: OwnTransactions
  /** Who is a member of the network, and whether it is there. */
  readonly members: Membership
  /** What the whole network observes. */
  readonly aggregation: Aggregation
  /** Questions to the whole network. */
  readonly search: Search
  /** What this node observes of a gauge now: what it adds to a figure of the network. */
  observe(gauge: string): readonly number[]
  /** Judges a caller's transaction; it is published once this has answered. */
  submit(raw: Uint8Array): Promise<Pick<Submission, 'hash' | 'verdict'>>
  start(): Promise<void>
  /** Tells the network that this node leaves for good reason; before the stop. Never rejects. */
  leave(): Promise<void>
  stop(): void
}

function memoryChain({ genesis, settings }: NodeParts): Chain {
  const { ledger, finalityInterval: checkpointInterval } = settings
  return new Chain({ genesis, ledger, checkpointInterval })
}

/** Puts a node together; `start` sets it going. */
export function createNode(given: NodeParts): Node {
  const arrivals = new Arrivals()
  const parts = { ...given, trace: notingArrivals(arrivals, given.trace ?? noTrace) }
  const { settings, clock, log } = parts
  const chain = parts.chain ?? memoryChain(parts)
  const finality = new Finality({ chain, clock, log, kept: parts.finalityKeeper?.found })
  const mempool = new Mempool({
    clock,
    state: chain.state,
    baseFee: chain.nextBaseFee() ?? 0n,
    limits: { minTipWei: settings.minTip, ...(chain.ledger === 'none' && UNBOUNDED_GAPS) },
  })
  const senders = parts.senders ?? new Senders(parts.verifier)
  const sync = new Sync({
    ...parts,
    chain,
    mempool,
    finality,
    senders,
    clientVersion: CLIENT_VERSION,
    bootnodes: settings.bootnodes,
    targetPeers: settings.targetPeers,
    sampleMembers: (count) =>
      members.sample(count).map(({ peer, record }) => ({ peer, addresses: record.addresses })),
  })
  const members = membershipOf(parts, sync)
  const imports = new BlockImport({ chain, trace: parts.trace, clock, log })
  const relay = relayOf(parts, { chain, finality, mempool, senders, sync, members, imports })
  const own = new OwnTransactions({
    ...parts,
    chain,
    mempool,
    senders,
    relay,
    opened: parts.journal,
    rebroadcasts: settings.rebroadcast,
  })
  const observe = (gauge: string): readonly number[] => observationsOf(gauged(), gauge)
  const prepare = async (gauge: string): Promise<void> => {
    const needed = spreadNeededBy(gauge)
    if (needed !== undefined) await spreadTimes.prepare(needed)
  }
  const asked = { arrivals, chain, mempool, members, sync, observe, prepare }
  const search = searchOf(parts, asked)
  const spreadTimes = new SpreadTimes({ arrivals, search, clock, self: () => parts.network.self })
  const gauged = (): GaugedNode => ({ parts, ...made, spreadTimes })
  const aggregation = new Aggregation({
    ...parts,
    requests: sync.requests,
    gauges: gaugesOfNode(gauged),
    observe,
    prepare,
    liveCount: () => members.liveCount,
  })
  const made = { chain, finality, mempool, senders, relay, sync, own, members, aggregation, search }
  const life = new NodeLife(parts, { ...made, imports })
  return {
    parts,
    ...made,
    voter: life.voter,
    observe,
    submit: (raw) => own.submit(raw),
    start: () => life.start(),
    leave: () => members.leave(),
    stop: () => life.stop(),
  }
}

function membershipOf(parts: NodeParts, { requests, heard }: Sync): Membership {
  const { settings, genesis } = parts
  return new Membership({
    ...parts,
    requests,
    heard,
    genesisHash: genesis.hash,
    intervalMs: settings.probeIntervalMs,
    isSigner: settings.signerKey !== '',
    client: CLIENT_VERSION,
  })
}

/** The relay, with the judge of each kind. */
function relayOf(
  parts: NodeParts,
  made: Omit<Parts, 'relay' | 'own' | 'aggregation' | 'search'>,
): Relay {
  const { settings, network, clock, log, trace = noTrace } = parts
  const { chain, finality, mempool, senders, sync, members, imports } = made
  const judged = { chain, mempool, senders, clock }
  return new Relay<ItemKind>({
    network,
    kinds: ITEM_KINDS,
    topics: {
      tx: new TxTopic({
        ...judged,
        chain: recentChain(chain),
        allowUnprotected: settings.allowUnprotected,
        isSyncing: () => sync.progress() !== undefined,
        ...(parts.txRules && { ownRules: parts.txRules }),
        ...parts.judging,
      }),
      block: new BlockTopic({ ...judged, ...parts.judging, imports, trace }),
      member: members.topic,
      vote: new VoteTopic({ finality, clock, ...parts.judging }),
    },
    hold: sync.held,
    mempool,
    chain,
    genesisHash: chain.genesis.hash,
    trace,
    clock,
    log,
    ...(parts.forwardWindowMs !== undefined && { forwardWindowMs: parts.forwardWindowMs }),
    validationDelayMs: settings.validationDelayMs,
  })
}

type Parts = Omit<Node, 'parts' | 'voter' | 'observe' | 'submit' | 'start' | 'leave' | 'stop'> & {
  readonly imports: BlockImport
}

/** What runs while a node is up. */
class NodeLife {
  readonly #given: NodeParts
  readonly #made: Parts
  readonly #sealer: Sealer | undefined
  readonly voter: Voter | undefined
  readonly #ends: Cancel[] = []

  constructor(given: NodeParts, made: Parts) {
    const { signerKey } = given.settings
    this.#given = given
    this.#made = made
    if (signerKey === '') return
    const signer = { ...given, ...made, privateKey: hexToBytes(signerKey) }
    this.#sealer = new Sealer(signer)
    this.voter = new Voter({
      ...signer,
      record: given.voteRecord,
      send: (raw) => made.relay.submit('vote', raw, 'voter'),
    })
  }

  async start(): Promise<void> {
    const { clock } = this.#given
    const { mempool, finality, relay, imports, sync, own, members, aggregation, search } =
      this.#made
    this.#ends.push(
      ...this.#followFinality(),
      followHeads(this.#made),
      clock.every(mempool.limits.expiryCheckMs, () => mempool.expire(clock.monotonicMs())),
    )
    const { askIntervalS } = this.#given.settings
    if (askIntervalS > 0)
      this.#ends.push(clock.every(askIntervalS * 1_000, () => void askForFigures(aggregation)))
    finality.start()
    relay.start()
    await own.start()
    await members.start((data) => relay.submit('member', data, 'membership'))
    await aggregation.start()
    await search.start()
    await sync.start(relay, imports)
    this.#sealer?.start()
    this.voter?.start()
  }

  /** What finality comes to is kept, and proofs of contradictions reach everybody. */
  #followFinality(): Cancel[] {
    const { finalityKeeper } = this.#given
    const { finality, relay, sync } = this.#made
    const keep = (): void => finalityKeeper?.keep(() => finality.kept())
    return [
      finality.changed.on(keep),
      finality.found.on(({ first, second }) => {
        keep()
        for (const { raw } of [first, second]) void relay.publish('vote', raw)
      }),
      sync.votes.told.on((headNumber) => this.voter?.heardVotes(headNumber)),
    ]
  }

  stop(): void {
    this.voter?.stop()
    this.#sealer?.stop()
    this.#made.finality.stop()
    this.#made.own.stop()
    this.#made.search.stop()
    this.#made.aggregation.stop()
    this.#made.members.stop()
    this.#made.sync.stop()
    this.#made.relay.stop()
    for (const end of this.#ends.splice(0)) end()
  }
}
