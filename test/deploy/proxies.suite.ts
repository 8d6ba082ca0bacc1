/**
 * The reverse proxies of deploy/proxy before a running node: TLS, a password, HTTP and WebSocket.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { grapevine, type Running } from '../builders/program.ts'

const PROXY = fileURLToPath(new URL('../../deploy/proxy', import.meta.url))
const NAME = 'rpc.example.org'
const PASSWORD = 'swordfish'
const CALL = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] })

interface Proxy {
  readonly port: number
  readonly child: ChildProcess
}

let folder = ''
let node: Running
let rpcPort = ''

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'grapevine-proxies-'))
  node = grapevine(['node', '--json', '--rpc-hosts', NAME], { cwd: folder })
  const ready = await node.event((event) => event['event'] === 'ready')
  rpcPort = new URL(String(ready['rpcUrl'])).port
})

afterAll(async () => {
  node.child.kill('SIGTERM')
  await node.finished
  rmSync(folder, { recursive: true, force: true })
})

describe.each([
  ['nginx', startNginx],
  ['Caddy', startCaddy],
])('%s with its file of this project', (_name, start) => {
  let proxy: Proxy

  beforeAll(async () => {
    proxy = start(await freePort())
    await listening(proxy)
  })
  afterAll(async () => {
    const ended = new Promise((resolve) => proxy.child.once('close', resolve))
    proxy.child.kill('SIGTERM')
    await ended
  })

  test('passes on a call that has the password', async () => {
    const answer = await called(proxy.port, `alice:${PASSWORD}`)
    expect(answer).toEqual({ status: 200, text: '{"jsonrpc":"2.0","id":1,"result":"0x539"}' })
  })

  test('answers 401 where the password is wrong or missing', async () => {
    expect((await called(proxy.port, 'alice:wrong')).status).toBe(401)
    expect((await called(proxy.port)).status).toBe(401)
  })

  test('carries a WebSocket', async () => {
    const agent = new Agent({ servername: NAME, rejectUnauthorized: false })
    const url = `wss://alice:${PASSWORD}@127.0.0.1:${proxy.port}/`
    const socket = new WebSocket(url, { agent, headers: { host: NAME } })
    const answer = await new Promise((resolve, reject) => {
      socket.once('error', reject)
      socket.once('open', () => socket.send(CALL))
      socket.once('message', (data) =>
        resolve(JSON.parse(Buffer.isBuffer(data) ? data.toString() : '')),
      )
    })
    socket.close()
    expect(answer).toMatchObject({ id: 1, result: '0x539' })
  })
})

/**
 * The file of the project, with the ports of this test, a certificate of its own and a folder of
 * its own for the rest.
 */
function startNginx(port: number): Proxy {
  const at = (name: string): string => join(folder, name)
  const certificate = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '1',
    '-subj',
    `/CN=${NAME}`,
  ]
  spawnSync('openssl', [
    ...certificate,
    '-keyout',
    at('grapevine.key'),
    '-out',
    at('grapevine.crt'),
  ])
  const hash = spawnSync('openssl', ['passwd', '-apr1', PASSWORD], { encoding: 'utf8' }).stdout
  writeFileSync(at('grapevine.passwords'), `alice:${hash}`, { mode: 0o644 })
  spawnSync('chmod', ['755', folder])
  const text = withPorts('nginx.conf', '443 ssl', `127.0.0.1:${port} ssl`)
    .replaceAll('/etc/nginx/', `${folder}/`)
    .replace('events {}', `pid ${at('nginx.pid')};\nevents {}`)
  writeFileSync(at('nginx.conf'), text)
  const args = ['-c', at('nginx.conf'), '-e', at('nginx.log'), '-g', 'daemon off;']
  return { port, child: spawn('nginx', args, { stdio: 'ignore' }) }
}

function startCaddy(port: number): Proxy {
  const hash = spawnSync('caddy', ['hash-password', '--plaintext', PASSWORD], { encoding: 'utf8' })
  const site = `{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n}\nhttps://${NAME}:${port} {\n\ttls internal`
  const file = join(folder, 'Caddyfile')
  writeFileSync(file, withPorts('Caddyfile', `\n${NAME} {`, `\n${site}`).replace(/^#.*\n/gm, ''))
  const env = {
    ...process.env,
    GRAPEVINE_PASSWORD_HASH: hash.stdout.trim(),
    XDG_DATA_HOME: join(folder, 'caddy'),
    XDG_CONFIG_HOME: join(folder, 'caddy'),
  }
  const args = ['run', '--adapter', 'caddyfile', '--config', file]
  return { port, child: spawn('caddy', args, { stdio: 'ignore', env }) }
}

/**
 * A file of deploy/proxy for the node of this test; throws where it lacks what is to be changed.
 */
function withPorts(file: string, listens: string, instead: string): string {
  const text = readFileSync(join(PROXY, file), 'utf8')
  for (const part of [listens, '127.0.0.1:8545'])
    if (!text.includes(part)) throw new Error(`${file} has no "${part}"`)
  return text.replace(listens, instead).replaceAll('127.0.0.1:8545', `127.0.0.1:${rpcPort}`)
}

function called(port: number, auth?: string): Promise<{ status?: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { host: NAME, 'content-type': 'application/json' }
    const options = { port, method: 'POST', headers, servername: NAME, rejectUnauthorized: false }
    const sent = request({ ...options, host: '127.0.0.1', ...(auth && { auth }) }, (answer) => {
      let text = ''
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()))
      answer.on('end', () =>
        resolve({ text: text.trim(), ...(answer.statusCode && { status: answer.statusCode }) }),
      )
    })
    sent.once('error', reject)
    sent.end(CALL)
  })
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('the server has a port')
  return address.port
}

/** Resolves when the proxy has its certificate; rejects if it ends before. */
async function listening({ port, child }: Proxy): Promise<void> {
  const ended = new Promise<never>((_resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => reject(new Error(`the proxy ended with ${code}`)))
  })
  const connected = (): Promise<boolean> =>
    new Promise((resolve) => {
      const to = { port, host: '127.0.0.1', servername: NAME, rejectUnauthorized: false }
      const socket = connect(to, () => resolve(socket.end() !== undefined))
      socket.once('error', () => resolve(false))
    })
  while (!(await Promise.race([connected(), ended]))) continue
}
