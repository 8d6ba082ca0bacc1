/**
 * Every setting of a node, as data: name, default, sentence and form. The command line's flags, the
 * environment variables, `.env.example`, `grapevine config` and their tests are all made from this
 * list.
 */
import { DEFAULT_CHECKPOINT_INTERVAL, MAX_CHECKPOINT_INTERVAL } from '../../chain/limits.ts'
import { LEDGER_KINDS } from '../../chain/ledgerKind.ts'
import { LOG_LEVELS, type LogLevel } from '../../lib/log.ts'
import { JOURNAL_SYNCS, type JournalSync } from '../../mempool/journal.ts'
import {
  choice,
  decimal,
  flag,
  hosts,
  list,
  multiaddrs,
  numbersByName,
  optionalHex,
  optionalText,
  optionalUrl,
  origins,
  share,
  text,
  webPort,
  whole,
} from './settingForms.ts'

/** The settings: of each its form, default and sentence. */
export const SETTINGS = {
  genesis: optionalText(
    '<file>',
    'Genesis file in the format of geth; the built-in devnet genesis if empty.',
  ),
  ledger: choice(
    '<kind>',
    LEDGER_KINDS,
    'transfers',
    'transfers executes blocks; none executes nothing and checks everything that needs no accounts, for chains of other networks.',
  ),
  dataDir: optionalText(
    '<dir>',
    'Directory of the peer key and everything the node keeps; nothing is kept if empty.',
  ),
  journalSync: choice(
    '<when>',
    JOURNAL_SYNCS,
    'interval' satisfies JournalSync,
    'When the journal of own transactions is synced to disk: after each one, once a second, or when the operating system does it. In all three cases it survives the process.',
  ),
  rebroadcast: flag(
    'Publish own transactions again if no block has included them after 310 s.',
    true,
  ),
  host: hosts(
    '<addresses>',
    ['127.0.0.1'],
    'Addresses on which the node listens for peers, separated by commas, such as 0.0.0.0,:: for all of IPv4 and IPv6.',
  ),
  announce: multiaddrs(
    '<multiaddrs>',
    'Addresses to announce to peers, separated by commas, such as /dns4/node.example/tcp/9000; if empty, the addresses it listens on and those at which three peers at different addresses see it.',
  ),
  port: whole('<port>', 0, { min: 0, max: 65_535 }, 'TCP port for peers; 0 picks a free one.'),
  bootnodes: list(
    '<multiaddrs>',
    'Multiaddrs of the peers to connect to first, separated by commas.',
  ),
  targetPeers: whole(
    '<count>',
    16,
    { min: 0, max: 200 },
    'Number of peers up to which the node dials; it chooses at random among those it has heard of.',
  ),
  probeIntervalMs: whole(
    '<ms>',
    1_000,
    { min: 50, max: 60_000 },
    'How often one neighbour is probed, unless it was heard anyway, ms. All nodes of a network should have the same.',
  ),
  askIntervalS: whole(
    '<seconds>',
    0,
    { min: 0, max: 3_600 },
    'Seconds between two questions of this node to the network for its latency and coverage, which the metrics of all nodes then show; 0 means never. One node of a network is enough.',
  ),
  verifierThreads: whole(
    '<count>',
    0,
    { min: 0, max: 64 },
    'Threads that recover signatures; 0 means one for each core but the first, at least 1 and at most 4.',
  ),
  mdns: flag('Find peers on the local network by multicast DNS.'),
  profile: choice(
    '<name>',
    ['devnet', 'public'],
    'devnet',
    'devnet exempts loopback from the penalty for many peers on one address; public does not.',
  ),
  rpc: flag('Serve JSON-RPC.', true),
  rpcHost: text('<address>', '127.0.0.1', 'Address of the JSON-RPC server (HTTP and WebSocket).'),
  rpcPort: webPort('Port of the JSON-RPC server; 0 picks a free one.'),
  rpcOrigins: origins(
    '<origins>',
    'Web origins that may call JSON-RPC, separated by commas, such as http://localhost:3000, or http://localhost:* for every port; * allows every web page.',
  ),
  rpcHosts: list(
    '<names>',
    'Host names under which JSON-RPC may be called besides localhost, separated by commas.',
  ),
  rpcFeeCap: decimal(
    '<ether>',
    1,
    'Highest fee in ether that eth_sendRawTransaction accepts; 0 means no cap.',
  ),
  admin: flag('Serve the admin_ methods, which can add and remove peers.'),
  allowUnprotected: flag('Accept legacy transactions without a chain id (before EIP-155).'),
  metrics: flag('Serve Prometheus metrics at /metrics.', true),
  metricsHost: text('<address>', '127.0.0.1', 'Address of the metrics server.'),
  metricsPort: whole(
    '<port>',
    0,
    { min: 0, max: 65_535 },
    'Port of the metrics server; 0 picks a free one.',
  ),
  signerKey: optionalHex(
    '<hex>',
    32,
    'Private key of a Clique signer: the node then seals blocks. Prefer the environment to the flag.',
  ),
  finalityInterval: whole(
    '<blocks>',
    DEFAULT_CHECKPOINT_INTERVAL,
    { min: 1, max: MAX_CHECKPOINT_INTERVAL },
    'Blocks from one checkpoint of finality to the next, the same on every node of a network; a block is final one to two intervals later.',
  ),
  minTip: whole(
    '<wei>',
    1,
    { min: 0, max: Number.MAX_SAFE_INTEGER },
    'Lowest priority fee per gas in wei that this node keeps and forwards.',
  ),
  trace: flag('Record every sighting of every item, for gossip_timeline and the report.', true),
  otlp: optionalUrl(
    '<url>',
    'Collector to which the way of each transaction and block is sent as OpenTelemetry spans (OTLP over HTTP), such as http://127.0.0.1:4318; none if empty.',
  ),
  otlpShare: share(
    '<share>',
    1,
    'Share of the transactions and blocks of which spans are sent; the hash decides, so that all nodes choose the same.',
  ),
  logLevel: choice(
    '<level>',
    LOG_LEVELS,
    'info' satisfies LogLevel,
    'Lines below this level are not written; the log goes to standard error as JSON lines.',
  ),
  meshDegree: whole(
    '<count>',
    8,
    { min: 1, max: 64 },
    'D of gossipsub: peers to which every message is pushed.',
  ),
  meshLow: whole(
    '<count>',
    6,
    { min: 1, max: 64 },
    'Dlo of gossipsub: below it the router grafts peers into the mesh.',
  ),
  meshHigh: whole(
    '<count>',
    12,
    { min: 1, max: 128 },
    'Dhi of gossipsub: above it the router prunes peers from the mesh.',
  ),
  heartbeatMs: whole(
    '<ms>',
    700,
    { min: 50, max: 60_000 },
    'Heartbeat of gossipsub in milliseconds.',
  ),
  floodPublish: flag(
    'Send own transactions to all subscribers rather than to the mesh alone.',
    true,
  ),
  router: numbersByName(
    '<name=value,...>',
    'Router parameters, named as in docs/limits.md, such as Dlazy=12,mcacheHeartbeats=20, and idontwantTxBytes and idontwantBlockBytes; they override the flags of single parameters.',
  ),
  validationDelayMs: whole(
    '<ms>',
    0,
    { min: 0, max: 5_000 },
    'Delay added to the validation of each item that a peer sends by gossip, for experiments on the cost of slower validation.',
  ),
} as const

/** The name of a setting. */
export type SettingName = keyof typeof SETTINGS

/** The values of all settings; frozen once read. */
export type Settings = {
  readonly [Name in SettingName]: ReturnType<(typeof SETTINGS)[Name]['read']>
}

/** The names of all settings, in the order of help. */
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[]

const ENV_PREFIX = 'GRAPEVINE_'

/** `rpcPort` is `GRAPEVINE_RPC_PORT` in the environment. */
export function envName(name: SettingName): string {
  return ENV_PREFIX + name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
}

/** `rpcPort` is `--rpc-port` on the command line. */
export function flagName(name: SettingName): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** Whether a variable of the environment claims to be a setting of ours. */
export function isSettingVariable(variable: string): boolean {
  return variable.startsWith(ENV_PREFIX)
}
