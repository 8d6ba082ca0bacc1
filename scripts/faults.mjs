/**
 * `npm run test:faults`: networks of real processes that are killed, cut and paused. The short
 * form, unless told `--full`. `--seed N` repeats a run; other arguments go to vitest (`-t "paused"`
 * runs one rehearsal).
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { runSuite } from './runSuite.mjs'

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

await runSuite('vitest.faults.config.ts', passedOn, {
  FAULTS_FULL: values.full ? '1' : '0',
  FAULTS_SEED: seed,
})
