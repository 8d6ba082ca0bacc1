/** `grapevine export`: the blocks of a data directory into a file. */
import { Command } from 'commander'
import type { Chain } from '../chain/chain.ts'
import { systemClock } from '../lib/clock.ts'
import { createLogger } from '../lib/log.ts'
import { writeBlockFile } from '../node/blockFile.ts'
import { SettingsError } from '../node/settings/settingsError.ts'
import { resolveSettings } from '../node/settings/resolvedSettings.ts'
import { loadRunnableGenesis } from '../node/genesisSetting.ts'
import { isKept, withKeptChain } from '../node/keptChain.ts'
import { openChain } from '../node/openChain.ts'
import { leaveUnfinished, untilStopRequested } from './terminal/lifetime.ts'
import { addSettingOptions, pathName, settingFlags, wholeNumber } from './options/options.ts'
import {
  bar,
  clearProgress,
  isStandardOutput,
  say,
  showProgress,
  writeBytes,
  writeJson,
} from './terminal/output.ts'
import { UserError } from '../lib/userError.ts'

interface ExportFlags extends Readonly<Record<string, unknown>> {
  readonly first: number
  readonly last?: number
  readonly json?: boolean
}

interface Range {
  readonly first: number
  readonly last: number
}

const PROGRESS_INTERVAL_MS = 200
const INTERRUPTED = 'interrupted before the last block was written'

/** The command `export`. */
export function exportCommand(): Command {
  const blockNumber = wholeNumber(0, Number.MAX_SAFE_INTEGER)
  return addSettingOptions(new Command('export'), ['dataDir', 'genesis', 'ledger'])
    .description(
      "write blocks to a file: RLP one after another, as geth's import reads it, gzipped if its name ends in .gz",
    )
    .argument('<file>', 'the file to write; - is standard output', pathName)
    .option(
      '--first <number>',
      'the first block; 0 is the genesis, which importers have',
      blockNumber,
      1,
    )
    .option('--last <number>', 'the last block (default: the head)', blockNumber)
    .option('--json', 'write the outcome as a line of JSON')
    .action(runExport)
}

async function runExport(path: string, flags: ExportFlags): Promise<void> {
  const settings = withKeptChain(resolveSettings(settingFlags(flags)))
  if (flags.json && isStandardOutput(path))
    throw new UserError(`--json: does not go with ${path}, which is where the blocks go`)
  if (settings.dataDir === '') throw new UserError('--data-dir: say where the chain is kept')
  if (!isKept(settings.dataDir))
    throw new UserError(`--data-dir: ${settings.dataDir} holds no chain of grapevine`)
  const genesis = loadRunnableGenesis(settings)
  const opened = await openChain({
    ...settings,
    genesis,
    clock: systemClock,
    log: createLogger('warn'),
  })
  let isAskedToEnd = false
  try {
    const range = rangeOf(flags, opened.chain)
    void untilStopRequested().then(() => {
      isAskedToEnd = true
    })
    const blocks = blocksOf(opened.chain, range, () => isAskedToEnd)
    const isWhole = await write(path, blocks)
    clearProgress()
    if (isWhole) tell(path, range, flags)
  } catch (error) {
    if (!isAskedToEnd) throw error
    leaveUnfinished(INTERRUPTED)
  } finally {
    await opened.close()
  }
}

/** Whether all was written; what standard output does not take is told when the program ends. */
async function write(path: string, blocks: Iterable<Uint8Array>): Promise<boolean> {
  if (isStandardOutput(path)) return writeBytes(blocks)
  await writeBlockFile(path, blocks)
  return true
}

function tell(file: string, range: Range, { json }: ExportFlags): void {
  const blocks = Math.max(0, range.last - range.first + 1)
  if (json) writeJson({ event: 'exported', blocks, ...range, file })
  else say(`${blocks} blocks written to ${isStandardOutput(file) ? 'standard output' : file}`)
}

function rangeOf({ first, last }: ExportFlags, { head }: Chain): Range {
  const headNumber = Number(head.header.number)
  if (last !== undefined && last > headNumber)
    throw new UserError(`--last ${last}: the head is block ${headNumber}`)
  if (last !== undefined && first > last)
    throw new UserError(`--first ${first} is above --last ${last}`)
  if (first > headNumber + 1)
    throw new UserError(`--first ${first}: the head is block ${headNumber}`)
  return { first, last: last ?? headNumber }
}

function* blocksOf(
  chain: Chain,
  { first, last }: Range,
  isAskedToEnd: () => boolean,
): Generator<Uint8Array, void, undefined> {
  let shownMs = systemClock.monotonicMs()
  for (let number = first; number <= last; number++) {
    const block = chain.blockByNumber(BigInt(number))
    if (block === undefined) throw new SettingsError(`block ${number} is no longer kept`)
    yield block.raw
    if (isAskedToEnd()) throw new SettingsError(INTERRUPTED)
    const nowMs = systemClock.monotonicMs()
    if (nowMs - shownMs < PROGRESS_INTERVAL_MS) continue
    shownMs = nowMs
    showProgress(`${bar(number - first + 1, last - first + 1)}  block ${number}`)
  }
}
