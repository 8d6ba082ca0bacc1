/** The dashboard of a devnet: model, polls, actions and server put together. */
import { randomBytes } from 'node:crypto'
import type { Clock } from '../../lib/clock.ts'
import type { Devnet } from '../../devnet/devnet.ts'
import { Actions, parseAction } from './actions.ts'
import { Board } from '../model/board.ts'
import { DASHBOARD_LIMITS } from '../model/limits.ts'
import { parseHash } from '../../crypto/keccak.ts'
import { pollMembers } from '../model/memberPoller.ts'
import { pollNetwork } from '../model/networkPoller.ts'
import { Poller } from '../model/poller.ts'
import { startDashboardServer, type DashboardSource } from './server.ts'
import type { MergedTimeline } from '../model/terms.ts'
import { acceptedCopies, askTimelines, mergeTimelines } from '../model/timelines.ts'
import { Viewers } from './viewers.ts'

/** A dashboard that is served. */
export interface Dashboard {
  readonly url: string
  /** Ends the polls, tells every page that the devnet has ended, and frees the port. */
  close(): Promise<void>
}

/** Where the dashboard is served. */
export interface DashboardOptions {
  /** The first port to try; 0 takes any. */
  readonly port: number
  /** How many ports to try, one after the other. */
  readonly tries: number
}

const HOST = '127.0.0.1'
const TOKEN_BYTES = 24
const RUN_BYTES = 8

/**
 * Starts to watch and to serve. Throws the error of the last port that was tried if none could be
 * had.
 */
export async function startDashboard(
  devnet: Devnet,
  { port, tries }: DashboardOptions,
): Promise<Dashboard> {
  const { clock, chainId, periodS } = devnet.options
  const token = randomBytes(TOKEN_BYTES).toString('hex')
  const board = new Board({ clock, run: randomBytes(RUN_BYTES).toString('hex'), chainId, periodS })
  for (const peer of devnet.peers) board.peerStarted(peer.process.info)
  const viewers = new Viewers()
  const poller = new Poller({ network: devnet.port, board, isWatched: () => viewers.count > 0 })
  const server = await firstFree(port, tries, (port) =>
    startDashboardServer({
      source: sourceOf(devnet, board, clock),
      token,
      host: HOST,
      port,
      viewers,
      onViewer: () => poller.hurry(),
    }),
  )
  const stop = follow(devnet, board)
  const stopUpdates = clock.every(DASHBOARD_LIMITS.updateMs, () => {
    const update = board.takeUpdate()
    if (update !== undefined) viewers.send('update', update)
  })
  const stopMembers = pollMembers({
    clock,
    peers: () =>
      devnet.peers
        .filter(({ process }) => board.live.has(process.info.index))
        .map(({ process, rpc }) => ({
          index: process.info.index,
          call: (method) => rpc.call(method),
        })),
    isWatched: () => viewers.count > 0,
    indexOf: (peerId) => board.indexOf(peerId),
    show: (view) => board.members(view),
  })
  const stopNetwork = pollNetwork({
    clock,
    peers: () => devnet.port.peers.filter(({ index }) => board.live.has(index)),
    isWatched: () => viewers.count > 0,
    collected: (kind) => board.pairFigures(kind),
    show: (views) => board.network(views),
  })
  const polls = poller.run()
  return {
    url: server.url,
    close: async () => {
      stop()
      stopUpdates()
      stopMembers()
      stopNetwork()
      poller.stop()
      await server.close('The devnet has ended.')
      await polls
    },
  }
}

/** Follows exits and faults, whatever caused them. */
function follow(devnet: Devnet, board: Board): () => void {
  devnet.onExit((exit) => board.peerExit(exit))
  return devnet.faults.onFault((fault) => {
    board.fault(fault)
    if (fault.kind !== 'restart' && fault.kind !== 'join') return
    for (const { process } of devnet.peers)
      if (fault.peers.includes(process.info.index)) board.peerStarted(process.info)
  })
}

function sourceOf(devnet: Devnet, board: Board, clock: Clock): DashboardSource {
  const actions = new Actions(devnet, board)
  const open = new Map<string, Promise<MergedTimeline | undefined>>()
  const nameOf = (from: string): string => {
    const index = board.indexOf(from)
    return index === undefined ? from : `peer ${index}`
  }
  const read = async (hash: string): Promise<MergedTimeline | undefined> => {
    const known = parseHash(hash)
    const timelines = known === undefined ? [] : await askTimelines(devnet.port, known)
    board.correct(acceptedCopies(hash, timelines, (peerId) => board.indexOf(peerId)))
    const originMs = clock.wallMs() - clock.monotonicMs()
    const maxEvents = DASHBOARD_LIMITS.maxTimelineEvents
    return mergeTimelines(hash, timelines, { nameOf, originMs, maxEvents })
  }
  return {
    hello: () => board.hello(),
    peer: (index) => board.peer(index),
    targets: () => board.targets(),
    wave: (hash) => board.wave(hash),
    timeline: (hash) => {
      const known = open.get(hash)
      if (known !== undefined) return known
      if (open.size >= DASHBOARD_LIMITS.maxOpenTimelines) return Promise.resolve(undefined)
      const asked = read(hash).finally(() => open.delete(hash))
      open.set(hash, asked)
      return asked
    },
    act: async (value) => actions.do(parseAction(value)),
  }
}

async function firstFree<T>(
  port: number,
  tries: number,
  start: (port: number) => Promise<T>,
): Promise<T> {
  for (let at = 0; ; at++) {
    try {
      return await start(port + at)
    } catch (error) {
      if (at + 1 >= tries || !isTaken(error)) throw error
    }
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}
