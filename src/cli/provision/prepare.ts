/**
 * `grapevine prepare`: everything that the hosts of a network need before the first of them starts.
 * Keys, peer ids, the genesis file and the settings are made here, a folder for each host; on the
 * host one command starts the node.
 */
import { existsSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { mnemonicAccount, newMnemonic, type MnemonicAccount } from '../../crypto/accounts.ts'
import { checksumAddress } from '../../crypto/address.ts'
import { bytesToHex } from '../../lib/bytes.ts'
import { UserError } from '../../lib/userError.ts'
import { envName, type SettingName } from '../../node/settings/settings.ts'
import { peerIdIn } from '../../p2p/peers/peerKey.ts'
import { chainOptions, genesisFileText, type ChainFlags } from './genesis.ts'
import { writeFile } from '../network/reportFiles.ts'
import { pathName, wholeNumber } from '../options/options.ts'
import { writeJson, writeText } from '../terminal/output.ts'

/** Where the others reach a host. */
interface HostAddress {
  /** An IP address, or a name of DNS. */
  readonly name: string
  /**
   * Where it differs from the port on which the node listens, as behind a router that forwards a
   * port.
   */
  readonly port?: number
}

interface PrepareFlags extends ChainFlags {
  readonly hosts: readonly HostAddress[]
  readonly signers?: number
  readonly port: number
  readonly out: string
  readonly json?: boolean
}

/** A host whose keys are made. */
interface PreparedHost {
  readonly name: string
  readonly dir: string
  readonly peerId: string
  readonly address: string
  readonly signer?: MnemonicAccount
}

const MAX_HOSTS = 1_000
/** Enough that one or two may be down when another starts. */
const BOOTNODES = 3
/** A network of four signers goes on, and finalizes, while one is off. */
const DEFAULT_SIGNERS = 4
const DEFAULT_PORT = 9000
/** Where hosts that are not prepared find what they need to join. */
const OTHERS_DIR = 'others'
const [DATA_DIR, GENESIS_FILE] = ['data', 'genesis.json']
const [RPC_PORT, METRICS_PORT] = [8545, 9464]

const NOTES = `
Copy the folder of each host to that host and start the node inside it, where it finds its settings in .env:
  grapevine prepare --hosts 10.0.0.1,10.0.0.2,10.0.0.3 --out network
  scp -r network/10.0.0.1 10.0.0.1:grapevine && ssh 10.0.0.1 'cd grapevine && grapevine node'
Whoever joins later takes network/${OTHERS_DIR}, which holds no key.`

/** The command `prepare`. */
export function prepareCommand(): Command {
  const command = new Command('prepare')
    .description('make keys, genesis and settings of a network on many machines, a folder for each')
    .requiredOption(
      '--hosts <addresses>',
      'where the hosts reach each other: IP addresses or names, separated by commas; a port after a colon where a router forwards it',
      readHosts,
    )
    .option(
      '--signers <count>',
      `how many hosts seal blocks, the first ones (default: ${DEFAULT_SIGNERS}, or all if they are fewer)`,
      wholeNumber(1, MAX_HOSTS),
    )
    .option(
      '--port <port>',
      'port on which the nodes listen for peers',
      wholeNumber(1, 65_535),
      DEFAULT_PORT,
    )
  return chainOptions(command)
    .option('--out <dir>', 'directory to make', pathName, 'network')
    .option('--json', 'write one line of JSON for each host')
    .addHelpText('after', NOTES)
    .action(prepare)
}

async function prepare(flags: PrepareFlags): Promise<void> {
  const { hosts, out, signers = Math.min(hosts.length, DEFAULT_SIGNERS), json } = flags
  if (signers > hosts.length)
    throw new UserError(`--signers ${signers}: there are only ${hosts.length} hosts`)
  if (existsSync(out)) throw new UserError(`${out} is there already: move it away, or use --out`)
  const prepared: PreparedHost[] = []
  for (const [index, host] of hosts.entries())
    prepared.push(await keysOf(host, index < signers, flags))
  const signerAddresses = prepared.flatMap(({ signer }) => (signer ? [signer.address] : []))
  const genesis = genesisFileText(flags, signerAddresses.toSorted())
  for (const host of prepared) writeHost(host, prepared, { genesis, port: flags.port })
  const others = { name: OTHERS_DIR, dir: join(out, OTHERS_DIR), peerId: '', address: '' }
  writeHost(others, prepared, { genesis, port: flags.port })
  for (const host of prepared) {
    if (json) writeJson(shown(host))
    else writeText(`${lineOf(host)}\n`)
  }
}

async function keysOf(
  { name, port }: HostAddress,
  isSigner: boolean,
  flags: PrepareFlags,
): Promise<PreparedHost> {
  const dir = join(flags.out, name)
  const peerId = await peerIdIn(join(dir, DATA_DIR))
  const address = `/${protocolOf(name)}/${name}/tcp/${port ?? flags.port}`
  const signer = isSigner ? mnemonicAccount(newMnemonic(), 0) : undefined
  return { name, dir, peerId, address, ...(signer && { signer }) }
}

function protocolOf(name: string): string {
  const version = isIP(name)
  return version === 0 ? 'dns' : `ip${version}`
}

function writeHost(
  host: PreparedHost,
  all: readonly PreparedHost[],
  { genesis, port }: { readonly genesis: string; readonly port: number },
): void {
  const bootnodes = all.filter(({ peerId }) => peerId !== host.peerId).slice(0, BOOTNODES)
  const settings: readonly (readonly [SettingName, string])[] = [
    ['genesis', GENESIS_FILE],
    ['dataDir', DATA_DIR],
    ['host', all.some(({ name }) => isIP(name) === 6) ? '0.0.0.0,::' : '0.0.0.0'],
    ['port', String(port)],
    ['announce', host.address],
    ['bootnodes', bootnodes.map(({ address, peerId }) => `${address}/p2p/${peerId}`).join(',')],
    ['rpcPort', String(RPC_PORT)],
    ['metricsPort', String(METRICS_PORT)],
    ['signerKey', host.signer ? bytesToHex(host.signer.privateKey) : ''],
  ]
  const given = settings.filter(([, value]) => value !== '')
  const text = given.map(([name, value]) => `${envName(name)}=${value}\n`).join('')
  writeFile(join(host.dir, GENESIS_FILE), genesis)
  writeFile(join(host.dir, '.env'), text, 0o600)
}

function shown({ name, dir, peerId, address, signer }: PreparedHost): Record<string, string> {
  return { host: name, dir, peerId, address, signer: signer ? checksumAddress(signer.address) : '' }
}

function lineOf({ dir, peerId, signer }: PreparedHost): string {
  return `${dir}  peer ${peerId}${signer ? `  signer ${checksumAddress(signer.address)}` : ''}`
}

function readHosts(text: string): readonly HostAddress[] {
  const hosts = text.split(',').map(readHost)
  if (hosts.length > MAX_HOSTS)
    throw new InvalidArgumentError(`Expected at most ${MAX_HOSTS} hosts.`)
  const twice = hosts.find(({ name }, index) => hosts.findIndex((one) => one.name === name) < index)
  if (twice) throw new InvalidArgumentError(`${twice.name} is given twice.`)
  return hosts
}

/** `10.0.0.1`, `node.example`, `203.0.113.7:7000`, `[2001:db8::1]:7000`, `2001:db8::1`. */
function readHost(text: string): HostAddress {
  const trimmed = text.trim()
  const { name = trimmed, port } =
    /^\[(?<name>[^\]]+)\](:(?<port>\d+))?$/.exec(trimmed)?.groups ??
    /^(?<name>[^:]+):(?<port>\d+)$/.exec(trimmed)?.groups ??
    {}
  const isName = /^(?!-)[a-zA-Z0-9-]{1,63}(\.[a-zA-Z0-9-]{1,63})*$/.test(name)
  if ((isIP(name) === 0 && !isName) || name === OTHERS_DIR)
    throw new InvalidArgumentError(
      `Expected IP addresses or host names such as 10.0.0.1 or node.example:9000, got "${trimmed}".`,
    )
  return { name, ...(port !== undefined && { port: wholeNumber(1, 65_535)(port) }) }
}
