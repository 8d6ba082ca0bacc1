/**
 * `grapevine genesis`: a genesis file for a network of plain nodes, on one machine or on several.
 */
import { Command, InvalidArgumentError } from 'commander'
import {
  DEVNET_BALANCE,
  DEVNET_CHAIN_ID,
  DEVNET_GAS_LIMIT,
  devnetGenesis,
} from '../../chain/genesis/devnetGenesis.ts'
import { checksumAddress, parseAddress, type Address } from '../../crypto/address.ts'
import {
  DEVNET_ACCOUNTS,
  devnetAccounts,
  signerAccounts,
  type DevnetAccount,
} from '../../devnet/accounts.ts'
import { UserError } from '../../lib/userError.ts'
import { accountOptions, type AccountFlags } from '../options/accounts.ts'
import { writeFile } from '../network/reportFiles.ts'
import { pathName, wholeNumber } from '../options/options.ts'
import { isStandardOutput, say, writeText } from '../terminal/output.ts'

/** What a chain is besides its signers, and who has funds on it. */
export interface ChainFlags extends AccountFlags {
  readonly fund?: readonly Address[]
  readonly period: number
  readonly gasLimit: number
  readonly chainId: number
}

interface GenesisFlags extends ChainFlags {
  readonly signers: number | readonly Address[]
  readonly out?: string
}

/** As many as a header has room for, and more than anybody starts by hand. */
const MAX_SIGNERS = 64
const DEFAULT_SIGNERS = 2

const NOTES = `
A network of two machines that seal in turn:
  grapevine genesis --signers 2 --out genesis.json     # shows the keys of the two signers
  grapevine key --data-dir a                           # on the first machine; shows its peer id
  GRAPEVINE_SIGNER_KEY=<first key> grapevine node --genesis genesis.json --data-dir a --host <address> --port 9000
  GRAPEVINE_SIGNER_KEY=<second key> grapevine node --genesis genesis.json --data-dir b \\
    --bootnodes /ip4/<address>/tcp/9000/p2p/<peer id>  # on the second machine, with the same file
Clique lets no signer seal two blocks in a row, so that a network of two needs both.`

/** The command `genesis`. */
export function genesisCommand(): Command {
  const command = new Command('genesis')
    .description('make a genesis file in the format of geth: Clique, London rules')
    .option(
      '--signers <addresses>',
      `addresses of the Clique signers, separated by commas, or how many to derive from the public devnet mnemonic`,
      readSigners,
      DEFAULT_SIGNERS,
    )
  return chainOptions(command)
    .option(
      '--out <file>',
      'file to write; - is standard output (default: standard output)',
      pathName,
    )
    .addHelpText('after', NOTES)
    .action(makeGenesis)
}

/** Adds the options of {@link ChainFlags}. */
export function chainOptions(command: Command): Command {
  command.option(
    '--fund <addresses>',
    'addresses to fund as well as the accounts of the mnemonic, separated by commas',
    readAddresses,
  )
  return accountOptions(command)
    .option(
      '--period <seconds>',
      'seconds between blocks; 0 seals a block when there are transactions',
      wholeNumber(0, 3600),
      2,
    )
    .option(
      '--gas-limit <gas>',
      'gas limit of the first block',
      wholeNumber(5_000, Number.MAX_SAFE_INTEGER),
      DEVNET_GAS_LIMIT,
    )
    .option(
      '--chain-id <id>',
      'chain id of the network',
      wholeNumber(1, Number.MAX_SAFE_INTEGER),
      DEVNET_CHAIN_ID,
    )
}

/** The genesis file of a chain with these signers, as text. */
export function genesisFileText(flags: ChainFlags, signers: readonly Address[]): string {
  const { accounts = DEVNET_ACCOUNTS, balance = DEVNET_BALANCE, mnemonic, fund = [] } = flags
  const funded = devnetAccounts(accounts, {
    count: accounts,
    ...(mnemonic !== undefined && { mnemonic }),
  })
  const genesis = devnetGenesis({
    chainId: flags.chainId,
    signers,
    accounts: [...funded.map(({ address }) => address), ...fund],
    balanceWei: balance,
    periodS: flags.period,
    gasLimit: flags.gasLimit,
  })
  return `${JSON.stringify(genesis, null, 2)}\n`
}

function makeGenesis(flags: GenesisFlags): void {
  const { accounts = DEVNET_ACCOUNTS, out } = flags
  const derived = typeof flags.signers === 'number' ? signerAccounts(flags.signers, accounts) : []
  const signers =
    typeof flags.signers === 'number' ? derived.map(({ address }) => address) : flags.signers
  const text = genesisFileText(flags, signers)
  if (out === undefined || isStandardOutput(out)) writeText(text)
  else say(`written: ${writeFile(out, text)}`)
  for (const line of signersText(derived)) say(line)
}

function signersText(signers: readonly DevnetAccount[]): readonly string[] {
  if (signers.length === 0) return []
  return [
    'Signers, with keys that are publicly known:',
    ...signers.map(({ address, privateKey }) => `  ${checksumAddress(address)}  ${privateKey}`),
  ]
}

function readSigners(text: string): number | readonly Address[] {
  if (/^\d+$/.test(text)) return wholeNumber(1, MAX_SIGNERS)(text)
  const signers = readAddresses(text)
  if (signers.length > MAX_SIGNERS)
    throw new InvalidArgumentError(`Expected at most ${MAX_SIGNERS} signers.`)
  return signers
}

function readAddresses(text: string): readonly Address[] {
  const addresses = text.split(',').map((part) => {
    const address = parseAddress(part.trim().toLowerCase())
    if (address === undefined)
      throw new InvalidArgumentError(`Expected addresses such as 0xf39f..., got "${part}".`)
    return address
  })
  if (new Set(addresses).size < addresses.length)
    throw new UserError(`an address is given twice: ${text}`)
  return addresses
}
