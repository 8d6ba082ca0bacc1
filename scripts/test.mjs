/** `npm test`: sets up if needed, runs vitest (arguments pass through) and closes with one plain line. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, setUp } from './setup.mjs'

setUp()
const scratch = mkdtempSync(join(tmpdir(), 'grapevine-test-'))
const resultFile = join(scratch, 'result.json')
const vitest = spawn(
  process.execPath,
  [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${resultFile}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit' },
)
vitest.on('exit', (code) => {
  printTotals()
  rmSync(scratch, { recursive: true, force: true })
  process.exitCode = code ?? 1
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => vitest.kill(signal))

function printTotals() {
  try {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(
      readFileSync(resultFile, 'utf8'),
    )
    process.stdout.write(
      `Tests: ${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped\n`,
    )
  } catch {
    process.stdout.write('Tests: 0 passed, 1 failed\n')
  }
}
