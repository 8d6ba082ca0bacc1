/**
 * Nothing is lost: networks of real processes under load, made to fail, and what must hold
 * afterwards. The short form is for every change, the full one has all faults at the size and
 * length that the project promises.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import type { Random } from '../../src/lib/random.ts'
import type { Peer } from '../../src/devnet/devnetPeer.ts'
import { sample } from '../../src/lib/random.ts'
import { untilAgreement } from './agreement.ts'
import { IS_FULL, SEED } from './form.ts'
import { untilHeld, viewOf } from './memberViews.ts'
import { rehearse } from './rehearsal.ts'

const NODES = IS_FULL ? 8 : 4
const FIRST_HALF = Array.from({ length: NODES / 2 }, (_, index) => index)
const SECOND_HALF = FIRST_HALF.map((index) => index + NODES / 2)
/** Load before the first fault, and between faults. */
const BEFORE_MS = IS_FULL ? 5_000 : 2_000
const HOUR_MS = 3_600_000
/** For the peers that are there from the beginning to have the history of the first. */
const HISTORY_TIMEOUT_MS = 60_000
const JOURNAL_KILLS = IS_FULL ? 50 : 5
/**
 * A peer that was alone has nobody to ask: what it kept is there when it is up. The rest is for the
 * calls.
 */
const KEPT_TIMEOUT_MS = 2_000

beforeAll(() => {
  process.stdout.write(`faults: ${IS_FULL ? 'full' : 'short'} form, seed ${SEED}\n`)
})

function anyPeers(random: Random, count: number): number[] {
  return sample(random, [...FIRST_HALF, ...SECOND_HALF], count)
}

describe('nothing is lost', () => {
  test('when half of the peers are killed during load and restarted', async () => {
    const findings = await rehearse(
      { name: 'kill half', nodes: NODES },
      async ({ fault, wait, random }) => {
        await wait(BEFORE_MS)
        const killed = anyPeers(random, NODES / 2)
        for (const peer of killed) {
          await fault({ kind: 'kill', peers: [peer] })
          await wait(random.int(500))
        }
        await wait(BEFORE_MS)
        await fault({ kind: 'restart', peers: killed })
      },
    )
    expect(findings).toEqual([])
  })

  test('when the network is parted in halves that both go on, and heals', async () => {
    const options = { name: 'partition', nodes: NODES, signers: NODES }
    const findings = await rehearse(options, async ({ fault, wait }) => {
      await wait(BEFORE_MS)
      await fault({ kind: 'partition', groups: [FIRST_HALF, SECOND_HALF] })
      await wait(IS_FULL ? 30_000 : 5_000)
      await fault({ kind: 'heal' })
    })
    expect(findings).toEqual([])
  })

  test('when a peer is paused', async () => {
    const findings = await rehearse(
      { name: 'pause', nodes: NODES },
      async ({ fault, wait, random }) => {
        await wait(BEFORE_MS)
        const peers = anyPeers(random, 1)
        await fault({ kind: 'pause', peers })
        await wait(IS_FULL ? 20_000 : 5_000)
        await fault({ kind: 'resume', peers })
      },
    )
    expect(findings).toEqual([])
  })
})

describe('nothing is lost', () => {
  test(`when a lone peer is killed ${JOURNAL_KILLS} times while it writes what it accepted`, async () => {
    const options = { name: 'journal', nodes: 2, late: 1, signers: 1, periodS: 3, ratePerS: 200 }
    const findings = await rehearse(options, async ({ devnet, load, fault, wait, random }) => {
      for (let kills = 0; kills < JOURNAL_KILLS; kills++) {
        await wait(50 + random.int(400))
        await fault({ kind: 'kill', peers: [0] })
        const accepted = new Set(load.accepted)
        await fault({ kind: 'restart', peers: [0] })
        await untilAgreement(devnet, accepted, KEPT_TIMEOUT_MS)
      }
      await fault({ kind: 'join', peers: [1] })
    })
    expect(findings).toEqual([])
  })
})

describe('members know who is there', () => {
  test('when one is killed and comes back, one leaves and one is paused, and suspect nobody at rest', async () => {
    const options = { name: 'members', nodes: NODES, signers: 1 }
    const findings = await rehearse(options, async ({ devnet, fault, wait }) => {
      const [holder, ...others] = devnet.peers as [Peer, ...Peer[]]
      const [killed, leaving, paused] = others.slice(-3) as [Peer, Peer, Peer]
      const except = (one: Peer): Peer[] => devnet.peers.filter((peer) => peer !== one)
      await wait(BEFORE_MS)
      for (const peer of devnet.peers) {
        const view = await viewOf(holder, idOf(peer))
        expect(view?.states).not.toContain('suspect')
      }
      const before = await viewOf(holder, idOf(killed))
      await fault({ kind: 'kill', peers: [killed.process.info.index] })
      told('a kill -9', await untilHeld(except(killed), idOf(killed), 'dead'))
      await fault({ kind: 'restart', peers: [killed.process.info.index] })
      told('its return', await untilHeld([holder, leaving, paused], idOf(killed), 'alive'))
      const after = await viewOf(holder, idOf(killed))
      expect(after?.incarnation).toBeGreaterThan(before?.incarnation ?? Infinity)
      await fault({ kind: 'pause', peers: [paused.process.info.index] })
      await wait(3_000)
      await fault({ kind: 'resume', peers: [paused.process.info.index] })
      await untilHeld([holder, leaving], idOf(paused), 'alive')
      expect((await viewOf(holder, idOf(paused)))?.states).not.toContain('dead')
      const leave = fault({ kind: 'leave', peers: [leaving.process.info.index] })
      told('a leave', await untilHeld([holder, paused], idOf(leaving), 'left'))
      await leave
      await fault({ kind: 'restart', peers: [leaving.process.info.index] })
    })
    expect(findings).toEqual([])
  })
})

describe.runIf(IS_FULL)('nothing is lost, in full,', () => {
  test('when a peer hears the others and is not heard', async () => {
    const findings = await rehearse(
      { name: 'one-way link', nodes: NODES },
      async ({ fault, wait, random }) => {
        await wait(BEFORE_MS)
        const [silent, ...others] = anyPeers(random, NODES)
        await fault({ kind: 'one-way', from: [silent ?? 0], to: others })
        await wait(20_000)
        await fault({ kind: 'heal' })
      },
    )
    expect(findings).toEqual([])
  })

  test('when a peer joins 500 blocks late', async () => {
    const options = { name: 'late joiner', nodes: NODES, late: 1, history: 500 }
    const findings = await rehearse(options, async ({ devnet, load, fault, wait }) => {
      await untilAgreement(devnet, load.accepted, HISTORY_TIMEOUT_MS)
      await wait(BEFORE_MS)
      await fault({ kind: 'join', peers: [NODES - 1] })
    })
    expect(findings).toEqual([])
  })

  test("when a signer's clock jumps forward by an hour, another peer's back, and both are set right", async () => {
    const findings = await rehearse(
      { name: 'clock jump', nodes: NODES },
      async ({ fault, wait, random }) => {
        await wait(BEFORE_MS)
        const [ahead] = sample(random, [0, 1, 2], 1)
        const [behind] = sample(
          random,
          [0, 1, 2, 3, 4, 5, 6, 7].filter((peer) => peer !== ahead),
          1,
        )
        const jump = (peer: number | undefined, byMs: number) =>
          fault({ kind: 'clock-jump', peers: [peer ?? 0], byMs })
        await jump(ahead, HOUR_MS)
        await jump(behind, -HOUR_MS)
        await wait(15_000)
        await jump(ahead, -HOUR_MS)
        await jump(behind, HOUR_MS)
      },
    )
    expect(findings).toEqual([])
  })
})

function idOf({ process }: Peer): string {
  return process.info.peerId
}

/** Times in order, ms. */
function told(what: string, timesMs: readonly number[]): void {
  const seconds = (ms = 0): string => (ms / 1000).toFixed(2)
  const median = timesMs[Math.floor((timesMs.length - 1) / 2)]
  process.stdout.write(
    `members: ${what} known to ${timesMs.length} after ${seconds(median)} s (half), ${seconds(timesMs.at(-1))} s (all)\n`,
  )
}
