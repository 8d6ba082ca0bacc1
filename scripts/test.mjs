/** `npm test`: all that runs in the processes of vitest alone. */
import { runTests } from './runTests.mjs'

await runTests('main', 'alone')
