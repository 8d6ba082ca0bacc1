/** `grapevine devnet` and `grapevine measure`: a network of processes, a load, the report. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, Option } from 'commander'
import { systemClock } from '../lib/clock.ts'
import { meshesFormed, startDevnet, type Devnet } from '../devnet/devnet.ts'
import { runExperiment, type Progress } from '../devnet/experiment.ts'
import { watchBlocks } from '../devnet/watchBlocks.ts'
import { EXPORT_NAMES, type ExportName } from '../measure/export/exports.ts'
import type { Report } from '../measure/report.ts'
import { renderReport } from '../measure/terminal.ts'
import { LOG_LEVELS } from '../lib/log.ts'
import {
  dashboardOptions,
  dashboardPeerFlags,
  withDashboard,
  type DashboardFlags,
} from './dashboard.ts'
import { untilAskedToEnd } from './lifetime.ts'
import { measureByRpc, rpcUrls } from './measureAttached.ts'
import { bar, clearProgress, say, showProgress, writeJson, writeText } from './output.ts'
import { positiveNumber, wholeNumber } from './options.ts'
import { writeReportFiles } from './reportFiles.ts'
import { UserError } from './userError.ts'

interface DevnetFlags extends DashboardFlags {
  readonly nodes: number
  readonly txs: number
  readonly rate: number
  readonly dataBytes: number
  readonly period: number
  readonly chainId: number
  readonly dir?: string
  readonly admin?: boolean
  readonly logLevel: string
  readonly json?: boolean
  readonly once?: boolean
  readonly reportDir?: string
  readonly html?: string
  readonly export?: ExportName
}

const MAX_NODES = 100
const MESH_TIMEOUT_MS = 30_000
const DEFAULT_TXS = 300
/** Seconds that a network is watched unless told. */
const DEFAULT_WATCH_S = 30

export function devnetCommand(): Command {
  return dashboardOptions(commonOptions(new Command('devnet')))
    .description(
      'start a network of peers on this machine; with --txs, load it and print the propagation report',
    )
    .option(
      '--txs <count>',
      'transactions to submit before the report',
      wholeNumber(0, 1_000_000),
      0,
    )
    .addOption(reportDirOption())
    .addOption(exportOption())
    .option('--once', 'end after the report even on a terminal')
    .option('--json', 'write events as JSON lines: first "ready", then what happens')
    .action(runDevnet)
}

export function measureCommand(): Command {
  return commonOptions(new Command('measure'))
    .description(
      'start a network of peers, or with --rpc take one that runs; load it, print the propagation report and end',
    )
    .option(
      '--rpc <urls>',
      'measure the peers at these JSON-RPC URLs, of this machine or of others, instead of starting any',
      rpcUrls,
    )
    .option(
      '--duration <seconds>',
      'with --rpc: how long to watch',
      positiveNumber(86_400),
      DEFAULT_WATCH_S,
    )
    .option(
      '--txs <count>',
      `transactions to submit (default: ${DEFAULT_TXS}; with --rpc none)`,
      wholeNumber(0, 1_000_000),
    )
    .option('--html <file>', 'write the report as one page that opens offline')
    .addOption(reportDirOption())
    .addOption(exportOption())
    .option('--json', 'print the report as JSON')
    .action(runMeasure)
}

function reportDirOption(): Option {
  return new Option('--report-dir <dir>', 'write report.json and report.html here')
}

function exportOption(): Option {
  return new Option(
    '--export <format>',
    'write the data for other tools, into a folder of that name in --report-dir or here',
  ).choices(EXPORT_NAMES)
}

function commonOptions(command: Command): Command {
  return command
    .option('--nodes <count>', 'peers, each a process of its own', wholeNumber(1, MAX_NODES), 8)
    .option('--rate <per-second>', 'transactions per second', positiveNumber(10_000), 30)
    .option('--data-bytes <bytes>', 'calldata of each transaction', wholeNumber(0, 100_000), 0)
    .option('--period <seconds>', 'seconds between blocks', wholeNumber(1, 3600), 2)
    .option(
      '--chain-id <id>',
      'chain id of the network',
      wholeNumber(1, Number.MAX_SAFE_INTEGER),
      1337,
    )
    .option(
      '--dir <dir>',
      'keep genesis, peer directories and logs here (default: a temporary directory, removed at the end)',
    )
    .option('--admin', 'let the peers serve the admin_ methods')
    .option('--log-level <level>', `level of the peers' logs: ${LOG_LEVELS.join(', ')}`, 'info')
}

async function runDevnet(flags: DevnetFlags): Promise<void> {
  await withDevnet(flags, async (devnet, ended, dashboardUrl) => {
    if (flags.json) announce(devnet, dashboardUrl)
    const stopWatching = flags.json ? watchEvents(devnet) : () => {}
    if (flags.txs > 0) await reportOn(devnet, flags)
    if (staysUp(flags)) {
      if (!flags.json) writeText(whereToReach(devnet, dashboardUrl))
      await ended
    }
    stopWatching()
  })
  if (flags.json) writeJson({ event: 'stopped' })
}

type MeasureFlags = Omit<DevnetFlags, 'txs'> & {
  readonly rpc?: readonly string[]
  readonly duration: number
  readonly txs?: number
}

async function runMeasure({ rpc, txs, ...rest }: MeasureFlags): Promise<void> {
  if (rpc === undefined) await measureOwn({ ...rest, txs: txs ?? DEFAULT_TXS })
  else await show(await measureByRpc({ ...rest, rpc, txs: txs ?? 0 }), rest)
}

async function show(report: Report, flags: Omit<DevnetFlags, 'txs'>): Promise<void> {
  if (flags.json) writeJson(report)
  else writeText(renderReport(report))
  await writeFiles(report, flags)
}

async function measureOwn(flags: DevnetFlags): Promise<void> {
  if (flags.txs === 0) throw new UserError('--txs: expected at least 1, or --rpc to only watch')
  await withDevnet(flags, async (devnet) => {
    await show(await measure(devnet, flags), flags)
  })
}

/** A person at a terminal wants the network to play with; a script wants the report, unless it asked for no load. */
function staysUp(flags: DevnetFlags): boolean {
  if (flags.once) return false
  return flags.txs === 0 || flags.json === true || process.stdout.isTTY
}

type Use = (devnet: Devnet, ended: Promise<void>, dashboardUrl?: string) => Promise<void>

/** Runs `use` on a network and ends the network whatever happens, also when asked to end in the middle. */
async function withDevnet(flags: DevnetFlags, use: Use): Promise<void> {
  const dir =
    flags.dir === undefined ? mkdtempSync(join(tmpdir(), 'grapevine-')) : resolve(flags.dir)
  const abort = new AbortController()
  const ended = untilAskedToEnd().then(() => abort.abort())
  try {
    const devnet = await start(flags, dir, abort.signal)
    try {
      await withDashboard(devnet, flags, async (dashboardUrl) => {
        await meshesFormed(devnet, MESH_TIMEOUT_MS)
        clearProgress()
        await Promise.race([use(devnet, ended, dashboardUrl), ended])
      })
    } finally {
      clearProgress()
      await devnet.stop()
    }
  } catch (error) {
    if (!abort.signal.aborted) throw error
  } finally {
    if (flags.dir === undefined) rmSync(dir, { recursive: true, force: true })
  }
}

function start(flags: DevnetFlags, dir: string, signal: AbortSignal): Promise<Devnet> {
  const { nodes, chainId, period: periodS } = flags
  const said = flags.json ? () => {} : showProgress
  said(`starting ${nodes} peers ${bar(0, nodes)}`)
  return startDevnet({
    program: fileURLToPath(new URL('./main.js', import.meta.url)),
    nodes,
    chainId,
    periodS,
    dir,
    flags: [
      '--log-level',
      flags.logLevel,
      ...(flags.admin ? ['--admin'] : []),
      ...dashboardPeerFlags(flags),
    ],
    clock: systemClock,
    signal,
    onPeer: (ready) => said(`starting ${nodes} peers ${bar(ready, nodes)}`),
  })
}

async function measure(devnet: Devnet, flags: DevnetFlags): Promise<Report> {
  if (!flags.json) say(`${devnet.peers.length} peers are up and their meshes have formed`)
  const { txs, rate: ratePerS, dataBytes } = flags
  const onProgress = flags.json
    ? () => {}
    : (progress: Progress) => showProgress(progressLine(progress, txs))
  const report = await runExperiment(devnet, { txs, ratePerS, dataBytes, onProgress })
  clearProgress()
  return report
}

async function reportOn(devnet: Devnet, flags: DevnetFlags): Promise<void> {
  const report = await measure(devnet, flags)
  if (flags.json) writeJson({ event: 'report', report })
  else writeText(renderReport(report))
  await writeFiles(report, flags)
}

async function writeFiles(report: Report, flags: Omit<DevnetFlags, 'txs'>): Promise<void> {
  for (const path of await writeReportFiles(report, flags)) say(`written: ${path}`)
}

function progressLine({ phase, submitted, included, head }: Progress, txs: number): string {
  return `${phase} ${bar(submitted + included, 2 * txs)} ${submitted}/${txs} submitted, ${included} in blocks, head ${head}`
}

function announce(devnet: Devnet, dashboardUrl: string | undefined): void {
  writeJson({
    event: 'ready',
    chainId: devnet.options.chainId,
    genesis: devnet.genesisFile,
    ...(dashboardUrl !== undefined && { dashboardUrl }),
    peers: devnet.peers.map((peer) => peer.process.info),
    accounts: devnet.accounts,
  })
}

/** Writes what happens on the network until the answer is called. */
function watchEvents(devnet: Devnet): () => void {
  devnet.onExit((exit) => writeJson({ event: 'peer-exit', ...exit }))
  return watchBlocks(devnet, (block) => writeJson({ event: 'block', ...block }))
}

function whereToReach(devnet: Devnet, dashboardUrl: string | undefined): string {
  const rows = devnet.peers.map(
    ({ process: { info } }) => `  peer ${info.index}  ${info.rpcUrl}  metrics ${info.metricsUrl}`,
  )
  return [
    '',
    `The network stays up; press Ctrl-C to end it. Chain id ${devnet.options.chainId}, JSON-RPC:`,
    ...rows,
    ...(dashboardUrl === undefined ? [] : [`Dashboard: ${dashboardUrl}`]),
    `Funded account: ${devnet.accounts[0]?.address}, private key ${devnet.accounts[0]?.privateKey}`,
    '',
  ].join('\n')
}
