/**
 * A reporter of vitest that writes counts and the names of what failed to the file named by
 * `TOTALS_FILE`.
 */
import { writeFileSync } from 'node:fs'

export default class TotalsReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state) => tests.filter((test) => test.result().state === state).length
    const failures = [
      ...modules.flatMap(failuresOf),
      ...unhandledErrors.map(({ message }) => `outside the tests: ${firstLine(message)}`),
    ]
    const totals = { passed: count('passed'), skipped: count('skipped'), failures }
    writeFileSync(process.env.TOTALS_FILE, JSON.stringify(totals))
  }
}

/** Tests, and files and groups that fail outside their tests, as in a hook. */
function failuresOf(module) {
  const file = module.relativeModuleId
  const outside = [module, ...module.children.allSuites()].flatMap((part) =>
    part.errors().map(({ message }) => [file, part.fullName, firstLine(message)]),
  )
  const tests = [...module.children.allTests('failed')].map((test) => [file, test.fullName])
  return [...outside, ...tests].map((names) => names.filter(Boolean).join(' > '))
}

function firstLine(message) {
  return String(message).split('\n')[0]
}
