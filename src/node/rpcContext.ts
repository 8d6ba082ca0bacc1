/** What JSON-RPC is told of the node. */
import { addressOfPublicKey, type Address } from '../crypto/address.ts'
import { secp256k1 } from '../crypto/secp256k1.ts'
import { hexToBytes } from '../lib/bytes.ts'
import { MemberHistory } from '../membership/memberHistory.ts'
import type { RpcContext } from '../rpc/context.ts'
import type { JsonObject } from '../rpc/server/json.ts'
import type { Node } from './node.ts'
import type { Settings } from './settings/settings.ts'
import { shownSettings } from './settings/shownSettings.ts'
import type { Timelines } from '../trace/timelines.ts'
import { CLIENT_VERSION } from './version.ts'

const WEI_PER_ETHER = 1e18

/** What the node itself does not know. */
export interface RpcContextParts {
  /** Which clock the node reads. */
  readonly clockId: string
  /** What the layer below counted on its gossip streams, for gossip_counts. */
  readonly traffic: () => JsonObject
  /** What the node's trace remembers; `undefined` where it does not trace. */
  readonly timelines: Timelines | undefined
}

/** Gives JSON-RPC the parts of the node that it reads and controls. */
export function rpcContextOf(
  node: Node,
  { clockId, traffic, timelines }: RpcContextParts,
): RpcContext {
  const { settings, network, clock, log } = node.parts
  return {
    chain: node.chain,
    mempool: node.mempool,
    finality: node.finality,
    voter: node.voter,
    network,
    senders: node.senders,
    submit: (raw) => node.submit(raw),
    timelines,
    counts: () => ({ ...countsOf(node), traffic: traffic() }),
    poolComparisons: () => node.sync.poolComparisons(),
    members: node.members,
    memberHistory: historyOf(node),
    aggregation: node.aggregation,
    observe: (gauge) => node.observe(gauge),
    search: node.search,
    expectsPeers: settings.bootnodes.length > 0 || settings.mdns,
    sealer: sealerOf(settings),
    syncStatus: () => node.sync.progress(),
    peerStates: () => node.sync.book.all(),
    clock,
    clockId,
    log: log.child({ part: 'rpc' }),
    clientVersion: CLIENT_VERSION,
    allowUnprotected: settings.allowUnprotected,
    feeCapWei: BigInt(Math.round(settings.rpcFeeCap * WEI_PER_ETHER)),
    adminEnabled: settings.admin,
    settings: shownSettings(settings),
  }
}

/** From now on. */
function historyOf({ members }: Node): MemberHistory {
  const history = new MemberHistory()
  history.follow(members.changes)
  return history
}

function sealerOf({ signerKey }: Settings): Address | undefined {
  if (signerKey === '') return undefined
  return addressOfPublicKey(secp256k1.publicKey(hexToBytes(signerKey)))
}

/** The counters behind `gossip_counts`. */
function countsOf({ relay, mempool, sync, parts }: Node): JsonObject {
  const { verifier, network } = parts
  return {
    copies: { ...relay.copyBytes() },
    verdicts: relay.counts().map((count) => ({ ...count })),
    pool: { pending: mempool.pendingCount, queued: mempool.queuedCount },
    heldBlocks: sync.held.count,
    reconciliation: { ...sync.reconciliationCounts() },
    peers: network.peers().length,
    verifier: { ...verifier.stats() },
  }
}
