/**
 * A network of any size that was never started, told to the model of the dashboard as real peers
 * would tell it.
 */
import { Board } from '../../src/dashboard/model/board.ts'
import { DASHBOARD_LIMITS } from '../../src/dashboard/model/limits.ts'
import { startDashboardServer } from '../../src/dashboard/server/server.ts'
import { Viewers } from '../../src/dashboard/server/viewers.ts'
import { systemClock, type Clock } from '../../src/lib/clock.ts'
import { seededRandom, sample, type Random } from '../../src/lib/random.ts'

const DEGREE = 8
const CONNECTED = 16

export interface FedNetwork {
  /** A transaction or block enters at a random peer now and spreads; answers its hash. */
  spread(kind: 'tx' | 'block'): string
}

/** Tells `board` of `count` peers, their links and heads. The same seed makes the same network. */
export function feedBoard(board: Board, clock: Clock, count: number, seed = 1): FedNetwork {
  const random = seededRandom(seed)
  const idOf = (index: number): string => `id-${index}`
  for (let index = 0; index < count; index++)
    board.peerStarted({
      index,
      pid: 1_000 + index,
      peerId: idOf(index),
      multiaddrs: [],
      rpcUrl: `http://127.0.0.1:${20_000 + index}`,
      metricsUrl: 'http://127.0.0.1:9464/metrics',
      dataDir: '',
    })
  const links = linksOf(random, count)
  for (const [index, others] of links.entries()) {
    const mesh = others.slice(0, DEGREE).map(idOf)
    board.answered(index, {
      head: 7,
      headHash: `0x${'cd'.repeat(32)}`,
      pending: random.int(30),
      queued: 0,
      justified: 6,
      finalized: 5,
      evidence: 0,
      txMesh: mesh,
      blockMesh: others.slice(0, DEGREE - 2).map(idOf),
      connections: others.map((other) => ({
        peerId: idOf(other),
        direction: 'outbound',
        score: random.next() * 20,
        roundTripMs: 1 + random.next(),
        client: 'grapevine',
      })),
    })
  }
  let items = 0
  return {
    spread: (kind) => {
      const hash = `0x${(++items).toString(16).padStart(64, '0')}`
      const arrivals = arrivalsFrom(random, links, random.int(count))
      const nowMs = clock.monotonicMs()
      for (const [peer, { from, atMs }] of arrivals)
        board.saw(
          peer,
          [
            {
              kind,
              hash,
              from: from === undefined ? 'rpc' : idOf(from),
              receivedMs: nowMs + atMs,
              judgedMs: nowMs + atMs + 0.5,
              action: 'accept',
              reason: '',
            },
          ],
          0,
        )
      return hash
    },
  }
}

/** A dashboard whose network is a model alone, served as a real one is. */
export interface ServedBoard {
  readonly url: string
  readonly board: Board
  readonly network: FedNetwork
  /** Ends it as a devnet ends. */
  close(): Promise<void>
}

/** Serves a network of `count` peers on a free port of loopback. */
export async function serveBoard(count: number): Promise<ServedBoard> {
  const board = new Board({ clock: systemClock, run: 'fed', chainId: 1, periodS: 2 })
  const network = feedBoard(board, systemClock, count)
  const viewers = new Viewers()
  const server = await startDashboardServer({
    source: {
      hello: () => board.hello(),
      peer: (index) => board.peer(index),
      targets: () => board.targets(),
      wave: (hash) => board.wave(hash),
      timeline: async () => undefined,
      act: async () => ({ text: 'done' }),
    },
    viewers,
    token: 'token',
    host: '127.0.0.1',
    port: 0,
    onViewer: () => {},
  })
  const stopUpdates = systemClock.every(DASHBOARD_LIMITS.updateMs, () => {
    const update = board.takeUpdate()
    if (update !== undefined) viewers.send('update', update)
  })
  const close = async (): Promise<void> => {
    stopUpdates()
    await server.close('The devnet has ended.')
  }
  return { url: server.url, board, network, close }
}

/** Each peer's neighbours, both ways. */
function linksOf(random: Random, count: number): number[][] {
  const links = Array.from({ length: count }, () => new Set<number>())
  const all = [...links.keys()]
  for (const [index, mine] of links.entries())
    for (const other of sample(random, all, CONNECTED / 2)) {
      if (other === index) continue
      mine.add(other)
      links[other]?.add(index)
    }
  return links.map((one) => [...one])
}

interface Heard {
  readonly from: number | undefined
  readonly atMs: number
}

/**
 * Who hears from whom first, when each tells all its neighbours and each telling takes 2 to 20 ms.
 */
function arrivalsFrom(
  random: Random,
  links: readonly (readonly number[])[],
  origin: number,
): Map<number, Heard> {
  const heard = new Map<number, Heard>()
  const coming = [{ peer: origin, from: undefined as number | undefined, atMs: 0 }]
  while (coming.length > 0) {
    coming.sort((a, b) => b.atMs - a.atMs)
    const next = coming.pop()
    if (next === undefined || heard.has(next.peer)) continue
    heard.set(next.peer, next)
    for (const peer of (links[next.peer] ?? []).slice(0, DEGREE))
      coming.push({ peer, from: next.peer, atMs: next.atMs + 2 + 18 * random.next() })
  }
  return heard
}
