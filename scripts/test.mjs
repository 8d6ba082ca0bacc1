/** `npm test`: sets up if needed, runs vitest (arguments pass through) and closes with one plain line. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { root, setUp } from './setup.mjs'

await setUp()
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

/** The line of counts, alone; then which tests and files failed, so that a long log ends with their names. */
function printTotals() {
  const result = readResult()
  if (result === undefined) return process.stdout.write('Tests: 0 passed, 1 failed, 0 skipped\n')
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = result
  const lines = [
    `Tests: ${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`,
    ...testResults.flatMap(failuresOf).map((name) => `failed: ${name}`),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

function readResult() {
  try {
    return JSON.parse(readFileSync(resultFile, 'utf8'))
  } catch {
    return undefined
  }
}

/** A file that fails outside its tests, as in a hook, stands for itself. */
function failuresOf({ name, status, message, assertionResults }) {
  const file = relative(root, name)
  const failed = assertionResults.filter((test) => test.status === 'failed')
  if (failed.length > 0)
    return failed.map(({ ancestorTitles, title }) => [file, ...ancestorTitles, title].join(' > '))
  return status === 'failed' ? [`${file}: ${message.split('\n')[0]}`] : []
}
