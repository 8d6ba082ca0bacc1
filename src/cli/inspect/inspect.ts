/** `grapevine inspect`: hex lines on standard input, one JSON line each on standard output. */
import { Command } from 'commander'
import { forkAt } from '../../chain/genesis/forks.ts'
import type { Genesis } from '../../chain/genesis/genesis.ts'
import { loadGenesis } from '../../node/genesisSetting.ts'
import { FORKS, parseFork, type Fork } from '../../tx/fork.ts'
import { inspectBlockLine } from './inspectBlock.ts'
import { judgeLines, type LineJudge } from './inspectLines.ts'
import { inspectTxLine } from './inspectTx.ts'
import { pathName } from '../options/options.ts'
import { UserError } from '../../lib/userError.ts'

/** The options of `inspect`, as text. */
export interface InspectFlags {
  readonly chainId?: string
  readonly fork?: string
  readonly genesis?: string
}

type Subject = 'tx' | 'block'

const LATEST: Fork = 'osaka'
const MAX_CHAIN_ID = 2n ** 64n - 1n
/** Later than every number and time at which a fork can begin. */
const FAR_FUTURE = 2n ** 256n

const NOTES = `
Reads one item in hex a line, with or without 0x, and writes one JSON object a line: what the item is, or
{"error":{"reason","message"}}. An empty line is an item without bytes; only a newline at the very end is none.
Judges by consensus alone: a legacy transaction without chain id is valid. Exits with 1 if any line was refused.
Forks: ${FORKS.join(', ')}.`

/** The command `inspect`, with `inspect tx` and `inspect block`. */
export function inspectCommand(): Command {
  const inspect = new Command('inspect').description(
    'judge transactions or blocks given as hex lines on standard input, one JSON line each',
  )
  inspect.addCommand(subcommand('tx', 'judge signed transactions (EIP-2718 bytes)'))
  inspect.addCommand(subcommand('block', 'judge blocks (RLP, as they travel)'))
  return inspect
}

function subcommand(subject: Subject, description: string): Command {
  return new Command(subject)
    .description(description)
    .option('--chain-id <number>', 'the chain id to judge for')
    .option('--fork <name>', `the fork to judge by (default: the genesis', else ${LATEST})`)
    .option(
      '--genesis <file>',
      'genesis file to take the chain id, the fork and the signers from',
      pathName,
    )
    .addHelpText('after', NOTES)
    .exitOverride()
    .action(async (flags: InspectFlags) => {
      const judge = lineJudge(subject, flags)
      if (await judgeLines(process.stdin, process.stdout, judge)) process.exitCode = 1
    })
}

/** What judges the lines of a run with these flags. Throws a UserError for wrong flags. */
export function lineJudge(subject: Subject, flags: InspectFlags): LineJudge {
  const genesis = flags.genesis === undefined ? undefined : loadGenesis(flags.genesis)
  const chainId = readChainId(flags.chainId, genesis)
  const fork = flags.fork === undefined ? undefined : readFork(flags.fork)
  if (subject === 'tx') {
    const context = { chainId, fork: fork ?? latestFork(genesis) }
    return (line) => inspectTxLine(line, context)
  }
  const context = { chainId, fork, ...(genesis && { genesis }) }
  return (line) => inspectBlockLine(line, context)
}

function readChainId(text: string | undefined, genesis: Genesis | undefined): bigint {
  if (text === undefined && genesis !== undefined) return genesis.config.chainId
  if (text === undefined)
    throw new UserError('give the chain id: --chain-id <number>, or --genesis <file>')
  const chainId = /^(\d{1,20}|0x[0-9a-fA-F]{1,16})$/.test(text) ? BigInt(text) : 0n
  if (chainId < 1n || chainId > MAX_CHAIN_ID)
    throw new UserError(`--chain-id ${text}: expected a whole number from 1 to 2^64-1`)
  return chainId
}

function readFork(text: string): Fork {
  const fork = parseFork(text)
  if (fork === undefined)
    throw new UserError(`--fork ${text}: no such fork; known are ${FORKS.join(', ')}`)
  return fork
}

/**
 * The last fork that a chain's configuration names, which is what its next transactions are for.
 */
function latestFork(genesis: Genesis | undefined): Fork {
  return genesis === undefined ? LATEST : forkAt(genesis.config, FAR_FUTURE, FAR_FUTURE)
}
