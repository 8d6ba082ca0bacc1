/**
 * Whole nodes over the in-memory network and virtual time, and hosts beside them that answer what a
 * test wants.
 */
import type { Block } from '../../src/block/block.ts'
import type { Chain } from '../../src/chain/chain.ts'
import { forkIdAt } from '../../src/chain/genesis/forkId.ts'
import type { Genesis } from '../../src/chain/genesis/genesis.ts'
import { genesisRules } from '../../src/chain/genesis/genesisRules.ts'
import { inlineVerifier } from '../../src/crypto/verifier.ts'
import type { PeerId, RequestHandler } from '../../src/gossip/network.ts'
import type { ItemKind } from '../../src/item/itemKinds.ts'
import { topicNames } from '../../src/gossip/topics/topicNames.ts'
import { silentLogger, type Logger, type LogFields } from '../../src/lib/log.ts'
import type { FinalityKeeper } from '../../src/finality/finalityFile.ts'
import type { VoteRecord } from '../../src/finality/voteRecord.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { seededRandom } from '../../src/lib/random.ts'
import { createNode, type Node } from '../../src/node/node.ts'
import { SETTING_NAMES, SETTINGS, type Settings } from '../../src/node/settings/settings.ts'
import { PROTOCOL_LIMITS, type ProtocolName } from '../../src/sync/limits.ts'
import { protocolId, requestsOf, type Requests } from '../../src/sync/protocol.ts'
import { encodeStatus, STATUS_VERSION, type StatusMessage } from '../../src/sync/status/status.ts'
import { extend, sendersOf, testChain, testGenesis } from './chain.ts'
import { MemoryHub, type MemoryNetwork } from './network.ts'

const GENESIS = testGenesis()

/** Later than any block of the builders by its wall clock, so that no block is early. */
export const LATE_WALL_MS = 4_000_000_000_000

export function syncHub(): MemoryHub {
  return new MemoryHub({ clock: new ManualClock(1_000, LATE_WALL_MS) })
}

/** The default settings with some replaced. */
export function testSettings(changes: Partial<Settings> = {}): Settings {
  const defaults = SETTING_NAMES.map((name) => [name, SETTINGS[name].fallback] as const)
  return { ...(Object.fromEntries(defaults) as unknown as Settings), ...changes }
}

export interface LogLine extends LogFields {
  readonly message: string
}

/** A logger and what was written to it, debug lines left out. */
export function recordingLog(): { readonly log: Logger; readonly lines: LogLine[] } {
  const lines: LogLine[] = []
  const write = (message: string, fields: LogFields = {}): void => {
    lines.push({ message, ...fields })
  }
  const log: Logger = { ...silentLogger, info: write, warn: write, error: write, child: () => log }
  return { log, lines }
}

export interface SyncNode {
  readonly node: Node
  readonly network: MemoryNetwork
  readonly lines: readonly LogLine[]
  readonly id: PeerId
  /** A block or transaction that arrives by gossip from `from`. */
  receive(kind: ItemKind, data: Uint8Array, from: PeerId): Promise<void>
}

export interface SyncNodeOptions {
  readonly name?: string
  readonly genesis?: Genesis
  /** Blocks that its chain has from the beginning. */
  readonly blocks?: readonly Block[]
  readonly settings?: Partial<Settings>
  readonly seed?: number
  readonly voteRecord?: VoteRecord
  readonly finalityKeeper?: FinalityKeeper
}

let names = 0

/** A started node without links. */
export async function syncNode(hub: MemoryHub, options: SyncNodeOptions = {}): Promise<SyncNode> {
  const { name = `node-${names++}`, genesis = GENESIS, blocks = [], seed = 1 } = options
  const { voteRecord, finalityKeeper } = options
  const network = hub.join(name)
  const { log, lines } = recordingLog()
  const node = createNode({
    settings: testSettings(options.settings),
    genesis,
    network,
    verifier: inlineVerifier(),
    clock: hub.clock,
    random: seededRandom(seed),
    log,
    voteRecord,
    finalityKeeper,
  })
  for (const block of blocks) importKnown(node.chain, block)
  await node.start()
  const topics = topicNames(genesis.hash)
  const receive = (kind: ItemKind, data: Uint8Array, from: PeerId): Promise<void> =>
    network.receive(topics[kind], data, from)
  return { node, network, lines, id: network.self, receive }
}

/** `count` blocks one above the other, after the genesis of the builders. */
export function chainOf(count: number, chain = testChain()): readonly Block[] {
  return Array.from({ length: count }, () => extend(chain))
}

function importKnown(chain: Chain, block: Block): void {
  const outcome = chain.import(block, sendersOf(block))
  if (outcome.status !== 'imported') throw new Error(JSON.stringify(outcome))
}

/** A host without a node: it answers each protocol with the handler that a test gives. */
export interface Puppet {
  readonly network: MemoryNetwork
  readonly id: PeerId
  /** Requests that came, in order. */
  readonly asked: { readonly name: ProtocolName; readonly request: Uint8Array }[]
  readonly requests: Requests
  serve(name: ProtocolName, handler: RequestHandler): Promise<void>
}

export function puppet(hub: MemoryHub, name = `puppet-${names++}`, genesis = GENESIS): Puppet {
  const network = hub.join(name)
  const asked: Puppet['asked'] = []
  return {
    network,
    id: network.self,
    asked,
    requests: requestsOf({
      network,
      genesisHash: genesis.hash,
      clock: hub.clock,
      log: silentLogger,
    }),
    serve: (protocol, handler) =>
      network.handle(
        protocolId(genesis.hash, protocol),
        PROTOCOL_LIMITS[protocol],
        (from, request) => {
          asked.push({ name: protocol, request })
          return handler(from, request)
        },
      ),
  }
}

/** A status that fits the chain of the builders; a test changes what it is about. */
export function statusOf(changes: Partial<StatusMessage> = {}): StatusMessage {
  const { hash } = GENESIS
  return {
    version: STATUS_VERSION,
    genesis: hash,
    chainId: GENESIS.config.chainId,
    genesisRules: genesisRules(GENESIS),
    forkId: forkIdAt(GENESIS, GENESIS.header),
    head: hash,
    headNumber: 0n,
    totalDifficulty: 1n,
    client: 'puppet',
    receivedUs: 10,
    sentUs: 20,
    refusal: '',
    ...changes,
  }
}

/** A handler that answers these frames, whatever it is asked. */
export function frames(...all: readonly Uint8Array[]): RequestHandler {
  return async function* () {
    yield* all
  }
}

/** A puppet that gives this status, linked to a node and known to it. */
export async function statusPuppet(
  hub: MemoryHub,
  to: SyncNode,
  status: Partial<StatusMessage> = {},
  name?: string,
): Promise<Puppet> {
  const one = puppet(hub, name)
  await one.serve('status', frames(encodeStatus(statusOf(status))))
  hub.link(one.network, to.network)
  return one
}

/** Never answers. */
export async function* silence(): AsyncIterable<Uint8Array> {
  await new Promise(() => {})
  yield new Uint8Array(0)
}

/** A handler that fails before its first frame. */
export async function* failure(): AsyncIterable<Uint8Array> {
  yield await Promise.reject<Uint8Array>(new Error('broken'))
}

/** All frames of an answer. */
export async function collect(answer: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = []
  for await (const frame of answer) all.push(frame)
  return all
}
