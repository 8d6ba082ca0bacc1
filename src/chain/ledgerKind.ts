import { atLeast } from '../tx/fork.ts'
import { FORK_TIMES, type ChainConfig } from './genesis/config.ts'
import { forkAt } from './genesis/forks.ts'

/**
 * `transfers` executes; `none` checks all that can be checked without a state, for nodes that relay
 * only.
 */
export const LEDGER_KINDS = ['transfers', 'none'] as const
/** Whether blocks are executed, and how: one of {@link LEDGER_KINDS}. */
export type LedgerKind = (typeof LEDGER_KINDS)[number]

/**
 * Throws an Error that says what to do where this ledger would execute blocks of the chain wrongly.
 */
export function assertLedgerRuns(ledger: LedgerKind, config: ChainConfig): void {
  const defect = ledger === 'none' ? undefined : transfersDefect(config)
  if (defect === undefined) return
  throw new Error(
    `config: ${defect}: the ledger 'transfers' runs Clique chains from Byzantium to London; ` +
      "run this chain with the ledger 'none'",
  )
}

function transfersDefect(config: ChainConfig): string | undefined {
  if (config.clique === undefined) return 'clique is missing'
  if (config.terminalTotalDifficulty !== undefined) return 'terminalTotalDifficulty is given'
  const later = FORK_TIMES.find(({ key }) => config.forkTimes[key] !== undefined)
  if (later !== undefined) return `${later.key} is given`
  if (!atLeast(forkAt(config, 1n, 0n), 'byzantium')) return 'byzantiumBlock is above 1 or missing'
  return undefined
}
