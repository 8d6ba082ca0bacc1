/**
 * `npm run test:faults`: networks of real processes that are killed, cut and paused. The short form, unless told
 * `--full`. `--seed N` repeats a run; other arguments go to vitest (`-t "paused"` runs one rehearsal).
 */
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root, setUp } from './setup.mjs'

const { values, tokens } = parseArgs({
  options: { full: { type: 'boolean' }, seed: { type: 'string' } },
  strict: false,
  tokens: true,
})
const own = tokens.filter(({ kind, name }) => kind === 'option' && ['full', 'seed'].includes(name))
const ownIndexes = own.flatMap(({ index, name, inlineValue }) =>
  name === 'seed' && inlineValue === false ? [index, index + 1] : [index],
)
const passedOn = process.argv.slice(2).filter((_, index) => !ownIndexes.includes(index))
const seed = String(values.seed ?? randomInt(1, 1_000_000))
if (!/^\d{1,9}$/.test(seed)) {
  process.stderr.write('test:faults: --seed: expected a whole number of up to nine digits\n')
  process.exit(2)
}

await setUp()
const vitest = spawn(
  process.execPath,
  [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--config=vitest.faults.config.ts',
    ...passedOn,
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      FAULTS_FULL: values.full ? '1' : '0',
      FAULTS_SEED: seed,
    },
  },
)
vitest.on('exit', (code) => {
  process.exitCode = code ?? 1
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => vitest.kill(signal))
