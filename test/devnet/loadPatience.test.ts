import { describe, expect, test } from 'vitest'
import { LoadPatience, retry } from '../../src/devnet/loadPatience.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'

const PATIENCE_MS = 10_000

/** Patience on a machine whose load is told by the time since the start. */
function patienceUnder(loadAt: (elapsedMs: number) => number) {
  const clock = new ManualClock()
  const startMs = clock.monotonicMs()
  const elapsedMs = (): number => clock.monotonicMs() - startMs
  const options = { clock, patienceMs: PATIENCE_MS, loadPerCore: () => loadAt(elapsedMs()) }
  return { clock, options, elapsedMs, patience: new LoadPatience(options) }
}

/** When patience was over by its timer, ms after the start. */
function overAtMs(loadAt: (elapsedMs: number) => number): number {
  const { clock, patience, elapsedMs } = patienceUnder(loadAt)
  let overMs = -1
  patience.whenOver(() => {
    overMs = elapsedMs()
  })
  clock.advance(100 * PATIENCE_MS)
  return overMs
}

describe('patience', () => {
  test('ends after its time on a machine with cores to spare', () => {
    expect(overAtMs(() => 0.2)).toBe(PATIENCE_MS + 1)
  })

  test('lasts so many times as long as processes want each core', () => {
    expect(overAtMs(() => 4)).toBe(4 * PATIENCE_MS + 1)
  })

  test('lasts longer where the load has grown by the time it would have ended', () => {
    expect(overAtMs((elapsedMs) => (elapsedMs < 5_000 ? 0 : 3))).toBe(3 * PATIENCE_MS + 1)
  })

  test('begins anew with progress', () => {
    const { clock, patience } = patienceUnder(() => 1)
    clock.advance(PATIENCE_MS)
    patience.progress()
    clock.advance(PATIENCE_MS)
    expect(patience.isOver).toBe(false)
    clock.advance(1)
    expect(patience.isOver).toBe(true)
  })

  test('says nothing once it was called off', () => {
    const { clock, patience } = patienceUnder(() => 2)
    let isOver = false
    const cancel = patience.whenOver(() => {
      isOver = true
    })
    clock.advance(PATIENCE_MS + 100)
    cancel()
    clock.advance(10 * PATIENCE_MS)
    expect(isOver).toBe(false)
  })
})

/** Retries a task that fails until `succeedsAtMs`, and answers how that ended and when. */
async function outcomeOf(
  succeedsAtMs: number,
  { load = 1, goneAtMs = Infinity, abortedAtMs = Infinity } = {},
): Promise<readonly [outcome: string, atMs: number]> {
  const { clock, options, elapsedMs } = patienceUnder(() => load)
  const abort = new AbortController()
  const outcomes: (readonly [outcome: string, atMs: number])[] = []
  const note = (text: string): void => {
    outcomes.push([text, elapsedMs()])
  }
  const { signal } = abort
  const isPossible = (): boolean => elapsedMs() < goneAtMs
  void retry({ ...options, signal, isPossible }, async () => {
    if (elapsedMs() < succeedsAtMs) throw new Error('too early')
    return 'answered'
  }).then(note, (error: Error) => note(error.message))
  for (let turn = 0; turn < 1_000 && outcomes.length === 0; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(100)
    if (elapsedMs() >= abortedAtMs) abort.abort()
  }
  return outcomes[0] ?? ['still trying', elapsedMs()]
}

describe('a question that fails', () => {
  test('is put again until it is answered', async () => {
    const [outcome] = await outcomeOf(8_000)
    expect(outcome).toBe('answered')
  })

  test('fails with its own error when patience is over', async () => {
    const [outcome, atMs] = await outcomeOf(30_000)
    expect(outcome).toBe('too early')
    expect(atMs).toBeGreaterThan(PATIENCE_MS)
  })

  test('is put for longer on a machine that is overloaded', async () => {
    const [outcome] = await outcomeOf(30_000, { load: 4 })
    expect(outcome).toBe('answered')
  })

  test.each([{ goneAtMs: 2_000 }, { abortedAtMs: 2_000 }])(
    'is not put to who cannot answer any more, or when the start is ended: %o',
    async (end) => {
      const [outcome, atMs] = await outcomeOf(8_000, end)
      expect(outcome).toBe('too early')
      expect(atMs).toBeLessThan(4_000)
    },
  )
})
