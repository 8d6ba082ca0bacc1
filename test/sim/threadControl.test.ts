import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { Control, controlMemory } from '../../src/sim/threads/control.ts'

/** Wakes who waits, again and again, before the turn is over. */
const LATE_WAKER = `
  const { words } = require('node:worker_threads').workerData
  const pause = new Int32Array(new SharedArrayBuffer(4))
  for (let turn = 0; turn < 20; turn++) {
    Atomics.wait(pause, 0, 0, 5)
    Atomics.notify(words, 1)
  }
  Atomics.add(words, 1, 1)
  Atomics.notify(words, 1)
`

test('who leads waits for the end of the turn, also where it is woken too early', async () => {
  const memory = controlMemory()
  const control = new Control(memory)
  const worker = new Worker(LATE_WAKER, { eval: true, workerData: memory })
  control.begin(undefined)
  expect(control.isDone(60_000)).toBe(true)
  await worker.terminate()
})
