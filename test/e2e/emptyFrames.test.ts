/**
 * A whole node, as its users run it, under a peer that sends frames of no length at 0.42 MB a
 * second.
 */
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { rpcClient, type RpcClient } from '../../src/rpc/client/rpcClient.ts'
import { RawPeer, stopAll } from '../builders/p2p.ts'
import { grapevine, type Running } from '../builders/program.ts'

const FRAMES_PER_S = 420_000
const TICK_MS = 10
/** Each of these costs the attacker a connection; an honest node would not come back so often. */
const CONNECTIONS = 2
/** The loop was held up for 5 to 13 s at a time before frames had a price. */
const HANG_MS = 3_000

let node: Running | undefined

afterEach(async () => {
  await stopAll()
  node?.child.kill()
  await node?.finished
})

/**
 * Sends one length byte of zero after the other until the node has had enough; the answer is how
 * many.
 */
async function attack(attacker: RawPeer, address: string): Promise<number> {
  await attacker.connect(address)
  const frames = new Uint8Array((FRAMES_PER_S * TICK_MS) / 1000)
  let sent = 0
  const end = systemClock.every(TICK_MS, () => {
    if (!attacker.isHeard) return
    attacker.sendBytes(frames)
    sent += frames.length
  })
  await attacker.closed()
  end()
  return sent
}

/** Asks again and again until told to end; the answers are the times that each took, ms. */
async function answerTimes(rpc: RpcClient, isOver: () => boolean): Promise<number[]> {
  const tookMs: number[] = []
  while (!isOver()) {
    const startMs = systemClock.monotonicMs()
    expect(await rpc.call('eth_blockNumber', [])).toBe('0x0')
    tookMs.push(systemClock.monotonicMs() - startMs)
  }
  return tookMs
}

test('frames of no length cost the connection each time, and callers are answered meanwhile', async () => {
  const ports = ['--port', '0', '--rpc-port', '0', '--metrics-port', '0']
  node = grapevine(['node', '--json', ...ports])
  const ready = await node.event(({ event }) => event === 'ready')
  const [address = ''] = ready['multiaddrs'] as string[]
  const attacker = await RawPeer.start()
  let isOver = false
  const answered = answerTimes(rpcClient(String(ready['rpcUrl'])), () => isOver)
  const sent: number[] = []
  for (let count = 0; count < CONNECTIONS; count++) sent.push(await attack(attacker, address))
  isOver = true
  const tookMs = await answered
  expect(tookMs.length).toBeGreaterThan(CONNECTIONS)
  expect(Math.max(...tookMs)).toBeLessThan(HANG_MS)
  expect(Math.min(...sent)).toBeGreaterThan(0)
})
