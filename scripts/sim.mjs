/**
 * `npm run test:sim`: random faults in many small simulated networks, and the attack scenarios in
 * large ones. `--seeds N` runs so many seeds (300 unless told), `--first N` begins with another
 * than 1; other arguments go to vitest (`-t attack` runs the attacks).
 */
import { parseArgs } from 'node:util'
import { runSuite } from './runSuite.mjs'

const OWN = ['seeds', 'first']
const { values, tokens } = parseArgs({
  options: { seeds: { type: 'string' }, first: { type: 'string' } },
  strict: false,
  tokens: true,
})
const ownIndexes = tokens
  .filter(({ kind, name }) => kind === 'option' && OWN.includes(name))
  .flatMap(({ index, inlineValue }) => (inlineValue === false ? [index, index + 1] : [index]))
const passedOn = process.argv.slice(2).filter((_, index) => !ownIndexes.includes(index))
for (const name of OWN) {
  const value = values[name]
  if (value === undefined || /^\d{1,9}$/.test(String(value))) continue
  process.stderr.write(`test:sim: --${name}: expected a whole number of up to nine digits\n`)
  process.exit(2)
}

await runSuite('vitest.sim.config.ts', passedOn, {
  SIM_SEEDS: String(values.seeds ?? 300),
  SIM_FIRST_SEED: String(values.first ?? 1),
})
