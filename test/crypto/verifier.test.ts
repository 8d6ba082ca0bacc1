import { execFile } from 'node:child_process'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { addressOfPublicKey, type Address } from '../../src/crypto/address.ts'
import { keccak256 } from '../../src/crypto/keccak.ts'
import { verifierLimits, type VerifierLimits } from '../../src/crypto/limits.ts'
import { secp256k1 } from '../../src/crypto/secp256k1.ts'
import {
  createVerifier,
  defaultThreads,
  inlineVerifier,
  type Lane,
  type Recovered,
  type Verifier,
  type VerifierOptions,
} from '../../src/crypto/verifier.ts'
import { bigintToBytes, bigintToFixedBytes, concatBytes } from '../../src/lib/bytes.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { privateKey } from '../builders/keys.ts'

interface Signed {
  readonly digest: Uint8Array
  readonly signature: Uint8Array
  readonly yParity: 0 | 1
  readonly address: Address
}

function signed(index = 0): Signed {
  const key = privateKey(index % 5)
  const digest = keccak256(bigintToBytes(BigInt(index)))
  const { r, s, yParity } = secp256k1.sign(digest, key)
  const signature = concatBytes(bigintToFixedBytes(r, 32), bigintToFixedBytes(s, 32))
  return { digest, signature, yParity, address: addressOfPublicKey(secp256k1.publicKey(key)) }
}

const ask = (verifier: Verifier, item: Signed, lane: Lane = 'transaction'): Promise<Recovered> =>
  verifier.recover(item.digest, item.signature, item.yParity, lane)

const outcome = (answer: Recovered): string =>
  'address' in answer ? answer.address : answer.failure

const asked = async (verifier: Verifier, items: readonly Signed[]): Promise<string[]> =>
  (await Promise.all(items.map((item) => ask(verifier, item)))).map(outcome)

const items = Array.from({ length: 100 }, (_, index) => signed(index))
const addresses = items.map((item) => item.address)
const withoutKey: Signed = { ...signed(), signature: new Uint8Array(64) }

/** A worker that says it is up and then runs `onMessage` instead of answering. */
function badWorker(onMessage: string): URL {
  const program = `
    import { parentPort } from 'node:worker_threads'
    parentPort.on('message', (packed) => { ${onMessage} })
    parentPort.postMessage('native')`
  return new URL(`data:text/javascript,${encodeURIComponent(program)}`)
}

const SILENT = badWorker('')
const CRASHING = badWorker(`throw new Error('out of order')`)
const ENDLESS = badWorker('for (;;) {}')

const opened: Verifier[] = []

async function threadVerifier(options: Partial<VerifierOptions> = {}): Promise<Verifier> {
  const limits = limitsWith({})
  const verifier = await createVerifier({ clock: systemClock, limits, ...options })
  opened.push(verifier)
  return verifier
}

/** The limits of a verifier that leaves everything to its threads, unless a test says otherwise. */
const limitsWith = (changed: Partial<VerifierLimits>): VerifierLimits => ({
  ...verifierLimits,
  inlineAtRest: { burst: 0, perSecond: 0 },
  ...changed,
})

afterEach(async () => {
  await Promise.all(opened.splice(0).map((verifier) => verifier.close()))
})

describe.each([
  ['on the calling thread', async () => inlineVerifier()],
  ['on a worker thread', async () => threadVerifier()],
])('a verifier %s', (_name, create) => {
  test('answers every request with the address that signed it', async () => {
    const verifier = await create()
    expect(await asked(verifier, items)).toEqual(addresses)
    expect(verifier.stats()).toMatchObject({ recovered: items.length, inFlight: 0, restarts: 0 })
    await verifier.close()
  })

  test('answers bad-signature where no key could have signed, and goes on', async () => {
    const verifier = await create()
    expect(await asked(verifier, [signed(1), withoutKey, signed(2)])).toEqual([
      signed(1).address,
      'bad-signature',
      signed(2).address,
    ])
    expect(verifier.stats().failures['bad-signature']).toBe(1)
    await verifier.close()
  })

  test.each([2, 27, 256, -1])('answers bad-signature for the parity %d', async (parity) => {
    const verifier = await create()
    const item = { ...signed(), yParity: parity as 0 | 1 }
    expect(outcome(await ask(verifier, item))).toBe('bad-signature')
    await verifier.close()
  })

  test('rejects a wrong length, and answers the requests beside it', async () => {
    const verifier = await create()
    const short = ask(verifier, { ...signed(), digest: new Uint8Array(31) })
    const long = ask(verifier, { ...signed(), signature: new Uint8Array(65) })
    const right = ask(verifier, signed(7))
    await expect(short).rejects.toThrow(RangeError)
    await expect(long).rejects.toThrow(RangeError)
    expect(outcome(await right)).toBe(signed(7).address)
    await verifier.close()
  })

  test('answers verifier-closed after close, however often that is called', async () => {
    const verifier = await create()
    await verifier.close()
    await verifier.close()
    expect(outcome(await ask(verifier, signed()))).toBe('verifier-closed')
    expect(verifier.stats().failures['verifier-closed']).toBe(1)
  })
})

describe('load', () => {
  test('recovers on the thread alone, and says which implementation runs', async () => {
    const verifier = await threadVerifier()
    await asked(verifier, items)
    expect(verifier.stats()).toMatchObject({ inline: 0, path: secp256k1.path })
  })

  test('recovers a few here when nothing else waits, and leaves a queue to the thread', async () => {
    const limits = limitsWith({ inlineAtRest: { burst: 4, perSecond: 1 } })
    const verifier = await threadVerifier({ limits, clock: new ManualClock() })
    expect(await asked(verifier, items.slice(0, 3))).toEqual(addresses.slice(0, 3))
    expect(verifier.stats()).toMatchObject({ inline: 3, recovered: 3, inFlight: 0 })
    const rest = items.slice(3).map((item) => ask(verifier, item))
    expect(verifier.stats()).toMatchObject({ inline: 4 })
    expect((await Promise.all(rest)).map(outcome)).toEqual(addresses.slice(3))
    expect(verifier.stats()).toMatchObject({ inline: 4, recovered: items.length })
  })

  test('starts its thread when there is more than a few, and answers meanwhile', async () => {
    const limits = limitsWith({ inlineAtRest: { burst: 4, perSecond: 0 } })
    const verifier = await threadVerifier({ limits, startsWhenNeeded: true })
    expect(await asked(verifier, items.slice(0, 4))).toEqual(addresses.slice(0, 4))
    expect(verifier.stats()).toMatchObject({ inline: 4, recovered: 4, restarts: 0 })
    const byThread = (): number => verifier.stats().recovered - verifier.stats().inline
    while (byThread() === 0) expect(await asked(verifier, items)).toEqual(addresses)
    const { inline } = verifier.stats()
    expect(await asked(verifier, items)).toEqual(addresses)
    expect(verifier.stats()).toMatchObject({ inline, restarts: 0 })
  })

  test('that starts when needed and cannot start leaves the work to this thread', async () => {
    const limits = limitsWith({ inlineAtRest: { burst: 4, perSecond: 0 } })
    const workerFile = new URL('file:///nowhere/worker.js')
    const verifier = await threadVerifier({ limits, startsWhenNeeded: true, workerFile })
    expect(await asked(verifier, items)).toEqual(addresses)
    expect(verifier.stats()).toMatchObject({ inline: items.length, recovered: items.length })
  })

  test('shares what waits between its threads, and answers everything', async () => {
    const verifier = await threadVerifier({ threads: 3 })
    expect(verifier.stats()).toMatchObject({ threads: 3 })
    const many = Array.from({ length: 20 }, () => items).flat()
    const answers = asked(verifier, many)
    await Promise.resolve()
    expect(verifier.stats().inFlight).toBeGreaterThan(verifierLimits.maxBatch * 2)
    expect(await answers).toEqual(Array.from({ length: 20 }, () => addresses).flat())
  })

  test.each([
    [1, 1],
    [2, 1],
    [4, 3],
    [64, 4],
  ])('takes on %i cores %i threads by itself', (cores, threads) => {
    expect(defaultThreads(cores)).toBe(threads)
  })

  test('answers verifier-overloaded at once when a lane is full, and serves the other lane', async () => {
    const limits = limitsWith({ maxQueued: { block: 2, transaction: 3 } })
    const verifier = await threadVerifier({ limits })
    const transactions = items.slice(0, 4).map((item) => ask(verifier, item))
    const blocks = items.slice(4, 7).map((item) => ask(verifier, item, 'block'))
    expect(verifier.stats().queued).toEqual({ block: 2, transaction: 3 })
    expect((await Promise.all(transactions)).map(outcome)).toEqual([
      ...addresses.slice(0, 3),
      'verifier-overloaded',
    ])
    expect((await Promise.all(blocks)).map(outcome)).toEqual([
      ...addresses.slice(4, 6),
      'verifier-overloaded',
    ])
    expect(verifier.stats().queued).toEqual({ block: 0, transaction: 0 })
  })

  test('serves the block lane ahead of transactions that came before', async () => {
    const verifier = await threadVerifier({
      limits: limitsWith({ maxBatch: 1, minBatch: 1, maxBatchesInFlight: 1 }),
    })
    const served: string[] = []
    const note = async (name: string, item: Signed, lane: Lane): Promise<void> => {
      await ask(verifier, item, lane)
      served.push(name)
    }
    await Promise.all([
      note('transaction 1', signed(1), 'transaction'),
      note('transaction 2', signed(2), 'transaction'),
      note('block 1', signed(3), 'block'),
      note('block 2', signed(4), 'block'),
    ])
    expect(served).toEqual(['block 1', 'block 2', 'transaction 1', 'transaction 2'])
  })

  test('sends the first request at once and lets the next ones gather while the worker is busy', async () => {
    const clock = new ManualClock()
    const verifier = await threadVerifier({ clock, workerFile: SILENT })
    const answers = [ask(verifier, signed(1))]
    await Promise.resolve()
    expect(verifier.stats()).toMatchObject({ inFlight: 1, queued: { transaction: 0 } })
    answers.push(ask(verifier, signed(2)), ask(verifier, signed(3)))
    await Promise.resolve()
    expect(verifier.stats()).toMatchObject({ inFlight: 1, queued: { transaction: 2 } })
    clock.advance(verifierLimits.lingerMs)
    expect(verifier.stats()).toMatchObject({ inFlight: 3, queued: { transaction: 0 } })
    await verifier.close()
    expect((await Promise.all(answers)).map(outcome)).toEqual(Array(3).fill('verifier-closed'))
  })

  test('holds back what is more than two batches, so that a block can still overtake it', async () => {
    const verifier = await threadVerifier({ workerFile: SILENT, clock: new ManualClock() })
    const answers = items.map((item) => ask(verifier, item))
    await Promise.resolve()
    const inFlight = verifierLimits.maxBatch * verifierLimits.maxBatchesInFlight
    expect(verifier.stats().inFlight).toBe(inFlight)
    expect(verifier.stats().queued.transaction).toBe(items.length - inFlight)
    await verifier.close()
    expect(new Set((await Promise.all(answers)).map(outcome))).toEqual(new Set(['verifier-closed']))
  })
})

describe('a failing worker', () => {
  test('that crashes is replaced, and this thread answers what it had', async () => {
    const verifier = await threadVerifier({ workerFile: CRASHING })
    expect(await asked(verifier, items.slice(0, 5))).toEqual(addresses.slice(0, 5))
    expect(verifier.stats()).toMatchObject({ inline: 5, restarts: 1, recovered: 5 })
  })

  test('that crashes every time leaves all requests answered by this thread, in bounded restarts', async () => {
    const restarts = { burst: 2, perSecond: 0 }
    const limits = limitsWith({ restarts, maxBatch: 4 })
    const verifier = await threadVerifier({ workerFile: CRASHING, limits })
    while (verifier.stats().restarts < restarts.burst)
      expect(await asked(verifier, items)).toEqual(addresses)
    expect(await asked(verifier, items)).toEqual(addresses)
    const { inline, recovered } = verifier.stats()
    expect(inline).toBe(recovered)
    expect(verifier.stats()).toMatchObject({ restarts: restarts.burst })
  })

  test.each([
    ['never answers', SILENT],
    ['loops for ever', ENDLESS],
  ])('that %s is given up after stuckMs, and this thread answers what it had', async (_, file) => {
    const clock = new ManualClock()
    const verifier = await threadVerifier({ clock, workerFile: file })
    const answer = ask(verifier, signed(3))
    await Promise.resolve()
    clock.advance(verifierLimits.stuckMs - 1)
    expect(verifier.stats()).toMatchObject({ inFlight: 1, inline: 0 })
    clock.advance(1)
    expect(await answer).toEqual({ address: signed(3).address, queuedMs: verifierLimits.stuckMs })
    expect(verifier.stats()).toMatchObject({ inFlight: 0, inline: 1, restarts: 1 })
  })

  test('answers verifier-deadline to who could not be sent in time', async () => {
    const clock = new ManualClock()
    const limits = limitsWith({ stuckMs: 2000, maxBatch: 1, maxBatchesInFlight: 1 })
    const verifier = await threadVerifier({ clock, limits, workerFile: SILENT })
    const [first, second] = [ask(verifier, signed(1)), ask(verifier, signed(2))]
    await Promise.resolve()
    clock.advance(limits.deadlineMs - limits.stuckMs)
    expect(await second).toEqual({ failure: 'verifier-deadline', queuedMs: 1000 })
    clock.advance(1000)
    expect(outcome(await first)).toBe(signed(1).address)
    expect(verifier.stats().failures['verifier-deadline']).toBe(1)
  })

  test('is not taken for stuck when it was this thread that was busy', async () => {
    const verifier = await threadVerifier({ limits: limitsWith({ stuckMs: 20, deadlineMs: 40 }) })
    // After an immediate come the timers, and only then the messages of the worker.
    await setImmediate()
    const answer = ask(verifier, signed(1))
    await Promise.resolve()
    const untilMs = systemClock.monotonicMs() + 250
    while (systemClock.monotonicMs() < untilMs);
    expect(outcome(await answer)).toBe(signed(1).address)
    expect(verifier.stats()).toMatchObject({ inline: 0, restarts: 0 })
  })

  test('that cannot start is an error that says why', async () => {
    const broken = new URL(`data:text/javascript,throw new Error('no such planet')`)
    await expect(threadVerifier({ workerFile: broken })).rejects.toThrow(
      /verifier's thread did not start: no such planet/,
    )
  })
})

describe('close', () => {
  test('answers what waits and what is in flight with verifier-closed', async () => {
    const verifier = await threadVerifier()
    const answers = items.map((item) => ask(verifier, item))
    await Promise.resolve()
    await verifier.close()
    expect((await Promise.all(answers)).map(outcome)).toEqual(items.map(() => 'verifier-closed'))
    expect(verifier.stats()).toMatchObject({ inFlight: 0, queued: { block: 0, transaction: 0 } })
  })

  test.each([
    ['after close', 'await verifier.close()'],
    ['without close, when there is no work', ''],
  ])('a program ends by itself %s', async (_name, last) => {
    const stdout = await runProgram(`
      const verifier = await createVerifier({ clock: systemClock })
      const answer = await verifier.recover(new Uint8Array(32), new Uint8Array(64), 0, 'block')
      console.log(answer.failure)
      ${last}`)
    expect(stdout.trim()).toBe('bad-signature')
  })

  test('in the midst of native recoveries lets the process live', async () => {
    const stdout = await runProgram(`
      const [digest, signature] = [new Uint8Array(32).fill(9), new Uint8Array(64).fill(7)]
      for (let round = 0; round < 25; round++) {
        const verifier = await createVerifier({ clock: systemClock })
        const ask = () => verifier.recover(digest, signature, 0, 'block')
        const answers = Array.from({ length: 200 }, ask)
        await new Promise((resolve) => setTimeout(resolve, round % 7))
        await verifier.close()
        await Promise.all(answers)
      }
      console.log('alive')`)
    expect(stdout.trim()).toBe('alive')
  })
})

async function runProgram(statements: string): Promise<string> {
  const at = (file: string): string => new URL(`../../dist/${file}`, import.meta.url).href
  const program = `
    import '${at('lib/polyfill.js')}'
    import { createVerifier } from '${at('crypto/verifier.js')}'
    import { systemClock } from '${at('lib/clock.js')}'
    ${statements}`
  const run = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    timeout: 20_000,
  })
  return run.stdout
}
