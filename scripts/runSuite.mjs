/**
 * Runs a suite that has a configuration of its own, after the set-up; signals reach vitest, and its
 * exit code is ours.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root, setUp } from './setup.mjs'

/**
 * @param {string} config File of the configuration.
 * @param {readonly string[]} passedOn Arguments for vitest.
 * @param {Readonly<Record<string, string>>} settings Added to the environment.
 */
export async function runSuite(config, passedOn, settings) {
  await setUp()
  const vitest = spawn(
    process.execPath,
    [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', `--config=${config}`, ...passedOn],
    { cwd: root, stdio: 'inherit', env: { ...process.env, ...settings } },
  )
  vitest.on('exit', (code) => {
    process.exitCode = code ?? 1
  })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => vitest.kill(signal))
}
