/** `grapevine import`: a file of blocks into a data directory. */
import { statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { Command } from 'commander'
import type { Genesis } from '../chain/genesis/genesis.ts'
import { createVerifier, defaultThreads } from '../crypto/verifier.ts'
import { readSettled } from '../finality/finalityFile.ts'
import { messageOf } from '../lib/assert.ts'
import { systemClock } from '../lib/clock.ts'
import { createLogger } from '../lib/log.ts'
import { openBlockFile, type BlockFile } from '../node/blockFile.ts'
import { resolveSettings } from '../node/settings/resolvedSettings.ts'
import { loadRunnableGenesis } from '../node/genesisSetting.ts'
import {
  importBlocks,
  isOfAnotherChain,
  type ImportCounts,
  type ImportReport,
} from '../node/importBlocks.ts'
import { isKept, keepChain, withKeptChain } from '../node/keptChain.ts'
import { openChain, type OpenedChain } from '../node/openChain.ts'
import type { Settings } from '../node/settings/settings.ts'
import { Senders } from '../tx/senders.ts'
import { leaveUnfinished, untilStopRequested } from './terminal/lifetime.ts'
import { addSettingOptions, pathName, settingFlags } from './options/options.ts'
import {
  bar,
  clearProgress,
  isWatched,
  say,
  showProgress,
  writeJson,
  writeText,
} from './terminal/output.ts'
import { UserError } from '../lib/userError.ts'

interface ImportFlags extends Readonly<Record<string, unknown>> {
  readonly json?: boolean
}

const PROGRESS_INTERVAL_MS = 200
/** Where nobody watches: a line in a log, now and then. */
const SAID_INTERVAL_MS = 10_000

/** The command `import`. */
export function importCommand(): Command {
  return addSettingOptions(new Command('import'), ['dataDir', 'genesis', 'ledger'])
    .description(
      "take in blocks from a file: RLP one after another, as geth's export writes it, plain or gzipped",
    )
    .argument('<file>', 'the file of blocks', pathName)
    .option('--json', 'write the outcome as a line of JSON')
    .action(runImport)
}

async function runImport(path: string, flags: ImportFlags): Promise<void> {
  const given = withKeptChain(resolveSettings(settingFlags(flags)))
  if (given.dataDir === '') throw new UserError('--data-dir: say where the chain is kept')
  const genesis = loadRunnableGenesis(given)
  for (const note of genesis.notes) say(note)
  const file = openBlockFile(path)
  const settings = await withPlaceFor(path, given, genesis)
  const opened = await openChain({
    ...settings,
    genesis,
    clock: systemClock,
    log: createLogger('warn'),
  })
  keepChain(settings)
  try {
    await settleKept(settings, opened)
    const startMs = systemClock.monotonicMs()
    const report = await importInto(opened, file)
    await opened.flushed()
    const seconds = (systemClock.monotonicMs() - startMs) / 1000
    clearProgress()
    tell(report, opened, settings, { path, json: flags.json === true, seconds })
  } finally {
    await opened.close()
  }
}

/**
 * A file of another chain is judged in memory. Otherwise a new directory would belong to the wrong
 * chain, and the same command with the right genesis would be refused.
 */
async function withPlaceFor(path: string, settings: Settings, genesis: Genesis): Promise<Settings> {
  if (isKept(settings.dataDir) || !statSync(path).isFile()) return settings
  const isAnother = await isOfAnotherChain(openBlockFile(path).pieces, genesis)
  return isAnother ? { ...settings, dataDir: '' } : settings
}

/** What is final in the data directory stays so: blocks that leave it are refused. */
async function settleKept({ dataDir }: Settings, { chain }: OpenedChain): Promise<void> {
  try {
    const settled = await readSettled(dataDir, {
      genesisHash: chain.genesis.hash,
      chainId: chain.chainId,
    })
    if (settled !== undefined) chain.settle(settled)
  } catch (error) {
    say(`what was kept of finality cannot be used: ${messageOf(error)}`)
  }
}

async function importInto(opened: OpenedChain, file: BlockFile): Promise<ImportReport> {
  const verifier = await createVerifier({
    clock: systemClock,
    threads: defaultThreads(availableParallelism()),
  })
  let isAskedToEnd = false
  void untilStopRequested().then(() => {
    isAskedToEnd = true
  })
  try {
    return await importBlocks(file.pieces, {
      chain: opened.chain,
      senders: new Senders(verifier),
      isAskedToEnd: () => isAskedToEnd,
      onBlock: progressOf(file),
      flushed: () => opened.flushed(),
    })
  } finally {
    await verifier.close()
  }
}

function progressOf(file: BlockFile): (counts: ImportCounts) => void {
  const startMs = systemClock.monotonicMs()
  const intervalMs = isWatched() ? PROGRESS_INTERVAL_MS : SAID_INTERVAL_MS
  let shownMs = startMs
  return ({ imported, known }) => {
    const nowMs = systemClock.monotonicMs()
    if (nowMs - shownMs < intervalMs) return
    shownMs = nowMs
    const blocks = imported + known
    const rate = Math.round((blocks * 1000) / (nowMs - startMs))
    const line = `${bar(file.readBytes(), file.totalBytes)}  ${blocks} blocks, ${rate} a second`
    if (isWatched()) showProgress(line)
    else say(line)
  }
}

interface Telling {
  readonly path: string
  readonly json: boolean
  /** From the first byte read to the last written. */
  readonly seconds: number
}

function tell(
  { end, defect, imported, known }: ImportReport,
  { chain }: OpenedChain,
  { dataDir }: Settings,
  { path, json, seconds }: Telling,
): void {
  const { hash, header } = chain.head
  const head = { number: Number(header.number), hash }
  const summary = `${imported} blocks imported, ${known} known before; the head is block ${head.number} ${hash}`
  if (end === 'defect') throw new UserError(`${path}: ${defect ?? end}. ${summary}`)
  if (json)
    writeJson({
      event: 'imported',
      complete: end === 'complete',
      imported,
      known,
      head,
      dataDir,
      seconds: Math.round(seconds * 1000) / 1000,
    })
  else writeText(`${summary}\n`)
  if (end !== 'asked') return
  leaveUnfinished('interrupted: run the same command again to go on')
}
