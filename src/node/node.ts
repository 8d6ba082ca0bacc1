/** The composition root: makes the parts of a node from what it is given, starts them in order, stops them in reverse. */
import { Chain } from '../chain/chain.ts'
import type { DatabaseStatus } from '../chain/store/database.ts'
import type { Genesis } from '../chain/genesis/genesis.ts'
import type { Verifier } from '../crypto/verifier.ts'
import { BlockImport } from '../gossip/blockImport.ts'
import type { decodeBody, peekBlock } from '../block/block.ts'
import { BlockTopic } from '../gossip/blockTopic.ts'
import type { Network } from '../gossip/network.ts'
import { Relay, type Submission } from '../gossip/relay.ts'
import { TxTopic } from '../gossip/txTopic.ts'
import { ITEM_KINDS, type ItemKind } from '../item/itemKinds.ts'
import type { decodeTx } from '../tx/decodeTx.ts'
import { hexToBytes } from '../lib/bytes.ts'
import type { Cancel, Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import { Membership } from '../membership/membership.ts'
import type { Roster } from '../membership/memberList.ts'
import { Mempool } from '../mempool/mempool.ts'
import { Sync } from '../sync/sync.ts'
import { noTrace, type Trace } from '../trace/trace.ts'
import { Senders } from '../tx/senders.ts'
import { followHeads } from './headFollower.ts'
import type { OpenedJournal } from './openJournal.ts'
import { OwnTransactions } from './ownTransactions.ts'
import { recentChain } from './recentChain.ts'
import { Sealer } from './sealer.ts'
import type { Settings } from './settings.ts'
import { CLIENT_VERSION } from './version.ts'

/** Where nothing is executed a gap may be a gap of the node's knowledge; the room for what waits stays bounded. */
const UNBOUNDED_GAPS = {
  forwardedGap: Number.MAX_SAFE_INTEGER,
  keptGap: Number.MAX_SAFE_INTEGER,
} as const

/** What all nodes of a process would find out alike, so that it can be found out once. */
export interface SharedJudging {
  readonly decodeTx: typeof decodeTx
  readonly peekBlock: typeof peekBlock
  readonly decodeBody: typeof decodeBody
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
  /** How the store on disk does, where there is one. */
  readonly storeStatus?: () => DatabaseStatus | undefined
  /** Resolves when what the chain took in so far is on disk, or given up. */
  readonly flushed?: () => Promise<void>
  readonly network: Network
  /** How long the router can still forward what it got, ms from its arrival; that of the default router if left out. */
  readonly forwardWindowMs?: number
  readonly verifier: Verifier
  /** How items are decoded, where nodes of one process share the work. */
  readonly judging?: SharedJudging
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** The members that this node begins with, where nodes of one process share them. */
  readonly roster?: Roster | undefined
  /** Is told of every copy and every fate of an item; what it keeps is its own affair. Nothing is told if left out. */
  readonly trace?: Trace | undefined
}

/** A node that was made: its parts, and how to start and stop it. */
export interface Node {
  readonly parts: NodeParts
  readonly chain: Chain
  readonly mempool: Mempool
  readonly senders: Senders
  readonly relay: Relay
  readonly sync: Sync
  readonly own: OwnTransactions
  /** Who is a member of the network, and whether it is there. */
  readonly members: Membership
  /** Judges a caller's transaction; it is published once this has answered. */
  submit(raw: Uint8Array): Promise<Pick<Submission, 'hash' | 'verdict'>>
  start(): Promise<void>
  /** Tells the network that this node leaves for good reason; before the stop. Never rejects. */
  leave(): Promise<void>
  stop(): void
}

/** Puts a node together; `start` sets it going. */
export function createNode(parts: NodeParts): Node {
  const { settings, network, clock, log, trace = noTrace } = parts
  const chain = parts.chain ?? new Chain({ genesis: parts.genesis, ledger: settings.ledger })
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
    senders,
    clientVersion: CLIENT_VERSION,
    bootnodes: settings.bootnodes,
    targetPeers: settings.targetPeers,
  })
  const members = membershipOf(parts, sync)
  const imports = new BlockImport({ chain, trace, clock, log })
  const judged = { chain, mempool, senders, clock }
  const relay = new Relay<ItemKind>({
    network,
    kinds: ITEM_KINDS,
    topics: {
      tx: new TxTopic({
        ...judged,
        chain: recentChain(chain),
        allowUnprotected: settings.allowUnprotected,
        isSyncing: () => sync.progress() !== undefined,
        ...parts.judging,
      }),
      block: new BlockTopic({ ...judged, ...parts.judging, imports }),
      member: members.topic,
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
  const own = new OwnTransactions({
    ...parts,
    chain,
    mempool,
    senders,
    relay,
    opened: parts.journal,
    rebroadcasts: settings.rebroadcast,
  })
  const made = { chain, mempool, senders, relay, sync, own, members }
  const life = new NodeLife(parts, { ...made, imports })
  return {
    parts,
    ...made,
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

type Parts = Pick<Node, 'chain' | 'mempool' | 'senders' | 'relay' | 'sync' | 'own' | 'members'> & {
  readonly imports: BlockImport
}

/** What runs while a node is up. */
class NodeLife {
  readonly #given: NodeParts
  readonly #made: Parts
  readonly #sealer: Sealer | undefined
  readonly #ends: Cancel[] = []

  constructor(given: NodeParts, made: Parts) {
    const { signerKey } = given.settings
    this.#given = given
    this.#made = made
    if (signerKey !== '')
      this.#sealer = new Sealer({ ...given, ...made, privateKey: hexToBytes(signerKey) })
  }

  async start(): Promise<void> {
    const { clock } = this.#given
    const { mempool, relay, imports, sync, own, members } = this.#made
    this.#ends.push(
      followHeads(this.#made),
      clock.every(mempool.limits.expiryCheckMs, () => mempool.expire(clock.monotonicMs())),
    )
    relay.start()
    await own.start()
    await members.start((data) => relay.submit('member', data, 'membership'))
    await sync.start(relay, imports)
    this.#sealer?.start()
  }

  stop(): void {
    this.#sealer?.stop()
    this.#made.own.stop()
    this.#made.members.stop()
    this.#made.sync.stop()
    this.#made.relay.stop()
    for (const end of this.#ends.splice(0)) end()
  }
}
