/**
 * Every setting of a node, as data: name, default, sentence and how its text is read. The command line's flags, the
 * environment variables, `.env.example`, `grapevine config` and their tests are all made from this list.
 */
import { isIP } from 'node:net'
import { DEFAULT_CHECKPOINT_INTERVAL, MAX_CHECKPOINT_INTERVAL } from '../chain/limits.ts'
import { LEDGER_KINDS } from '../chain/ledgerKind.ts'
import { parseAddress } from '../crypto/address.ts'
import { parseHex, type Hex } from '../lib/bytes.ts'
import { LOG_LEVELS, type LogLevel } from '../lib/log.ts'
import { JOURNAL_SYNCS, type JournalSync } from '../mempool/journal.ts'

/** One setting. `read` turns text into the value or throws an Error that says what was expected. */
export interface Setting<T> {
  /** What stands behind the flag in the help, such as `<port>`. */
  readonly placeholder: string
  readonly fallback: T
  readonly sentence: string
  readonly read: (text: string) => T
  /** The default as text that `read` takes back. */
  readonly fallbackText: string
}

/** Parameters with their values. */
export type NumbersByName = Readonly<Record<string, number>>

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
  rpcPort: whole(
    '<port>',
    0,
    { min: 0, max: 65_535 },
    'Port of the JSON-RPC server; 0 picks a free one.',
  ),
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

function setting<T>(
  placeholder: string,
  fallback: T,
  sentence: string,
  read: (text: string) => T,
  write: (value: T) => string = String,
): Setting<T> {
  return { placeholder, fallback, fallbackText: write(fallback), sentence, read }
}

function text(placeholder: string, fallback: string, sentence: string): Setting<string> {
  return setting(placeholder, fallback, sentence, (value) => {
    if (value.trim() === '') throw new Error('expected some text')
    return value.trim()
  })
}

function optionalText(placeholder: string, sentence: string): Setting<string> {
  return setting(placeholder, '', sentence, (value) => value.trim())
}

function list(placeholder: string, sentence: string): Setting<readonly string[]> {
  const read = (value: string): readonly string[] =>
    value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
  return setting<readonly string[]>(placeholder, [], sentence, read, (values) => values.join(','))
}

/** Addresses of this machine, at least one. */
function hosts(
  placeholder: string,
  fallback: readonly string[],
  sentence: string,
): Setting<readonly string[]> {
  const parts = list(placeholder, sentence)
  const read = (value: string): readonly string[] => {
    const addresses = parts.read(value)
    if (addresses.length > 0 && addresses.every((address) => isIP(address) !== 0)) return addresses
    throw new Error('expected IP addresses separated by commas, such as 0.0.0.0,::')
  }
  return setting(placeholder, fallback, sentence, read, (values) => values.join(','))
}

/** Addresses at which peers can dial by TCP. */
function multiaddrs(placeholder: string, sentence: string): Setting<readonly string[]> {
  const parts = list(placeholder, sentence)
  const read = (value: string): readonly string[] => {
    const addresses = parts.read(value)
    const wrong = addresses.find(
      (one) => !/^\/(ip4|ip6|dns|dns4|dns6)\/[^/]+\/tcp\/\d{1,5}$/.test(one),
    )
    if (wrong === undefined) return addresses
    throw new Error(`expected multiaddrs such as /dns4/node.example/tcp/9000 (not "${wrong}")`)
  }
  return { ...parts, read }
}

/** Web origins as browsers send them, a port of `*` for any, or `*` alone. */
function origins(placeholder: string, sentence: string): Setting<readonly string[]> {
  const parts = list(placeholder, sentence)
  return {
    ...parts,
    read: (value) => {
      const rules = parts.read(value)
      const wrong = rules.find(
        (rule) => !/^(\*|null|[a-z][a-z\d+.-]*:\/\/[^/\s*]+(:\*)?)$/i.test(rule),
      )
      if (wrong === undefined) return rules
      throw new Error(
        `expected web origins such as http://localhost:3000 or http://localhost:*, without a path (not "${wrong}")`,
      )
    },
  }
}

/** Pairs of a name and a number from 0 up; which names there are is known to who uses them. */
/** Numbers by name, as text `name=number` with commas between them; of a name that stands twice the last one counts. */
function numbersByName(placeholder: string, sentence: string): Setting<NumbersByName> {
  const parts = list(placeholder, sentence)
  const read = (value: string): NumbersByName => {
    const pairs = parts.read(value)
    const wrong = pairs.find((pair) => !/^[a-zA-Z]+=\d+(\.\d+)?$/.test(pair))
    if (wrong !== undefined)
      throw new Error(`expected name=number pairs separated by commas (not "${wrong}")`)
    return Object.fromEntries(pairs.map((pair) => numberByName(...pair.split('='))))
  }
  return { ...parts, fallback: {}, read }
}

function numberByName(name = '', number = ''): readonly [string, number] {
  return [name, Number(number)]
}

interface Range {
  readonly min: number
  readonly max: number
}

function whole(
  placeholder: string,
  fallback: number,
  range: Range,
  sentence: string,
): Setting<number> {
  return setting(placeholder, fallback, sentence, (value) => {
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN
    if (Number.isSafeInteger(number) && number >= range.min && number <= range.max) return number
    throw new Error(`expected a whole number from ${range.min} to ${range.max}`)
  })
}

function decimal(placeholder: string, fallback: number, sentence: string): Setting<number> {
  return setting(placeholder, fallback, sentence, (value) => {
    if (/^\d+(\.\d+)?$/.test(value)) return Number(value)
    throw new Error('expected a number such as 1 or 0.5')
  })
}

function flag(sentence: string, fallback = false): Setting<boolean> {
  return setting('', fallback, sentence, (value) => {
    if (value === 'true' || value === '1') return true
    if (value === 'false' || value === '0') return false
    throw new Error('expected true or false')
  })
}

function choice<const T extends string>(
  placeholder: string,
  values: readonly T[],
  fallback: T,
  sentence: string,
): Setting<T> {
  const read = (value: string): T => {
    const found = values.find((one) => one === value)
    if (found === undefined) throw new Error(`expected one of ${values.join(', ')}`)
    return found
  }
  return setting<T>(placeholder, fallback, `${sentence} One of ${values.join(', ')}.`, read)
}

function optionalHex(placeholder: string, bytes: number, sentence: string): Setting<Hex | ''> {
  return setting<Hex | ''>(placeholder, '', sentence, (value) => {
    if (value === '') return ''
    if (parseHex(value)?.length === bytes) return value.toLowerCase() as Hex
    throw new Error(
      `expected ${bytes} bytes as 0x-prefixed hex${parseAddress(value) === undefined ? '' : ' (this is an address)'}`,
    )
  })
}
