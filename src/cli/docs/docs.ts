/**
 * The reference in `docs/`: pages made from the data the program runs on, so that they cannot say
 * anything else. `npm run docs` writes them; a test fails when a committed page differs from its
 * data.
 */
import { CHAIN_REFUSAL_REASONS } from '../../chain/importOutcome.ts'
import type { ItemKind } from '../../item/itemKinds.ts'
import { Registry } from 'prom-client'
import { allVerdictRules } from '../../gossip/rules/verdictTable.ts'
import type { Report } from '../../measure/report.ts'
import { renderReport } from '../../measure/terminal/terminal.ts'
import { POOL_REFUSALS } from '../../mempool/refusals.ts'
import { NODE_SERIES } from '../../node/series.ts'
import {
  envName,
  flagName,
  SETTING_NAMES,
  SETTINGS,
  type SettingName,
} from '../../node/settings/settings.ts'
import { VERSION } from '../../node/version.ts'
import { networkMetrics } from '../../p2p/metrics.ts'
import { TrafficCounters } from '../../p2p/traffic.ts'
import { RPC_CODES } from '../../rpc/errors.ts'
import { LOOPBACK_ORIGINS } from '../../rpc/server/access.ts'
import { RPC_LIMITS } from '../../rpc/limits.ts'
import { RPC_GROUPS, type RpcGroup, type RpcMethod } from '../../rpc/method.ts'
import { methodTable } from '../../rpc/methodTable.ts'
import { openRpcDocument } from '../../rpc/openRpc.ts'
import type { Param } from '../../rpc/params.ts'
import { hasSentence, refusalError } from '../../rpc/refusal.ts'
import { cliPage } from './cliPage.ts'
import { manPage } from './manPage.ts'
import { limitsPage } from './limitsPage.ts'
import { code, page, table, type Page } from './markdown.ts'
import { reportSchemaPages } from './reportSchemaPage.ts'
import { scenarioPages } from './scenarioPage.ts'
import { program } from '../program.ts'
import { terminalPicture } from '../terminal/terminalPicture.ts'
import { wirePage } from './wirePage.ts'

/** The picture of a report for the README, as `npm start` shows it. */
export function reportPicture(report: Report): string {
  return terminalPicture('grapevine', `$ npm start\n\n${renderReport(report)}`)
}

/** Every page of the reference. */
export async function referencePages(): Promise<readonly Page[]> {
  const commands = await program()
  return [
    cliPage(commands),
    manPage(commands, VERSION),
    wirePage(),
    verdictsPage(),
    rpcPage(),
    openRpcPage(),
    settingsPage(),
    limitsPage(),
    metricsPage(),
    ...reportSchemaPages(),
    ...scenarioPages(),
  ]
}

function verdictsPage(): Page {
  return page(
    'verdicts.md',
    'Verdicts',
    'src/gossip/rules/verdictTable.ts and src/mempool/refusals.ts',
    [
      'Every message, submission and fetched item gets one verdict. Each verdict but accept has a stable reason: the same',
      'word in the gossip layer, in `error.data.reason` of JSON-RPC, in the metric `grapevine_messages_total` and in the',
      'tests. The rules are listed in the order in which they are checked: cheap before costly, stateless before stateful.',
      '',
      '- **reject**: invalid for everyone. It is not forwarded, and the peer that sent it loses score.',
      '- **ignore**: not useful here and now (known, policy, state, our load). It is not forwarded, and nobody is penalised.',
      '- **hold**: cannot be judged yet. It is kept, not forwarded, and judged again when what it waits for arrives.',
      '',
      '## Transactions',
      '',
      rulesOf('tx'),
      '',
      '## Blocks',
      '',
      'A block is forwarded when all of these hold, before it is executed.',
      '',
      rulesOf('block'),
      '',
      '## Statements about members',
      '',
      'A record that a member signs of itself, or an accusation. See [membership.md](membership.md).',
      '',
      rulesOf('member'),
      '',
      '## Votes',
      '',
      'Blocks that are not known here are no reason to refuse a vote: it counts when they come (docs/finality.md).',
      '',
      rulesOf('vote'),
      '',
      '## What the chain refuses',
      '',
      'An accepted block goes to the chain in a later turn, and so does one of a range or a file. Beside the rules above, the chain',
      `refuses with ${CHAIN_REFUSAL_REASONS.map(code).join(', ')}. The last one is a block that leaves the final one.`,
      '',
      '## Refusals of the pool',
      '',
      'The last step of judging a transaction. The JSON-RPC messages are those of geth.',
      '',
      poolRefusals(),
    ],
  )
}

/** Transactions alone are refused over JSON-RPC, so they alone have its messages. */
function rulesOf(kind: ItemKind): string {
  const hasMessages = kind === 'tx'
  const rows = allVerdictRules()
    .filter(({ topic }) => topic === kind)
    .map(({ order, step, reason, action, sentence, source }) => [
      String(order),
      step,
      code(reason),
      action,
      sentence,
      ...(hasMessages ? [hasSentence(reason) ? refusalError(reason).message : ''] : []),
      source,
    ])
  const heads = ['', 'Step', 'Reason', 'Verdict', 'Rule']
  return table([...heads, ...(hasMessages ? ['JSON-RPC message'] : []), 'Source'], rows)
}

function poolRefusals(): string {
  const rows = Object.entries(POOL_REFUSALS).map(([reason, { action, sentence, gethMessage }]) => [
    code(reason),
    action,
    sentence,
    gethMessage,
  ])
  return table(['Reason', 'Verdict', 'When', 'JSON-RPC message'], rows)
}

function rpcPage(): Page {
  const { maxRequestBytes, maxBatchCalls, maxResponseBytes } = RPC_LIMITS
  return page('rpc.md', 'JSON-RPC methods', 'src/rpc/methodTable.ts', [
    'One port serves HTTP (POST) and WebSocket. Batches are answered in order. The methods of `admin_` are served with',
    '`--admin` alone; `eth_subscribe` and `eth_unsubscribe` need a WebSocket. A request has at most',
    `${maxRequestBytes.toLocaleString('en')} bytes and ${maxBatchCalls.toLocaleString('en')} calls, an answer at most ${maxResponseBytes.toLocaleString('en')} bytes.`,
    'A running node answers `rpc_methods` with this list. Parameters are given by position, or by the names below in an',
    'object; an id is returned as it was written.',
    '',
    '`GET /health` answers 200 when the node is ready, and 503 while it catches up, or has no peer though it has bootnodes',
    'or looks for peers by mDNS. The body is an object with status (`ok`, `syncing` or `no-peers`), head, peers and syncing.',
    'The metrics port answers it too. `GET /` is always 200.',
    '',
    'Web pages may call a node whose setting `rpcOrigins` names their origin; none may by default. The peers of a devnet take',
    `calls from pages of this machine by themselves (${LOOPBACK_ORIGINS.map(code).join(', ')}), and those of more origins`,
    'with `--set rpcOrigins=https://example.org`, as they take any other setting.',
    ...RPC_GROUPS.flatMap((group) => ['', `## ${group}_`, '', methodsOf(group)]),
    '',
    '## Errors',
    '',
    'The message of a refused transaction is that of geth; `error.data.reason` is the word of [verdicts.md](verdicts.md).',
    '',
    table(
      ['Code', 'Meaning'],
      Object.entries(RPC_CODES).map(([name, number]) => [code(String(number)), words(name)]),
    ),
  ])
}

function methodsOf(group: RpcGroup): string {
  const rows = methodTable()
    .filter((method) => method.group === group)
    .map(methodRow)
  return table(['Method', 'Parameters', 'Result', 'Summary'], rows)
}

function methodRow({ name, params, result, summary }: RpcMethod): string[] {
  return [code(name), params.map(paramText).join('<br>'), result, summary]
}

function paramText({ name, type, optional }: Param<unknown>): string {
  return `${code(name)} ${type}${optional ? ', optional' : ''}`
}

/** Every method, those of `--admin` included; a node tells by `rpc.discover` which it serves. */
function openRpcPage(): Page {
  const document = openRpcDocument(methodTable(), VERSION)
  return { file: 'openrpc.json', markdown: `${JSON.stringify(document, null, 2)}\n` }
}

function settingsPage(): Page {
  return page('settings.md', 'Settings of a node', 'src/node/settings/settings.ts', [
    'For `grapevine node`. Flags override a file of settings (`--settings`), the file overrides the environment, the environment',
    'overrides `.env` in the working directory, and',
    '`.env` overrides the defaults. `grapevine config` prints each value and where it came from. A setting that is on or off',
    'takes `true` or `false`; as a flag it may stand alone. The peers of `grapevine devnet` take the same settings from the',
    'environment, `.env`, `settings` of a scenario and `--set`, except those that each peer must have for itself.',
    '',
    table(
      ['Flag', 'Environment', 'Default', 'Meaning'],
      SETTING_NAMES.map((name) => settingRow(name)),
    ),
  ])
}

function settingRow(name: SettingName): string[] {
  const { placeholder, fallbackText, sentence } = SETTINGS[name]
  const flag = placeholder === '' ? flagName(name) : `${flagName(name)} ${placeholder}`
  return [code(flag), code(envName(name)), fallbackText === '' ? '' : code(fallbackText), sentence]
}

function metricsPage(): Page {
  return page('metrics.md', 'Metrics', 'src/node/series.ts and src/p2p/metrics.ts', [
    'For Prometheus, at `/metrics` of the metrics server (`--metrics-host`, `--metrics-port`).',
    '',
    '## Node',
    '',
    table(
      ['Series', 'Labels', 'Meaning'],
      NODE_SERIES.map(({ name, help, labels }) => [code(name), labels.map(code).join(', '), help]),
    ),
    '',
    '## Peer-to-peer layer',
    '',
    table(['Series', 'Meaning'], networkSeries()),
    '',
    '## Others',
    '',
    'About a hundred series of the gossipsub router itself (`gossipsub_*`) and those of the process (`process_*`,',
    '`nodejs_*`), under the names and with the help of their libraries.',
  ])
}

/** The series that the peer-to-peer layer registers; nothing is read from them here. */
function networkSeries(): string[][] {
  const registry = new Registry()
  const nothing = new TrafficCounters().snapshot()
  networkMetrics(registry, {
    traffic: () => nothing,
    connections: () => ({ inbound: 0, outbound: 0 }),
  })
  return registry.getMetricsAsArray().map(({ name, help }) => [code(name), help])
}

/** `invalidParams` in words. */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}
