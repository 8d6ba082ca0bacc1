/** Commands that are asked to end before their work is done: what they say, and their exit code. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { EXIT_CODES } from '../../src/cli/exitCodes.ts'
import { isRecord } from '../../src/lib/records.ts'
import {
  childOf,
  childrenOf,
  eventsIn,
  grapevine,
  interruptedUnderLoad,
  type Finished,
} from '../builders/program.ts'

const { interrupted, terminated, fellShort } = EXIT_CODES
const ENDS = [
  ['SIGINT', interrupted.code],
  ['SIGTERM', terminated.code],
  ['SIGHUP', terminated.code],
] as const

const SEND = 'eth_sendRawTransaction'
const HEAD = 'eth_getHeaderByNumber'
/** Asked before anything is sent. */
const CHAIN = { eth_chainId: '0x539' }
/** A peer that is asked nothing else need not decode them. */
const THOUSAND = Array.from({ length: 1_000 }, (_, at) => `0x${(4096 + at).toString(16)}`).join(
  '\n',
)

const folder = mkdtempSync(join(tmpdir(), 'grapevine-interrupted-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** `grapevine ...args`, ended by a signal as soon as it has a child process. */
async function endedWithChild(
  args: readonly string[],
  signal: NodeJS.Signals,
): Promise<Finished & { readonly left: readonly number[] }> {
  const program = grapevine(args)
  await childOf(program)
  program.child.kill(signal)
  const finished = await program.finished
  return { ...finished, left: childrenOf(program.child.pid ?? 0) }
}

describe.each(ENDS)('%s', (signal, code) => {
  test.each([
    ['devnet', '--nodes', '3', '--txs', '10', '--json'],
    ['measure', '--nodes', '2', '--txs', '10'],
  ])('while the network of %s starts ends with the code that is listed for it', async (...args) => {
    const { stderr, left, ...ended } = await endedWithChild(args, signal)
    expect({ code: ended.code, stderr, left }).toEqual({
      code,
      stderr: 'ended before there was anything to report\n',
      left: [],
    })
  })

  test('before a devnet without a load is ready is no success, and is said', async () => {
    const ended = await endedWithChild(['devnet', '--nodes', '3', '--json'], signal)
    expect({ ...ended, signal: null }).toEqual({
      code,
      signal: null,
      stdout: '{"event":"stopped"}\n',
      stderr: 'ended before the network was ready\n',
      left: [],
    })
  })

  test('in an experiment names the case and the experiment, and is no fault of the user', async () => {
    const file = join(folder, 'slow.yaml')
    writeFileSync(file, SLOW)
    const ended = await endedWithChild(
      ['experiment', file, '--simulate', '--processes', '1'],
      signal,
    )
    expect(ended.stderr).toContain('case 3, seed 1, of the experiment "Slow": it was interrupted;')
    expect(ended.code).toBe(code)
  })

  test('has submit report what it has sent', async () => {
    const peer = await answeringPeer({ ...CHAIN, [SEND]: '0x' }, { method: SEND, calls: 5 })
    const args = ['submit', '--rpc', peer.url, '--rate', '50', '--file', '-']
    const program = grapevine(args, { input: THOUSAND })
    await peer.reached
    program.child.kill(signal)
    const { code: ended, stdout, stderr } = await program.finished
    const sent = stdout.match(/^0x[0-9a-f]{64} accepted$/gm)?.length ?? 0
    expect(sent).toBeGreaterThan(0)
    expect(stdout).toContain(`${sent} of ${sent} accepted`)
    expect(stderr).toBe(`interrupted: ${sent} of 1000 transactions were sent and answered\n`)
    expect(ended).toBe(code)
  })
})

test('submit --wait that is interrupted tells which transactions are in no block yet', async () => {
  const head = { number: '0x1', hash: `0x${'11'.repeat(32)}`, timestamp: '0x1' }
  const results = { ...CHAIN, [SEND]: '0x', [HEAD]: head }
  // Before the load, after it, and twice while it is waited for.
  const peer = await answeringPeer(results, { method: HEAD, calls: 4 })
  const program = grapevine(['submit', '0x00', '--rpc', peer.url, '--wait', '--json'])
  await peer.reached
  program.child.kill('SIGTERM')
  const { code, stdout, stderr } = await program.finished
  expect(eventsIn(stdout)).toMatchObject([{ status: 'accepted', block: null }])
  expect(stdout).not.toContain('blockedBy')
  expect(stderr).toBe('interrupted: 1 transactions were in no block yet\n')
  expect(code).toBe(terminated.code)
})

test('two signals at the same time, as `timeout` sends them, are one wish to end', async () => {
  const program = grapevine(['devnet', '--nodes', '2'])
  await childOf(program)
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) program.child.kill(signal)
  const { code, stderr } = await program.finished
  expect({ code, stderr }).toEqual({
    code: terminated.code,
    stderr: 'ended before the network was ready\n',
  })
})

test('a simulation that is lost before it has begun has nothing to report', async () => {
  const program = grapevine(['measure', '--simulate', '--nodes', '8', '--txs', '3000'])
  await childOf(program)
  program.child.kill('SIGINT')
  for (const pid of childrenOf(program.child.pid ?? 0)) process.kill(pid, 'SIGKILL')
  const { code, stderr } = await program.finished
  expect({ code, stderr }).toEqual({
    code: interrupted.code,
    stderr: 'ended before there was anything to report\n',
  })
})

test('a command that has no order to end in ends with 143 when its terminal goes away', async () => {
  const peer = await answeringPeer({}, { method: 'gossip_aggregate', calls: 1 })
  const program = grapevine(['ask', 'max', 'chain.head', '--rpc', peer.url])
  await peer.reached
  program.child.kill('SIGHUP')
  expect(await program.finished).toMatchObject({ code: terminated.code, signal: null })
})

test('of several runs the one that was interrupted is named, with what it fell short of', async () => {
  const args = ['measure', '--simulate', '--nodes', '8', '--txs', '3000', '--repeat', '2']
  const { code, stdout, stderr } = await endedWithChild(args, 'SIGINT')
  expect(stderr).toMatch(/^run 1 of 2: the run was ended by hand after /m)
  expect(stdout).toMatch(/^1 run\n/)
  expect(code).toBe(fellShort.code)
})

test.each(['SIGTERM', 'SIGHUP'] as const)(
  'a simulation reports what has been when %s reaches all of its processes',
  async (signal) => {
    const file = join(folder, 'slow-scenario.yaml')
    writeFileSync(file, SLOW_SCENARIO)
    const args = ['simulate', file, '--engine', 'router', '--json']
    const { code, stderr } = await interruptedUnderLoad(args, ({ pid = 0 }) => {
      for (const one of [...childrenOf(pid), pid]) process.kill(one, signal)
    })
    expect(stderr).toMatch(/^the run was ended by hand after /m)
    expect(code).toBe(fellShort.code)
  },
)

const SLOW_SCENARIO = `
name: slow
shows: Much.
nodes: 16
workload: { transactionsPerS: 0.2 }
warmupS: 0
durationS: 5000
`
const SLOW = `
title: Slow
asks: Does it end?
items: transactions
varies: D
scenario:${SLOW_SCENARIO.replaceAll('\n', '\n  ').trimEnd()}
cases:
  - { label: '3', set: { everyNode: { router: { D: 3, Dlo: 2, Dhi: 4 } } } }
  - { label: '4', set: { everyNode: { router: { D: 4, Dlo: 3, Dhi: 5 } } } }
`

interface AnsweringPeer {
  readonly url: string
  /** Resolves when it has been asked so often for what was to be waited for. */
  readonly reached: Promise<void>
}

/** Serves JSON-RPC from a table of results; what is not in it is never answered. */
async function answeringPeer(
  results: Readonly<Record<string, unknown>>,
  awaited: { readonly method: string; readonly calls: number },
): Promise<AnsweringPeer> {
  const reached = Promise.withResolvers<void>()
  let calls = 0
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (part: Buffer) => (text += part.toString()))
    request.on('end', () => {
      const call: unknown = JSON.parse(text)
      const { id, method } = isRecord(call) ? call : {}
      if (method === awaited.method && ++calls === awaited.calls) reached.resolve()
      if (typeof method === 'string' && Object.hasOwn(results, method))
        response.end(JSON.stringify({ jsonrpc: '2.0', id, result: results[method] }))
    })
  })
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: await listening(server), reached: reached.promise }
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}
