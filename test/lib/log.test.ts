import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { silentLogger } from '../../src/lib/log.ts'

/** What a program that logs writes, line by line. */
function run(body: string): { stdout: string; lines: Record<string, unknown>[] } {
  const file = new URL('../../dist/lib/log.js', import.meta.url).href
  const program = `import { createLogger } from '${file}'\n${body}`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  })
  const lines = stderr.split('\n').filter((line) => line !== '')
  return { stdout, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) }
}

test('writes one JSON line an event to standard error, with its fields, and none is lost at exit', () => {
  const { stdout, lines } = run(`
    const log = createLogger('info', { node: 'n1' })
    log.info('a peer came', { peer: 'p1' })
    log.child({ part: 'pool' }).warn('full')
    log.debug('too quiet to be written')`)
  expect(stdout).toBe('')
  expect(lines).toMatchObject([
    { msg: 'a peer came', node: 'n1', peer: 'p1' },
    { msg: 'full', node: 'n1', part: 'pool' },
  ])
})

test('writes nothing at level silent', () => {
  expect(run(`createLogger('silent').error('nobody hears this')`).lines).toEqual([])
})

test('the silent logger has silent children', () => {
  expect(silentLogger.child({ a: 1 })).toBe(silentLogger)
})
