import { beforeEach, describe, expect, test } from 'vitest'
import { Board } from '../../src/dashboard/model/board.ts'
import { DASHBOARD_LIMITS } from '../../src/dashboard/model/limits.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { feedBoard, type FedNetwork } from '../builders/dashboard.ts'

describe('the board of the dashboard', () => {
  let clock: ManualClock
  let board: Board
  let network: FedNetwork

  beforeEach(() => {
    clock = new ManualClock(1_000)
    board = new Board({ clock, run: 'one', chainId: 1, periodS: 2 })
    network = feedBoard(board, clock, 6)
    board.takeUpdate()
  })

  const states = (): string[] => board.hello().peers.map(({ state }) => state)

  test('tells what changed once, and nothing when nothing did', () => {
    network.spread('tx')
    const update = board.takeUpdate()
    expect(update?.items).toMatchObject([{ kind: 'tx', reached: 6, live: 6, isDone: true }])
    expect(update?.latency?.tx.items).toBe(1)
    expect(update?.peers).toEqual([])
    expect(board.takeUpdate()).toBeUndefined()
  })

  test('tells a row anew that was drawn as incomplete, when a copy comes after it was given up', () => {
    const hash = `0x${'ee'.repeat(32)}`
    const enteredMs = clock.monotonicMs()
    const see = (peer: number): void => {
      const receivedMs = clock.monotonicMs()
      const copy = { receivedMs, judgedMs: receivedMs, action: 'accept', reason: '' } as const
      board.saw(peer, [{ kind: 'tx', hash, from: peer === 0 ? 'rpc' : 'id-0', ...copy }], 0)
    }
    for (const peer of [0, 1, 2, 3, 4]) see(peer)
    clock.advance(DASHBOARD_LIMITS.giveUpMs)
    const drawn = board.takeUpdate()?.items
    expect(drawn).toMatchObject([{ hash, reached: 5, live: 6, allMs: null, isDone: true }])
    clock.advance(5 * DASHBOARD_LIMITS.giveUpMs)
    board.takeUpdate()
    see(5)
    const allMs = clock.monotonicMs() - enteredMs
    const row = { hash, reached: 6, live: 6, allMs, isDone: true, isUnsure: false }
    expect(board.takeUpdate()?.items).toMatchObject([row])
    expect(board.hello().items[0]).toMatchObject(row)
  })

  test('tells who comes later all that those before were told', () => {
    const hash = network.spread('block')
    board.note('something')
    board.takeUpdate()
    const { items, peers, events, places } = board.hello()
    expect(items).toMatchObject([{ hash, kind: 'block' }])
    expect(peers).toHaveLength(6)
    expect(places).toHaveLength(6)
    expect(events).toMatchObject([{ number: 1, text: 'something' }])
  })

  test('shows a peer as gone when it ended, starting while it comes back, and then running', () => {
    board.peerExit({ index: 2, code: null, signal: 'SIGKILL' })
    expect(states()[2]).toBe('gone')
    expect(board.hello().peers[2]).toMatchObject({ head: null, txMesh: [], connected: [] })
    board.peerStarting(2, true)
    expect(states()[2]).toBe('starting')
    feedBoard(board, clock, 6)
    expect(states()[2]).toBe('running')
  })

  test('does not wait for a gone or a paused peer', () => {
    board.peerExit({ index: 2, code: 0, signal: null })
    board.fault({ kind: 'pause', peers: [3] })
    expect([...board.live].toSorted((a, b) => a - b)).toEqual([0, 1, 4, 5])
    network.spread('tx')
    expect(board.takeUpdate()?.items).toMatchObject([{ live: 4, reached: 4, isDone: true }])
    board.fault({ kind: 'resume', peers: [3] })
    expect(board.live.has(3)).toBe(true)
  })

  test('shows the smaller parts of a network as cut, until it is healed', () => {
    board.fault({
      kind: 'partition',
      groups: [
        [0, 1],
        [2, 3, 4, 5],
      ],
    })
    expect(states()).toEqual(['cut', 'cut', 'running', 'running', 'running', 'running'])
    board.peerExit({ index: 0, code: null, signal: 'SIGKILL' })
    feedBoard(board, clock, 1)
    expect(states()[0]).toBe('cut')
    board.fault({ kind: 'heal' })
    expect(new Set(states())).toEqual(new Set(['running']))
  })

  test('shows a peer as silent that leaves a poll unanswered, however seldom it is asked', () => {
    clock.advance(10 * DASHBOARD_LIMITS.silentMs)
    for (const index of [0, 1]) board.asked(index)
    clock.advance(DASHBOARD_LIMITS.silentMs + 1)
    board.asked(0)
    board.answered(1)
    expect(states()).toEqual(['silent', 'running', 'running', 'running', 'running', 'running'])
  })

  test('names every fault among the events, whoever made it', () => {
    board.fault({ kind: 'clock-jump', peers: [1], byMs: 5_000 })
    expect(board.takeUpdate()?.events.map(({ text }) => text)).toEqual(['clock-jump peer 1 by 5 s'])
  })

  test('counts what was left unread', () => {
    board.saw(1, [], 7)
    expect(board.hello().unread).toBe(7)
  })

  test('shows what a peer thinks of each other, and they of it', () => {
    const detail = board.peer(0)
    expect(detail?.connections.length).toBeGreaterThan(2)
    for (const { peer, score, scoreBack } of detail?.connections ?? []) {
      expect(peer).not.toBeNull()
      expect(score).toBeTypeOf('number')
      expect(scoreBack).toBeTypeOf('number')
    }
    expect(detail?.row.lowestScore).toBeLessThanOrEqual(detail?.row.meanScore ?? 0)
    expect(board.peer(99)).toBeUndefined()
  })

  test('stays within its bounds under a flood', () => {
    for (let at = 0; at < 3 * DASHBOARD_LIMITS.maxItems; at++) {
      network.spread('tx')
      if (at % 100 === 0) board.note(`event ${at}`)
    }
    const { items } = board.hello()
    expect(items).toHaveLength(DASHBOARD_LIMITS.maxShownItems)
    expect(board.takeUpdate()?.items).toHaveLength(DASHBOARD_LIMITS.maxShownItems)
    for (let at = 0; at < 3 * DASHBOARD_LIMITS.maxEvents; at++) board.note(`event ${at}`)
    expect(board.hello().events).toHaveLength(DASHBOARD_LIMITS.maxEvents)
    expect(board.peer(0)?.sightings).toHaveLength(DASHBOARD_LIMITS.maxPeerSightings)
  })
})
