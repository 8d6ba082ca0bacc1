/**
 * Finality as users see it: the command against every kind of answer, and a network of processes
 * that makes blocks final.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { EXIT_CODES } from '../../src/cli/exitCodes.ts'
import { rpcClient } from '../../src/rpc/client/rpcClient.ts'
import { grapevine, type Running } from '../builders/program.ts'

const ends: (() => Promise<unknown>)[] = []
afterEach(() => Promise.all(ends.splice(0).map((end) => end())))

const settled = (justified: number, finalized: number): Record<string, unknown> => ({
  justified: { number: `0x${justified.toString(16)}` },
  finalized: { number: `0x${finalized.toString(16)}` },
  evidence: 0,
  conflict: null,
  timeToFinalityMs: {},
})

/**
 * A peer that answers each question with the next of these, and the last one from then on; a string
 * is an error.
 */
async function peerThatSays(...answers: readonly (Record<string, unknown> | string)[]) {
  let asked = 0
  const server: Server = createServer((request, response) => {
    request.resume().on('end', () => {
      const said = answers[Math.min(asked++, answers.length - 1)]
      const body =
        typeof said === 'string' ? { error: { code: -32601, message: said } } : { result: said }
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, ...body }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(async () => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function finality(...args: readonly string[]): Running {
  return grapevine(['finality', ...args])
}

describe('an answer of a peer that is none', () => {
  test.each([
    [['ask', 'count members']],
    [['find', 'oldest version']],
    [['finality']],
    [['members']],
    [['members', '--watch']],
  ])('is one clear line: %j', async (command) => {
    for (const answer of [{}, { value: 'many', first: 7, justified: [] }]) {
      const args = [...command, '--rpc', await peerThatSays(answer)]
      const { code, stdout, stderr } = await grapevine(args).finished
      expect({ code, stdout }).toEqual({ code: EXIT_CODES.usage.code, stdout: '' })
      expect(stderr).toContain('sent an unexpected answer')
      expect(stderr.trim().split('\n')).toHaveLength(1)
    }
  })
})

describe('grapevine finality', () => {
  test.each([
    ['no times yet', settled(0, 0), 'block 0 final; block 0 justified; no contradictions'],
    [
      'times',
      { ...settled(8, 4), timeToFinalityMs: { count: 4, p50Ms: 12_000, p99Ms: 20_900 } },
      'block 4 final; block 8 justified; time to finality p50 12.0 s, p99 20.9 s; no contradictions',
    ],
    [
      'contradictions',
      { ...settled(8, 4), evidence: 2 },
      'block 4 final; block 8 justified; 2 proofs of contradictions: gossip_evidence',
    ],
    [
      'a conflict',
      { ...settled(8, 4), conflict: { number: '0x4' } },
      'block 4 final; block 8 justified; no contradictions; A CONFLICTING BLOCK IS FINAL, TOO: see the log',
    ],
  ])('says in a line what a peer holds to: %s', async (_what, answer, line) => {
    const url = await peerThatSays(answer)
    expect(await finality('--rpc', url).finished).toMatchObject({
      code: EXIT_CODES.success.code,
      stdout: `${line}\n`,
      stderr: '',
    })
    const { stdout } = await finality('--rpc', url, '--json').finished
    expect(JSON.parse(stdout)).toMatchObject({ hasConflict: answer['conflict'] !== null })
  })

  test('watches: a line for each change and none for what stays, until it is asked to end', async () => {
    const steps = [settled(4, 0), settled(4, 0), settled(8, 4), { ...settled(8, 4), evidence: 1 }]
    const watching = finality('--rpc', await peerThatSays(...steps), '--watch', '--json')
    await watching.event(({ evidence }) => evidence === 1)
    watching.child.kill('SIGINT')
    const { code, stdout, stderr } = await watching.finished
    const lines = stdout
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
    expect({ code, stderr }).toEqual({ code: EXIT_CODES.success.code, stderr: '' })
    expect(lines).toMatchObject([
      { justified: 4, finalized: 0 },
      { justified: 8, finalized: 4, evidence: 0 },
      { justified: 8, finalized: 4, evidence: 1 },
    ])
  })

  test.each([
    ['no such method', 'the method gossip_finality does not exist', 'does not exist'],
    ['an unexpected answer', { justified: 'none' }, 'cannot read the finality of'],
    ['nothing', {}, 'cannot read the finality of'],
  ])('of a peer that answers %s is one clear line', async (_what, answer, line) => {
    const { code, stdout, stderr } = await finality('--rpc', await peerThatSays(answer)).finished
    expect({ code, stdout }).toEqual({ code: EXIT_CODES.usage.code, stdout: '' })
    expect(stderr).toContain(line)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })

  test.each([
    [['--rpc', ''], 'expected an http URL'],
    [['--rpc', 'ws://127.0.0.1:1'], 'expected an http URL'],
    [['--rpc', 'http://127.0.0.1:9'], 'no JSON-RPC answer from http://127.0.0.1:9'],
  ])('that cannot be asked is one clear line: %j', async (args, line) => {
    const { code, stdout, stderr } = await finality(...args).finished
    expect({ code, stdout }).toEqual({ code: EXIT_CODES.usage.code, stdout: '' })
    expect(stderr).toContain(line)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })
})

interface ReadyPeer {
  readonly rpcUrl: string
  readonly peerId: string
}

describe('a network of four processes', () => {
  test('tells of final blocks by events and subscriptions, and of a block who told of it', async () => {
    const args = [
      'devnet',
      '--nodes',
      '4',
      '--period',
      '1',
      '--json',
      '--set',
      'finalityInterval=1',
    ]
    const devnet = grapevine(args)
    ends.push(() => {
      devnet.child.kill('SIGTERM')
      return devnet.finished
    })
    const ready = await devnet.event(({ event }) => event === 'ready')
    const [first, ...others] = ready['peers'] as ReadyPeer[]
    const url = first?.rpcUrl ?? ''
    const told = subscribed(url)
    expect(await devnet.event(({ event }) => event === 'finalized')).toMatchObject({
      number: expect.any(Number) as number,
      justified: expect.any(Number) as number,
    })
    expect(await told).toMatchObject({ evidence: [] })
    const client = rpcClient(url)
    const { hash } = (await client.call('eth_getBlockByNumber', ['finalized', false])) as {
      hash: string
    }
    const story = (await client.call('gossip_story', [hash])) as {
      senders: readonly { from: string; delayMs: number }[]
      sent: number
      members: number
      share: number
    }
    expect(story).toMatchObject({ kind: 'block', members: 3 })
    expect(story.sent).toBeGreaterThan(0)
    expect(story.share).toBeCloseTo(story.sent / story.members)
    const known = new Set(others.map(({ peerId }) => peerId))
    const senders = story.senders.filter(({ from }) => known.has(from))
    expect(senders).toHaveLength(story.sent)
    const delays = story.senders.map(({ delayMs }) => delayMs)
    expect(delays).toEqual(delays.toSorted((a, b) => a - b))
    expect(delays.every((delayMs) => delayMs >= 0)).toBe(true)
  }, 180_000)
})

/** What a subscription to finality first tells. */
function subscribed(url: string): Promise<unknown> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'))
  ends.push(async () => socket.terminate())
  socket.on('open', () =>
    socket.send(
      JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'gossip_subscribe', params: ['finality'] }),
    ),
  )
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('message', (data: Buffer) => {
      const { params } = JSON.parse(String(data)) as { params?: { result: unknown } }
      if (params !== undefined) resolve(params.result)
    })
  })
}
