/**
 * A program that uses the library ends by itself when what it started has ended: no timer, socket
 * or process holds it.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const LIBRARY = fileURLToPath(new URL('../../dist/index.js', import.meta.url))
/** As long as jest waits before it complains. */
const MOST_MS = 1_000

const SCENARIO = `{
  name: 'two', shows: 'Two nodes.', nodes: 2, topology: { kind: 'complete' }, links: { latencyMs: 5 },
  workload: { transactionsPerS: 2 }, warmupS: 0, durationS: 2,
}`

const PROGRAMS: Readonly<Record<string, string>> = {
  'a devnet that was disposed of': `
    const devnet = await library.startDevnet({ nodes: 2 })
    await devnet.waitForAll(await devnet.transfer())
    await devnet.report()
    await devnet[Symbol.asyncDispose]()`,
  'a devnet of a process per peer, in which peers were killed, restarted, cut off and measured': `
    const devnet = await library.startDevnet({ nodes: 3, processPerPeer: true })
    await devnet.cut([0], [1, 2])
    await devnet.heal()
    await devnet.kill(2)
    await devnet.restart(2)
    await devnet.measure({ load: [{ atMs: 0, sender: 0, node: 0, dataBytes: 0 }] })
    await devnet.stop()`,
  'two nodes that were connected': `
    const first = await library.startNode()
    const second = await library.startNode({ settings: { bootnodes: first.multiaddrs } })
    while (second.peers.length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    await second[Symbol.asyncDispose]()
    await first[Symbol.asyncDispose]()`,
  'a simulation': `await library.simulate(${SCENARIO})`,
  'a scenario on peers': `await library.runScenario(${SCENARIO})`,
  'a scenario on peers that was aborted': `
    const signal = AbortSignal.timeout(500)
    await library.runScenario({ ...${SCENARIO}, durationS: 600 }, { signal }).catch(() => {})`,
  'a devnet whose start was aborted': `
    const signal = AbortSignal.timeout(200)
    await library.startDevnet({ nodes: 3, signal }).then((devnet) => devnet.stop(), () => {})`,
}

test.each(Object.entries(PROGRAMS))('%s', { timeout: 180_000 }, async (_, program) => {
  const text = `
    const library = await import(${JSON.stringify(LIBRARY)})
    ${program}
    const overMs = performance.now()
    process.on('exit', () => console.log(performance.now() - overMs))`
  const args = ['--input-type=module', '--eval', text]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  expect(Number(stdout)).toBeLessThan(MOST_MS)
})

test('a test file of node:test passes and ends', { timeout: 180_000 }, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'grapevine-node-test-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const file = join(dir, 'spread.test.mjs')
  writeFileSync(
    file,
    `import assert from 'node:assert'
    import { test } from 'node:test'
    import { startDevnet } from ${JSON.stringify(LIBRARY)}
    test('a transaction reaches every peer', async () => {
      const devnet = await startDevnet({ nodes: 3 })
      try {
        const { arrivals } = await devnet.waitForAll(await devnet.transfer())
        assert.equal(arrivals.length, 3)
      } finally {
        await devnet.stop()
      }
    })`,
  )
  const { stdout } = await promisify(execFile)(process.execPath, ['--test', file])
  expect(stdout).toMatch(/^(#|ℹ) pass 1$/m)
})
