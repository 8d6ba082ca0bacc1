import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { KeptFinality } from '../../src/finality/finality.ts'
import {
  openFinalityFile,
  readSettled,
  type FinalityKeeper,
} from '../../src/finality/finalityFile.ts'
import type { VoteDomain } from '../../src/finality/vote.ts'
import { extend, testChain } from '../builders/chain.ts'
import { recordingLog, type LogLine } from '../builders/syncNode.ts'
import { checkpointAt, domainOf, linkOf, noBlock, voteOf } from '../builders/votes.ts'

const chain = testChain({ signers: 4 })
for (let number = 0; number < 13; number++) extend(chain)
const domain = domainOf(chain)

const KEPT: KeptFinality = {
  settled: { justified: checkpointAt(chain, 8), finalized: checkpointAt(chain, 4) },
  votes: [0, 1, 2].map((index) => voteOf(chain, index, linkOf(chain, 4, 8))),
  evidence: [
    {
      kind: 'double-vote',
      signer: voteOf(chain, 3, linkOf(chain, 0, 4)).signer,
      first: voteOf(chain, 3, linkOf(chain, 4, 8)),
      second: voteOf(chain, 3, {
        ...linkOf(chain, 4, 8),
        target: { number: 8n, hash: noBlock() },
      }),
    },
  ],
}

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'grapevine-finality-'))
})
afterEach(() => {
  chmodSync(dir, 0o700)
  rmSync(dir, { recursive: true })
})

interface Opened {
  readonly keeper: FinalityKeeper
  readonly lines: readonly LogLine[]
}

async function open(of: VoteDomain = domain): Promise<Opened> {
  const { log, lines } = recordingLog()
  const keeper = await openFinalityFile(dir, { domain: of, signers: chain.signers, log })
  return { keeper, lines }
}

async function keep(kept = KEPT): Promise<void> {
  const { keeper } = await open()
  keeper.keep(() => kept)
  await keeper.close()
}

const path = (): string => join(dir, 'finality')

describe('what a node knows of finality, on disk', () => {
  test('is empty at first, and is read back as it was written', async () => {
    expect((await open()).keeper.found).toBeUndefined()
    await keep()
    const { keeper, lines } = await open()
    expect(keeper.found).toEqual(KEPT)
    expect(lines).toEqual([])
  })

  test('is the last of what is told while one write is under way', async () => {
    const { keeper } = await open()
    for (let told = 0; told <= 3; told++)
      keeper.keep(() => ({ ...KEPT, votes: KEPT.votes.slice(0, told) }))
    await keeper.close()
    expect((await open()).keeper.found?.votes).toHaveLength(3)
  })

  test('tells a command that has no settings what is final on its network, and nothing on another', async () => {
    const network = { genesisHash: domain.genesisHash, chainId: domain.chainId }
    expect(await readSettled(dir, network)).toBeUndefined()
    await keep()
    expect(await readSettled(dir, network)).toEqual(KEPT.settled)
    expect(await readSettled(dir, { ...network, chainId: 7n })).toBeUndefined()
    expect(await readSettled(dir, { ...network, genesisHash: noBlock() })).toBeUndefined()
  })

  test.each([
    ['another genesis', { genesisHash: noBlock() }],
    ['another chain id', { chainId: 7n }],
    ['another interval of checkpoints', { interval: 8 }],
  ])('is not used with %s, though it has no vote, and the log says so', async (_what, change) => {
    await keep({ ...KEPT, votes: [], evidence: [] })
    const { keeper, lines } = await open({ ...domain, ...change })
    expect(keeper.found).toBeUndefined()
    expect(lines).toMatchObject([
      {
        message: 'the finality file cannot be used: peers are asked for its content again',
        path: path(),
        reason: 'it is of another network, or of another interval of checkpoints',
      },
    ])
  })

  test('is not used where a vote is of nobody who signs, or a proof proves nothing', async () => {
    const [first] = KEPT.evidence
    if (first === undefined) throw new Error('there is a proof')
    await keep({ ...KEPT, evidence: [{ ...first, second: first.first }] })
    const nothing = await open()
    expect(nothing.lines).toMatchObject([{ reason: 'it has a proof of no known offence' }])
    await keep()
    const { log, lines } = recordingLog()
    const signers = chain.signers.slice(1)
    const keeper = await openFinalityFile(dir, { domain, signers, log })
    expect(keeper.found).toBeUndefined()
    expect(lines).toMatchObject([{ reason: 'it has a vote that is none of this network' }])
  })

  test('is not used where it is damaged anywhere; what is found then is nothing or was signed', async () => {
    await keep()
    const whole = readFileSync(path())
    const damage = fc.record({ at: fc.nat(whole.length - 1), to: fc.integer({ min: 0, max: 255 }) })
    await fc.assert(
      fc.asyncProperty(
        fc.array(damage, { minLength: 1, maxLength: 4 }),
        fc.nat(9),
        async (all, cut) => {
          const bytes = Uint8Array.from(whole)
          for (const { at, to } of all) bytes[at] = to
          writeFileSync(path(), cut === 0 ? bytes.subarray(0, all[0]?.at ?? 0) : bytes)
          const { keeper, lines } = await open()
          expect(keeper.found === undefined).toBe(lines.length === 1)
          for (const { signer } of keeper.found?.votes ?? [])
            expect(chain.signers).toContain(signer)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('is written anew after it was damaged', async () => {
    writeFileSync(path(), 'no RLP')
    const { keeper, lines } = await open()
    expect(lines).toHaveLength(1)
    keeper.keep(() => KEPT)
    await keeper.close()
    expect((await open()).keeper.found).toEqual(KEPT)
  })

  test('is not kept where it cannot be written: that is said once, until it works again', async () => {
    mkdirSync(path())
    const { keeper, lines } = await open()
    const errors = () => lines.filter(({ message }) => message.includes('not kept on disk'))
    for (let tries = 0; tries < 3; tries++) {
      keeper.keep(() => KEPT)
      await keeper.close()
    }
    expect(errors()).toHaveLength(1)
    rmSync(path(), { recursive: true })
    keeper.keep(() => KEPT)
    await keeper.close()
    expect(existsSync(path())).toBe(true)
    rmSync(path())
    mkdirSync(path())
    keeper.keep(() => KEPT)
    await keeper.close()
    expect(errors()).toHaveLength(2)
  })
})
