/** `grapevine submit`: hands transactions to running peers and says what happened to each. */
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { DEVNET_MNEMONIC, mnemonicAccount } from '../crypto/accounts.ts'
import { keccak256Hash } from '../crypto/keccak.ts'
import { rpcClient, type RpcClient } from '../devnet/rpcClient.ts'
import { planWorkload, runWorkload, type PlannedTx, type Submission } from '../devnet/workload.ts'
import { bytesToHex, parseHex, type Hex } from '../lib/bytes.ts'
import { systemClock } from '../lib/clock.ts'
import { UserError } from './userError.ts'
import { bar, clearProgress, showProgress, writeJson, writeText } from './output.ts'
import { positiveNumber, wholeNumber } from './options.ts'

interface SubmitFlags {
  readonly rpc: readonly string[]
  readonly file?: string
  readonly count?: number
  readonly rate: number
  readonly senders: number
  readonly size: number
  readonly json?: boolean
}

const MAX_SENDERS = 1_000

export function submitCommand(): Command {
  return new Command('submit')
    .description(
      'submit raw transactions, or a load signed by the devnet accounts, to one or several peers',
    )
    .argument('[raw...]', 'signed transactions as 0x-prefixed hex')
    .requiredOption(
      '--rpc <url>',
      'JSON-RPC URL of a peer; given several times, transactions go to them in turn',
      urls,
    )
    .option('--file <file>', 'file with one raw transaction in hex a line')
    .option('--count <count>', 'sign and submit so many transfers', wholeNumber(1, 1_000_000))
    .option('--rate <per-second>', 'transactions per second', positiveNumber(100_000), 100)
    .option(
      '--senders <count>',
      'devnet accounts that sign (ten are funded by the built-in genesis)',
      wholeNumber(1, MAX_SENDERS),
      10,
    )
    .option('--size <bytes>', 'calldata of each signed transaction', wholeNumber(0, 100_000), 0)
    .option('--json', 'write one JSON line per transaction')
    .action(runSubmit)
}

async function runSubmit(raw: readonly string[], flags: SubmitFlags): Promise<void> {
  const targets = flags.rpc.map((url) => rpcClient(checkUrl(url)))
  const plan = await planOf(raw, flags, targets)
  if (plan.length === 0)
    throw new UserError('nothing to submit: give raw transactions, --file or --count')
  let done = 0
  const submissions = await runWorkload(plan, systemClock, (submission) => {
    done += 1
    if (flags.json) writeJson(submission)
    else showProgress(`submitting ${bar(done, plan.length)} ${done}/${plan.length}`)
  })
  clearProgress()
  if (!flags.json) writeText(summaryOf(submissions))
  if (submissions.some(({ status }) => status !== 'accepted')) process.exitCode = 1
}

async function planOf(
  raw: readonly string[],
  flags: SubmitFlags,
  targets: readonly RpcClient[],
): Promise<readonly PlannedTx[]> {
  const texts = [...raw, ...(flags.file === undefined ? [] : linesOf(flags.file))]
  const given = texts.map((text, index) => plannedRaw(text, index, flags, targets))
  if (flags.count === undefined) return given
  const chainId = Number(await targets[0]?.call('eth_chainId'))
  const privateKeys = Array.from({ length: flags.senders }, (_, index) =>
    bytesToHex(mnemonicAccount(DEVNET_MNEMONIC, index).privateKey),
  )
  const signed = await planWorkload({
    chainId,
    count: flags.count,
    ratePerS: flags.rate,
    dataBytes: flags.size,
    privateKeys,
    targets,
  })
  return [...given, ...signed]
}

function plannedRaw(
  text: string,
  index: number,
  flags: SubmitFlags,
  targets: readonly RpcClient[],
): PlannedTx {
  const bytes = parseHex(text)
  const target = targets[index % targets.length]
  if (bytes === undefined)
    throw new UserError(`not a raw transaction in 0x-prefixed hex: ${text.slice(0, 60)}`)
  if (target === undefined) throw new UserError('--rpc: expected at least one URL')
  return {
    hash: keccak256Hash(bytes),
    raw: text as Hex,
    target,
    dueMs: (index * 1000) / flags.rate,
  }
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
  } catch {
    throw new UserError(`--file: cannot read ${file}`)
  }
}

function urls(url: string, others: readonly string[] = []): readonly string[] {
  return [...others, url]
}

function checkUrl(url: string): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url
  throw new UserError(`--rpc: expected an http URL such as http://127.0.0.1:8545, got ${url}`)
}

function summaryOf(submissions: readonly Submission[]): string {
  const lines = submissions.map(
    ({ hash, status, reason }) => `${hash} ${status}${reason === '' ? '' : `: ${reason}`}`,
  )
  const accepted = submissions.filter(({ status }) => status === 'accepted').length
  return `${lines.join('\n')}\n${accepted} of ${submissions.length} accepted\n`
}
