/** Sets up if needed, runs vitest (arguments pass through) and closes with one plain line. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, setUp } from './setup.mjs'

/**
 * Runs projects of vitest.config.ts by their names; files that are named are run whatever project
 * they are in.
 */
export async function runTests(...projects) {
  await setUp()
  const scratch = mkdtempSync(join(tmpdir(), 'grapevine-test-'))
  const totalsFile = join(scratch, 'totals.json')
  const given = process.argv.slice(2)
  const vitest = spawn(
    process.execPath,
    [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--reporter=default',
      `--reporter=${join(root, 'scripts', 'totalsReporter.mjs')}`,
      ...(given.some(namesFile) ? [] : projects.map((name) => `--project=${name}`)),
      ...given,
    ],
    { cwd: root, stdio: 'inherit', env: { ...process.env, TOTALS_FILE: totalsFile } },
  )
  vitest.on('exit', (code) => {
    printTotals(totalsFile)
    rmSync(scratch, { recursive: true, force: true })
    process.exitCode = code ?? 1
  })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => vitest.kill(signal))
}

/** A file or folder of tests, or the beginning of its path. */
function namesFile(argument) {
  return argument.startsWith('test/') || existsSync(join(root, argument))
}

/** The line of counts, alone; then what failed, so that a long log ends with the names. */
function printTotals(totalsFile) {
  const { passed, skipped, failures } = readTotals(totalsFile)
  const counts = `Tests: ${passed} passed, ${failures.length} failed, ${skipped} skipped`
  process.stdout.write([counts, ...failures.map((name) => `failed: ${name}`), ''].join('\n'))
}

function readTotals(totalsFile) {
  try {
    return JSON.parse(readFileSync(totalsFile, 'utf8'))
  } catch {
    return { passed: 0, skipped: 0, failures: ['vitest ended before its report'] }
  }
}
