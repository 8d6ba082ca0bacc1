/**
 * `grapevine interop`: one node of libp2p's gossipsub-interop, which follows a script. See
 * docs/interop.md.
 */
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { Command, InvalidArgumentError } from 'commander'
import { DIAL_PATIENCE_MS, INTEROP_PORT } from '../interop/connect.ts'
import { EventLog } from '../interop/eventLog.ts'
import { MAX_NODE_ID, nodeIdOfHost } from '../interop/nodeId.ts'
import { readScript, type NodeScript } from '../interop/script.ts'
import { startScriptedNode } from '../interop/scriptedNode.ts'
import { messageOf } from '../lib/assert.ts'
import { systemClock, wallOffsetMs } from '../lib/clock.ts'
import { UserError } from '../lib/userError.ts'
import { pathName, wholeNumber } from './options/options.ts'
import { leaveUnfinished, untilStopRequested } from './terminal/lifetime.ts'
import { say, writeText } from './terminal/output.ts'

interface InteropFlags {
  readonly params: string
  readonly nodeId?: number
  readonly listen: string
  readonly address?: ReadonlyMap<number, string>
}

const LISTEN = /^\/(?:ip4|ip6)\/[^/]+\/tcp\/(\d{1,5})$/
const NODE_ADDRESS = /^node(\d{1,10})=(\/(?:ip4|ip6|dns|dns4|dns6)\/[^/]+\/tcp\/(\d{1,5}))$/
const MAX_PORT = 65_535

/** The command `interop`. */
export function interopCommand(): Command {
  return new Command('interop')
    .description(
      "run one node of libp2p's gossipsub-interop: follow the script in params.json and write what arrives as lines of JSON",
    )
    .requiredOption('--params <file>', 'params.json of the framework', pathName)
    .option(
      '--node-id <number>',
      'which node this is (default: from the host name, such as node7)',
      wholeNumber(0, MAX_NODE_ID),
    )
    .option(
      '--listen <multiaddr>',
      'where to listen; port 0 takes a free one',
      readListen,
      `/ip4/0.0.0.0/tcp/${INTEROP_PORT}`,
    )
    .option(
      '--address <node=multiaddr>',
      `where another node is, such as node1=/ip4/127.0.0.1/tcp/9001; can be repeated (default: port ${INTEROP_PORT} of the host of that name)`,
      readAddress,
    )
    .action(runInterop)
}

async function runInterop({
  params,
  nodeId,
  listen,
  address = new Map(),
}: InteropFlags): Promise<void> {
  const id = nodeId ?? ownNodeId()
  const script = scriptIn(params, id)
  const end = new AbortController()
  void untilStopRequested().then(() => end.abort())
  const offsetMs = wallOffsetMs()
  const node = await startScriptedNode({
    nodeId: id,
    script,
    listen,
    addresses: address,
    startMs: systemClock.monotonicMs() - process.uptime() * 1000,
    dialPatienceMs: DIAL_PATIENCE_MS,
    clock: systemClock,
    events: new EventLog({ write: writeText, wallMs: (monotonicMs) => monotonicMs + offsetMs }),
    say,
    signal: end.signal,
  }).catch(throwListening)
  try {
    await node.run()
  } finally {
    await node.stop()
  }
  if (end.signal.aborted) leaveUnfinished('interrupted before the end of the script')
}

/** Names a busy port by the flag of this command. */
function throwListening(error: unknown): never {
  if (!(error instanceof UserError)) throw error
  throw new UserError(`--listen: ${error.message.replace(/: choose .*$/, '')}`)
}

function ownNodeId(): number {
  try {
    return nodeIdOfHost(hostname())
  } catch (error) {
    throw new UserError(`--node-id: say which node this is, since ${messageOf(error)}`)
  }
}

function scriptIn(file: string, nodeId: number): NodeScript {
  const text = textOf(file)
  try {
    return readScript(text, nodeId)
  } catch (error) {
    throw new UserError(`${file}: ${messageOf(error)}`)
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UserError(`--params: cannot read ${file}: ${messageOf(error)}`)
  }
}

function readListen(text: string): string {
  const [, port = ''] = LISTEN.exec(text) ?? []
  if (port !== '' && Number(port) <= MAX_PORT) return text
  throw new InvalidArgumentError('Expected a multiaddr such as /ip4/127.0.0.1/tcp/9001.')
}

function readAddress(
  text: string,
  before: ReadonlyMap<number, string> = new Map(),
): ReadonlyMap<number, string> {
  const [, id, multiaddr, port] = NODE_ADDRESS.exec(text) ?? []
  if (id === undefined || multiaddr === undefined || Number(port) > MAX_PORT)
    throw new InvalidArgumentError('Expected an address such as node1=/ip4/127.0.0.1/tcp/9001.')
  if (before.has(Number(id))) throw new InvalidArgumentError(`node${id} has an address already.`)
  return new Map(before).set(Number(id), multiaddr)
}
