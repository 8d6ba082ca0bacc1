/**
 * Finality under faults: signers are killed around their votes, and more of them than finality can
 * be without.
 */
import { describe, expect, test } from 'vitest'
import type { Peer } from '../../src/devnet/devnetPeer.ts'
import { sleep, systemClock } from '../../src/lib/clock.ts'
import { isRecord } from '../../src/lib/records.ts'
import { IS_FULL } from './form.ts'
import { rehearse } from './rehearsal.ts'

const KILLS = IS_FULL ? 60 : 4
const PERIOD_MS = 1_000
const POLL_MS = 200
/** A network that makes nothing final within this long has lost its finality. */
const FINAL_TIMEOUT_MS = 90_000
/** For votes that are under way when a fault comes, and for the checkpoint that they make final. */
const UNDER_WAY_MS = 5_000
/** Blocks that a chain seals while finality stands still. */
const WITHOUT_FINALITY = 8
/** Every block is a checkpoint: a signer votes as often as it can. */
const EVERY_BLOCK = { finalityInterval: 1 }

interface Standing {
  readonly head: number
  readonly finalized: number
}

async function standingOf({ rpc }: Peer): Promise<Standing> {
  const [head, finality] = [await rpc.call('eth_blockNumber'), await rpc.call('gossip_finality')]
  const finalized = isRecord(finality) ? finality['finalized'] : undefined
  return { head: Number(head), finalized: isRecord(finalized) ? Number(finalized['number']) : 0 }
}

/** Resolves when it holds at every peer; rejects with where they stand when it takes too long. */
async function until(
  peers: readonly Peer[],
  what: string,
  holds: (standing: Standing) => boolean,
): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + FINAL_TIMEOUT_MS
  for (;;) {
    const standings = await Promise.all(peers.map(standingOf))
    if (standings.every(holds)) return
    if (systemClock.monotonicMs() > deadlineMs)
      throw new Error(`${what}: not within ${FINAL_TIMEOUT_MS} ms: ${JSON.stringify(standings)}`)
    await sleep(systemClock, POLL_MS)
  }
}

async function highestFinal(peers: readonly Peer[]): Promise<number> {
  return Math.max(...(await Promise.all(peers.map(standingOf))).map(({ finalized }) => finalized))
}

/** Proofs against any signer, at any peer. */
async function evidence(peers: readonly Peer[]): Promise<readonly unknown[]> {
  return (await Promise.all(peers.map(({ rpc }) => rpc.call('gossip_evidence')))).flat()
}

describe('finality', () => {
  test(`goes on, and no signer contradicts itself, when signers are killed ${KILLS} times around their votes`, async () => {
    const options = { name: 'kill a voter', nodes: 4, signers: 4, settings: EVERY_BLOCK }
    const findings = await rehearse(options, async ({ devnet, fault, wait, random }) => {
      await until(devnet.peers, 'the first final block', ({ finalized }) => finalized > 0)
      for (let kill = 0; kill < KILLS; kill++) {
        const peers = [random.int(4)]
        await wait(random.int(PERIOD_MS))
        await fault({ kind: 'kill', peers })
        await fault({ kind: 'restart', peers })
      }
      const before = await highestFinal(devnet.peers)
      await until(devnet.peers, 'another final block', ({ finalized }) => finalized > before)
      expect(await evidence(devnet.peers)).toEqual([])
    })
    expect(findings).toEqual([])
  })

  test('goes on without a quarter of the signers, stops without three eighths while the chain goes on, and comes back', async () => {
    const options = { name: 'signers off', nodes: 8, signers: 8, settings: EVERY_BLOCK }
    const findings = await rehearse(options, async ({ devnet, fault, wait }) => {
      const others = devnet.peers.slice(3)
      await fault({ kind: 'kill', peers: [0, 1] })
      const first = await highestFinal(others)
      await until(others, 'final blocks without two of eight', (at) => at.finalized > first)
      await fault({ kind: 'kill', peers: [2] })
      await wait(UNDER_WAY_MS)
      const stopped = await highestFinal(others)
      await until(others, 'blocks without three', ({ head }) => head > stopped + WITHOUT_FINALITY)
      expect(await highestFinal(others)).toBe(stopped)
      await fault({ kind: 'restart', peers: [0, 1, 2] })
      await until(devnet.peers, 'finality again', ({ finalized }) => finalized > stopped)
      expect(await evidence(devnet.peers)).toEqual([])
    })
    expect(findings).toEqual([])
  })
})
