/** `npm test`: sets up if needed, runs vitest (arguments pass through) and closes with one plain line. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, setUp } from './setup.mjs'

await setUp()
const scratch = mkdtempSync(join(tmpdir(), 'grapevine-test-'))
const totalsFile = join(scratch, 'totals.json')
const vitest = spawn(
  process.execPath,
  [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    `--reporter=${join(root, 'scripts', 'totalsReporter.mjs')}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, TOTALS_FILE: totalsFile } },
)
vitest.on('exit', (code) => {
  printTotals()
  rmSync(scratch, { recursive: true, force: true })
  process.exitCode = code ?? 1
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => vitest.kill(signal))

/** The line of counts, alone; then what failed, so that a long log ends with the names. */
function printTotals() {
  const { passed, skipped, failures } = readTotals()
  const counts = `Tests: ${passed} passed, ${failures.length} failed, ${skipped} skipped`
  process.stdout.write([counts, ...failures.map((name) => `failed: ${name}`), ''].join('\n'))
}

function readTotals() {
  try {
    return JSON.parse(readFileSync(totalsFile, 'utf8'))
  } catch {
    return { passed: 0, skipped: 0, failures: ['vitest ended before its report'] }
  }
}
