/**
 * What nodes know of each other in a report: the same file on real processes and in the simulator.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { readReport } from '../../src/measure/reportFile.ts'
import type * as Library from '../../src/index.ts'
import { rpcClient } from '../../src/rpc/client/rpcClient.ts'
import { grapevine } from '../builders/program.ts'
import { scenarioText } from '../builders/scenario.ts'

/** The compiled library: its peers run the compiled program. */
const COMPILED = new URL('../../dist/index.js', import.meta.url).href
const { startDevnet } = (await import(COMPILED)) as typeof Library

/** Six nodes, of which one dies and one leaves: four are left to learn of either. */
const GONE = {
  name: 'gone',
  nodes: 6,
  topology: { kind: 'complete' },
  links: { latencyMs: 10 },
  workload: { transactionsPerS: 1 },
  durationS: 16,
  faults: [
    { kind: 'kill', nodes: [2], atS: 1 },
    { kind: 'leave', nodes: [4], atS: 2 },
  ],
}

describe('a report', () => {
  let folder = ''

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'grapevine-members-'))
  })

  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  test.each(['measure', 'simulate'] as const)(
    'says how soon members knew of a death and of a leave, by %s',
    async (command) => {
      writeFileSync(join(folder, 'it.yaml'), scenarioText(GONE))
      const args = [command, 'it.yaml', '--report-dir', 'it']
      const { stdout, stderr } = await grapevine(args, { cwd: folder }).finished
      expect({ stdout, stderr }).toMatchObject({
        stdout: expect.stringContaining('deaths known to others after: p50 '),
      })
      const { members } = readReport(readFileSync(join(folder, 'it', 'report.json'), 'utf8'))
      expect(members).toMatchObject({
        deathKnownMs: { count: 4 },
        leaveKnownMs: { count: 4 },
        heldDeadUp: { members: 0 },
        aliveHeldDead: 0,
        deadHeldAlive: 0,
      })
      // A suspicion lasts four seconds at least, and the news of a leave a few steps.
      expect(members?.deathKnownMs?.p50).toBeGreaterThan(4_000)
      expect(members?.leaveKnownMs?.max).toBeLessThan(2_000)
      expect(members?.leaveKnownMs?.p50).toBeGreaterThanOrEqual(0)
      const page = readFileSync(join(folder, 'it', 'report.html'), 'utf8')
      expect(page).toContain('leaves known to others after')
    },
    120_000,
  )

  test('of a devnet in a test has them too, for peers that were killed, left and came back', async () => {
    await using network = await startDevnet({ nodes: 5, settings: { probeIntervalMs: 200 } })
    await network.leave(4)
    await network.kill(3)
    await network.restart(4)
    await untilMembers(network.urls.slice(0, 3), network.peers[3]?.peerId ?? '', 'dead')
    await untilMembers(network.urls.slice(0, 3), network.peers[4]?.peerId ?? '', 'alive')
    expect((await network.report()).members).toMatchObject({
      deathKnownMs: { count: 3 },
      leaveKnownMs: { count: 4 },
      aliveHeldDead: 0,
    })
  }, 120_000)
})

/** Resolves when the peers at all these URLs hold a member for this. */
async function untilMembers(urls: readonly string[], peer: string, state: string): Promise<void> {
  const clients = urls.map((url) => rpcClient(url))
  await vi.waitFor(
    async () => {
      const held = await Promise.all(clients.map((one) => one.call('gossip_member', [peer])))
      expect(held).toEqual(urls.map(() => expect.objectContaining({ state })))
    },
    { timeout: 60_000, interval: 100 },
  )
}
