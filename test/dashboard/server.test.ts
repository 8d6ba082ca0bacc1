import { request, type IncomingHttpHeaders } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ActionError, parseAction } from '../../src/dashboard/server/actions.ts'
import { Board } from '../../src/dashboard/model/board.ts'
import { DASHBOARD_LIMITS } from '../../src/dashboard/model/limits.ts'
import { startDashboardServer, type DashboardServer } from '../../src/dashboard/server/server.ts'
import { Viewers } from '../../src/dashboard/server/viewers.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'

const TOKEN = 'a'.repeat(48)
const HASH = `0x${'ab'.repeat(32)}`

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

describe('the server of the dashboard', () => {
  let server: DashboardServer
  let viewers: Viewers
  let board: Board
  let acted: unknown[] = []
  const sockets: Socket[] = []

  beforeEach(async () => {
    board = new Board({ clock: new ManualClock(), run: 'one', chainId: 1, periodS: 2 })
    viewers = new Viewers()
    acted = []
    server = await startDashboardServer({
      source: {
        hello: () => board.hello(),
        peer: () => undefined,
        targets: () => board.targets(),
        wave: () => undefined,
        timeline: async () => undefined,
        act: async (value) => {
          acted.push(parseAction(value))
          return { text: 'done' }
        },
      },
      viewers,
      token: TOKEN,
      host: '127.0.0.1',
      port: 0,
      onViewer: () => {},
    })
  })

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy()
    await server.close('over')
  })

  function ask(path: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const asked = request(new URL(path, server.url), { method, headers }, (response) => {
        let text = ''
        response.on('data', (part: Buffer) => (text += part.toString()))
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        )
      })
      asked.on('error', reject)
      asked.end(body)
    })
  }

  const act = (headers: Readonly<Record<string, string>>, body = '{"act":"heal"}') =>
    ask('/act', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })

  /** Opens the stream of events and leaves it to the test whether to read. */
  function openStream(): Promise<Socket> {
    const { hostname, port } = new URL(server.url)
    const socket = connect(Number(port), hostname)
    sockets.push(socket)
    socket.on('error', () => {})
    socket.write(`GET /events HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`)
    return new Promise((resolve) => {
      socket.once('readable', () => resolve(socket))
    })
  }

  test('serves the page, which may load from here alone and stand in no frame', async () => {
    const { status, headers, body } = await ask('/')
    expect(status).toBe(200)
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'")
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers['access-control-allow-origin']).toBeUndefined()
    expect(body).toContain(TOKEN)
    expect(body).not.toMatch(/https?:\/\//)
  })

  test('serves every script that another script imports', async () => {
    const seen = new Set(['/main.js'])
    for (const path of seen) {
      const { status, headers, body } = await ask(path)
      expect([path, status]).toEqual([path, 200])
      expect(headers['content-type']).toContain('text/javascript')
      for (const [, name] of body.matchAll(/from '\.(\/\w+\.js)'/g)) seen.add(name ?? '')
    }
    expect(seen.size).toBeGreaterThan(5)
  })

  test.each(['evil.example', 'evil.example:80', 'localhost.evil.example'])(
    'refuses the host "%s": a name that was made to point here',
    async (host) => {
      for (const path of ['/', '/events', '/main.js'])
        expect((await ask(path, { headers: { host } })).status).toBe(403)
      expect((await act({ host, 'x-grapevine-token': TOKEN })).status).toBe(403)
      expect(acted).toEqual([])
    },
  )

  test('answers localhost by name', async () => {
    expect((await ask('/', { headers: { host: 'localhost:1234' } })).status).toBe(200)
  })

  test('acts for who has the token', async () => {
    const answer = await act({ 'x-grapevine-token': TOKEN })
    expect(answer).toMatchObject({ status: 200, body: '{"text":"done"}' })
    expect(acted).toEqual([{ act: 'heal' }])
  })

  test.each([
    ['without a token', {}],
    ['with a wrong token', { 'x-grapevine-token': 'b'.repeat(48) }],
    ['with a part of the token', { 'x-grapevine-token': TOKEN.slice(1) }],
    [
      'from a page of another origin',
      { 'x-grapevine-token': TOKEN, origin: 'http://evil.example' },
    ],
    ['from a page of another site', { 'x-grapevine-token': TOKEN, 'sec-fetch-site': 'cross-site' }],
  ])('does not act %s', async (_how, headers) => {
    expect((await act(headers)).status).toBe(403)
    expect(acted).toEqual([])
  })

  test('opens no stream for a page of another site', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' }
    expect((await ask('/events', { headers })).status).toBe(403)
  })

  test.each([
    ['{', 'an action is JSON'],
    ['[]', 'an action is an object'],
    ['{"act":"format"}', 'no such action'],
    ['{"act":"kill","peers":[]}', 'kill needs a list of peers'],
    ['{"act":"kill","peers":["0"]}', 'kill needs a list of peers'],
    ['{"act":"submit","peer":0,"count":0}', 'submit takes 1 to 200 transactions'],
    ['{"act":"submit","peer":-1,"count":1}', 'submit needs a peer'],
  ])('says why it does not do %s', async (body, error) => {
    const answer = await act({ 'x-grapevine-token': TOKEN }, body)
    expect(answer).toMatchObject({ status: 409, body: JSON.stringify({ error }) })
    expect(() => parseAction(undefined)).toThrow(ActionError)
  })

  test('takes no body without end', async () => {
    const body = JSON.stringify({ act: 'kill', peers: Array.from({ length: 20_000 }, () => 1) })
    expect((await act({ 'x-grapevine-token': TOKEN }, body)).status).toBe(413)
  })

  test.each([
    ['/nothing', 404],
    ['/../limits.ts', 404],
    ['/client/main.js', 404],
    ['/peer/x', 404],
    [`/timeline/${HASH}/more`, 404],
    ['/timeline/0x12', 404],
  ])('has nothing at %s', async (path, status) => {
    expect((await ask(path)).status).toBe(status)
  })

  test.each(['/peer/1', `/wave/${HASH}`, `/timeline/${HASH}`])(
    'knows nothing of %s',
    async (path) => {
      expect(await ask(path)).toMatchObject({ status: 200, body: 'null' })
    },
  )

  test('tells Prometheus where the peers serve their metrics', async () => {
    board.peerStarted({
      index: 3,
      pid: 1,
      peerId: 'id',
      multiaddrs: [],
      rpcUrl: 'http://127.0.0.1:1',
      metricsUrl: 'http://127.0.0.1:9464/metrics',
      dataDir: '',
    })
    const { headers, body } = await ask('/targets.json')
    expect(headers['content-type']).toBe('application/json')
    expect(JSON.parse(body)).toEqual([{ targets: ['127.0.0.1:9464'], labels: { peer: '3' } }])
    board.peerExit({ index: 3, code: null, signal: 'SIGKILL' })
    expect((await ask('/targets.json')).body).toBe('[]')
  })

  test('takes no other method', async () => {
    expect((await ask('/', { method: 'POST' })).status).toBe(405)
    expect((await ask('/act')).status).toBe(405)
    expect((await ask('/act', { method: 'OPTIONS' })).status).toBe(405)
  })

  test('lets a page go that does not read, and keeps the others', async () => {
    const [slow, reader] = [await openStream(), await openStream()]
    slow.pause()
    reader.resume()
    expect(viewers.count).toBe(2)
    const events = [{ number: 1, atMs: 0, text: 'x'.repeat(256 * 1024) }]
    const rounds = 400
    for (let round = 0; round < rounds && viewers.count === 2; round++) {
      viewers.send('update', { peers: [], items: [], events, unread: 0 })
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(viewers.count).toBe(1)
    expect(reader.destroyed).toBe(false)
  })

  test('has room for so many pages and no more', async () => {
    await Promise.all(Array.from({ length: DASHBOARD_LIMITS.maxViewers }, openStream))
    expect((await ask('/events')).status).toBe(503)
  })

  test('says goodbye to every page and ends at once', async () => {
    const socket = await openStream()
    let text = ''
    socket.on('data', (part: Buffer) => (text += part.toString()))
    const ended = new Promise((resolve) => socket.once('close', resolve))
    await server.close('The devnet has ended.')
    await ended
    expect(text).toContain('event: hello')
    expect(text).toContain('event: ended\ndata: {"text":"The devnet has ended."}')
  })
})
