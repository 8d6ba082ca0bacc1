/**
 * Hosts as network namespaces: two on one wire, a third behind a router that translates addresses.
 * Each has a monotonic clock of its own, as machines have.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { eventsIn } from '../builders/program.ts'

/** The hosts by their own addresses, with the offset of their clock in seconds. */
export const HOSTS = { '10.0.0.1': 1_000, '10.0.0.2': 50_000, '192.168.7.2': 7_000_000 } as const
/** One of {@link HOSTS}. */
export type HostAddress = keyof typeof HOSTS

const ADDRESSES = Object.keys(HOSTS) as HostAddress[]
/** Namespaces of this process alone: two suites may run at once. */
const PREFIX = `gv${process.pid}`
const [WIRE, ROUTER] = [`${PREFIX}-wire`, `${PREFIX}-router`]

/** Makes the namespaces and connects them; {@link removeNetwork} removes all of it. */
export function makeNetwork(): void {
  for (const name of [WIRE, ROUTER, ...ADDRESSES.map(namespaceOf)]) {
    ip('netns', 'add', name)
    ip('-n', name, 'link', 'set', 'lo', 'up')
  }
  ip('-n', WIRE, 'link', 'add', 'bridge', 'type', 'bridge')
  ip('-n', WIRE, 'link', 'set', 'bridge', 'up')
  connect(namespaceOf('10.0.0.1'), 'eth0', '10.0.0.1/24', 'p1')
  connect(namespaceOf('10.0.0.2'), 'eth0', '10.0.0.2/24', 'p2')
  connect(ROUTER, 'wan', '10.0.0.254/24', 'p3')
  const hidden = namespaceOf('192.168.7.2')
  ip('-n', ROUTER, 'link', 'add', 'lan', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', hidden)
  address(ROUTER, 'lan', '192.168.7.1/24')
  address(hidden, 'eth0', '192.168.7.2/24')
  ip('-n', hidden, 'route', 'add', 'default', 'via', '192.168.7.1')
  run(['ip', 'netns', 'exec', ROUTER, 'sysctl', '-qw', 'net.ipv4.ip_forward=1'])
}

/** Removes what {@link makeNetwork} made. */
export function removeNetwork(): void {
  for (const name of [WIRE, ROUTER, ...ADDRESSES.map(namespaceOf)])
    spawnSync('ip', ['netns', 'delete', name])
}

/** Runs shell commands on the router; throws if one fails. */
export function runOnRouter(commands: string): void {
  run(['ip', 'netns', 'exec', ROUTER, 'sh', '-ec', commands])
}

/** A program on a host. */
export interface HostProgram {
  /** The first line of JSON with this `event`; rejects if the program ends before. */
  event(name: string): Promise<Record<string, unknown>>
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>
  kill(signal: NodeJS.Signals): void
}

/** Starts shell commands on a host, where `grapevine` is the built program. */
export function startOn(
  host: HostAddress,
  commands: string,
  options: { readonly cwd: string; readonly path: string },
): HostProgram {
  const offset = String(HOSTS[host])
  const own = ['unshare', '--time', `--monotonic=${offset}`, `--boottime=${offset}`]
  const args = ['netns', 'exec', namespaceOf(host), ...own, 'sh', '-ec', commands]
  const env = { ...process.env, PATH: `${options.path}:${process.env['PATH'] ?? ''}` }
  const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe']
  const child = spawn('ip', args, { cwd: options.cwd, detached: true, env, stdio })
  return watched(child)
}

function watched(child: ChildProcess): HostProgram {
  const text = { stdout: '', all: '' }
  const looks = new Set<() => void>()
  child.stdout?.on('data', (chunk: Buffer) => {
    text.stdout += chunk.toString()
    text.all += chunk.toString()
    for (const look of looks) look()
  })
  child.stderr?.on('data', (chunk: Buffer) => (text.all += chunk.toString()))
  const ended = new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output: text.all }))
  })
  const event: HostProgram['event'] = (name) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = eventsIn(text.stdout).find((one) => one['event'] === name)
        if (found !== undefined) resolve(found)
      }
      looks.add(look)
      void ended.then(({ code, output }) => reject(new Error(`ended with ${code}: ${output}`)))
      look()
    })
  return { event, ended, kill: (signal) => killGroup(child, signal) }
}

/** The shell, and the node that it became or started. */
function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid !== undefined && isRunning(pid)) process.kill(-pid, signal)
}

function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}

function namespaceOf(host: HostAddress): string {
  return `${PREFIX}-${host}`
}

function connect(namespace: string, device: string, range: string, port: string): void {
  ip('-n', WIRE, 'link', 'add', port, 'type', 'veth', 'peer', 'name', device, 'netns', namespace)
  ip('-n', WIRE, 'link', 'set', port, 'master', 'bridge', 'up')
  address(namespace, device, range)
}

function address(namespace: string, device: string, range: string): void {
  ip('-n', namespace, 'address', 'add', range, 'dev', device)
  ip('-n', namespace, 'link', 'set', device, 'up')
}

function ip(...args: readonly string[]): void {
  run(['ip', ...args])
}

function run([command = '', ...args]: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
}
