/** Funded accounts: the options that make them, and how they are shown. */
import { InvalidArgumentError, type Command } from 'commander'
import { DEVNET_BALANCE } from '../../chain/genesis/devnetGenesis.ts'
import { DEVNET_MNEMONIC, mnemonicAccount } from '../../crypto/accounts.ts'
import { checksumAddress } from '../../crypto/address.ts'
import { messageOf } from '../../lib/assert.ts'
import {
  DEVNET_ACCOUNTS,
  MAX_DEVNET_ACCOUNTS,
  type DevnetAccount,
  type FundedAccounts,
} from '../../devnet/accounts.ts'
import { etherText, readEther } from './ether.ts'
import { wholeNumber } from './options.ts'

/** How many accounts have funds, how much, and from which words they are derived. */
export interface AccountFlags {
  readonly accounts?: number
  /** Wei. */
  readonly balance?: bigint
  readonly mnemonic?: string
}

/** Adds `--accounts`, `--balance` and `--mnemonic`. */
export function accountOptions(command: Command): Command {
  return command
    .option(
      '--accounts <count>',
      `funded accounts (default: ${DEVNET_ACCOUNTS})`,
      wholeNumber(1, MAX_DEVNET_ACCOUNTS),
    )
    .option(
      '--balance <ether>',
      `ether of each funded account (default: ${etherText(DEVNET_BALANCE)})`,
      readEther,
    )
    .option(
      '--mnemonic <words>',
      `mnemonic from which the funded accounts are derived (default: "${DEVNET_MNEMONIC}")`,
      readMnemonic,
    )
}

/** The funded accounts with their keys, as Anvil and Hardhat show them. */
export function accountsText(
  accounts: readonly DevnetAccount[],
  { balance = DEVNET_BALANCE, mnemonic = DEVNET_MNEMONIC }: AccountFlags,
): readonly string[] {
  const numbered = (texts: readonly string[]): string[] =>
    texts.map((text, index) => `(${index}) ${text}`)
  return [
    'Available accounts',
    ...numbered(
      accounts.map(({ address }) => `${checksumAddress(address)} (${etherText(balance)} ETH)`),
    ),
    '',
    'Private keys',
    ...numbered(accounts.map(({ privateKey }) => privateKey)),
    '',
    `Mnemonic: ${mnemonic}`,
  ]
}

/** The flags as a devnet takes them. */
export function fundedAccounts({ accounts, balance, mnemonic }: AccountFlags): FundedAccounts {
  return {
    ...(accounts !== undefined && { count: accounts }),
    ...(balance !== undefined && { balanceWei: balance }),
    ...(mnemonic !== undefined && { mnemonic }),
  }
}

function readMnemonic(text: string): string {
  const words = text.trim().split(/\s+/).join(' ')
  try {
    mnemonicAccount(words, 0)
    return words
  } catch (error) {
    throw new InvalidArgumentError(`${messageOf(error)}.`)
  }
}
