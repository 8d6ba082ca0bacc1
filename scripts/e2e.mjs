/** `npm run test:e2e`: the built program, networks of processes, browsers. */
import { runTests } from './runTests.mjs'

await runTests('e2e')
