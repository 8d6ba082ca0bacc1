import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Chain } from '../../src/chain/chain.ts'
import { Finality } from '../../src/finality/finality.ts'
import { contradiction } from '../../src/finality/slashing.ts'
import { decodeVote, type SignedLink } from '../../src/finality/vote.ts'
import { Voter } from '../../src/finality/voter.ts'
import {
  isSafe,
  openVoteRecord,
  voteRecordPath,
  type VoteMemory,
  type VoteRecord,
} from '../../src/finality/voteRecord.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { extend, testChain } from '../builders/chain.ts'
import { linkOf, signerAt, voteOf } from '../builders/votes.ts'

/** A record on a disk that can fail, and what is on it. */
class TestDisk {
  content: VoteMemory | undefined
  isBroken = false

  open(): VoteRecord {
    return {
      found: this.content,
      write: async (memory) => {
        if (this.isBroken) throw new Error('no space left on the device')
        this.content = memory
      },
    }
  }
}

function chainOf(count: number, signers = 4): Chain {
  const chain = testChain({ signers })
  for (let number = 0; number < count; number++) extend(chain)
  return chain
}

interface Started {
  readonly voter: Voter
  readonly finality: Finality
  readonly sent: SignedLink[]
  readonly settle: () => Promise<void>
}

/** Signer 0, started on a chain. */
function start(chain: Chain, disk?: TestDisk): Started {
  const clock = new ManualClock()
  const finality = new Finality({ chain, clock, log: silentLogger })
  const sent: SignedLink[] = []
  const voter = new Voter({
    finality,
    chain,
    clock,
    log: silentLogger,
    privateKey: signerAt(chain, 0).privateKey,
    record: disk?.open(),
    send: async (raw) => {
      const vote = decodeVote(raw)
      if (vote !== undefined) sent.push(vote)
      expect(disk?.content?.vote.raw ?? raw).toEqual(raw)
    },
  })
  finality.start()
  voter.start()
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn++) {
      clock.advance(1)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { voter, finality, sent, settle }
}

const targets = (sent: readonly SignedLink[]): number[] =>
  sent.map(({ target }) => Number(target.number))

describe('a signer', () => {
  test('votes once for each checkpoint that its head passes', async () => {
    const chain = chainOf(0)
    const { voter, sent, settle } = start(chain)
    voter.heardVotes(0n)
    for (let number = 0; number < 13; number++) {
      extend(chain)
      await settle()
    }
    expect(targets(sent)).toEqual([4, 8, 12])
    expect(sent.map(({ source }) => source.number)).toEqual([0n, 0n, 0n])
  })

  test('votes for nothing until a peer has told its votes, unless it is the only signer', async () => {
    const waiting = start(chainOf(5))
    await waiting.settle()
    expect(waiting.sent).toEqual([])
    const alone = start(chainOf(5, 1))
    await alone.settle()
    expect(targets(alone.sent)).toEqual([4])
  })

  test('sends no vote that is not on its disk, and votes again when the disk works', async () => {
    const disk = new TestDisk()
    disk.isBroken = true
    const chain = chainOf(0)
    const { voter, sent, settle } = start(chain, disk)
    voter.heardVotes(0n)
    for (let number = 0; number < 6; number++) extend(chain)
    await settle()
    expect(sent).toEqual([])
    disk.isBroken = false
    extend(chain)
    await settle()
    expect(targets(sent)).toEqual([4])
  })

  test('sends its last vote again after a restart, which may not have left', async () => {
    const disk = new TestDisk()
    const chain = chainOf(5)
    const link = linkOf(chain, 0, 4)
    const vote = voteOf(chain, 0, link)
    disk.content = { source: 0n, target: 4n, vote }
    const { sent, settle } = start(chain, disk)
    await settle()
    expect(sent.map(({ hash }) => hash)).toEqual([vote.hash])
  })

  test('without a record votes only more than an interval above all that it may have voted for', async () => {
    const chain = chainOf(9)
    const { voter, sent, settle } = start(chain)
    voter.heardVotes(11n)
    for (let number = 9; number < 25; number++) {
      extend(chain)
      await settle()
    }
    expect(targets(sent)).toEqual([16, 20, 24])
  })

  test('takes over votes of its own that peers tell: an old backup of its record contradicts nothing', async () => {
    const chain = chainOf(13)
    const disk = new TestDisk()
    disk.content = { source: 0n, target: 4n, vote: voteOf(chain, 0, linkOf(chain, 0, 4)) }
    const { voter, finality, sent, settle } = start(chain, disk)
    finality.add(voteOf(chain, 0, linkOf(chain, 8, 12)))
    voter.heardVotes(13n)
    await settle()
    expect(targets(sent.slice(1))).toEqual([])
    expect(voter.votedUpTo).toEqual({ source: 8n, target: 12n })
  })
})

describe('the record of votes on disk', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'grapevine-votes-'))
  })
  afterEach(() => rmSync(dir, { recursive: true }))

  const chain = chainOf(9)
  const signer = signerAt(chain, 0).address
  const memory: VoteMemory = { source: 4n, target: 8n, vote: voteOf(chain, 0, linkOf(chain, 4, 8)) }

  test('is read back as it was written, and is empty at first', async () => {
    const record = await openVoteRecord(dir, signer, silentLogger)
    expect(record.found).toBeUndefined()
    await record.write(memory)
    const again = await openVoteRecord(dir, signer, silentLogger)
    expect(again.found).toMatchObject({ source: 4n, target: 8n })
    expect(again.found?.vote.hash).toBe(memory.vote.hash)
  })

  test('is the one of its signer alone', async () => {
    await (await openVoteRecord(dir, signer, silentLogger)).write(memory)
    const other = await openVoteRecord(dir, signerAt(chain, 1).address, silentLogger)
    expect(other.found).toBeUndefined()
  })

  test('counts as lost where it is cut short or changed in length, and a half-written one is not looked at', async () => {
    const record = await openVoteRecord(dir, signer, silentLogger)
    await record.write(memory)
    const path = voteRecordPath(dir, signer)
    const whole = readFileSync(path)
    writeFileSync(`${path}.partial`, whole.subarray(0, 20))
    expect((await openVoteRecord(dir, signer, silentLogger)).found).toBeDefined()
    for (let length = 0; length < whole.length; length += 7) {
      writeFileSync(path, whole.subarray(0, length))
      expect((await openVoteRecord(dir, signer, silentLogger)).found).toBeUndefined()
    }
  })
})

test('links that are safe after each other never contradict each other, in whatever order they are offered', () => {
  const height = fc.integer({ min: 0, max: 12 })
  const link = fc
    .tuple(height, height, fc.integer({ min: 0, max: 2 }))
    .map(([source, target, branch]) => ({
      source: { number: BigInt(source), hash: `0x${branch}` as never },
      target: { number: BigInt(target), hash: `0x${branch}` as never },
    }))
  fc.assert(
    fc.property(fc.array(link, { maxLength: 30 }), (offered) => {
      let before = { source: 0n, target: 0n }
      const signed: typeof offered = []
      for (const one of offered) {
        if (one.source.number >= one.target.number || !isSafe(one, before)) continue
        before = { source: one.source.number, target: one.target.number }
        signed.push(one)
      }
      for (const a of signed) for (const b of signed) expect(contradiction(a, b)).toBeUndefined()
    }),
  )
})
