import { describe, expect, test } from 'vitest'
import { inSlices } from '../../src/sim/time/slices.ts'
import { ownerOf, type Owner } from '../../src/sim/time/due.ts'
import { VirtualTime, type RealLoop } from '../../src/sim/time/virtualTime.ts'

const LOOP: RealLoop = {
  nowMs: () => performance.now(),
  setImmediate: (task) => setImmediate(task),
}

/** A node that goes on after an await, and tells as whom it did. */
function withNode(): { readonly time: VirtualTime; readonly node: Owner; readonly seen: Owner[] } {
  const time = new VirtualTime(LOOP)
  const node = ownerOf(7)
  const seen: Owner[] = []
  const start = async (): Promise<void> => {
    await Promise.resolve()
    seen.push(time.current)
  }
  time.at(1, { owner: node, run: start })
  return { time, node, seen }
}

describe('virtual time', () => {
  test('refuses to run inside a promise, where what a node awaits would go on as another', async () => {
    const { time, seen } = withNode()
    const running = Promise.resolve().then(() => time.runThrough(20))
    await expect(running).rejects.toThrow('by a task of the loop, not by a promise')
    expect(seen).toEqual([])
  })

  test('is run by slices that begin with a turn of the loop, also where a promise asks for them', async () => {
    const { time, node, seen } = withNode()
    await Promise.resolve()
    const slices: (() => void)[] = []
    inSlices({ nowMs: LOOP.nowMs, setImmediate: (task) => slices.push(task) }, () =>
      time.runThrough(20),
    )
    expect(seen).toEqual([])
    await new Promise<void>((resolve) => {
      setImmediate(() => {
        slices.shift()?.()
        resolve()
      })
    })
    expect(seen).toEqual([node])
  })
})
