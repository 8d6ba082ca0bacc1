import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** Tests that start the built program, a network of processes or a browser: `npm run test:e2e`. */
const E2E = 'test/e2e/**/*.test.ts'

/**
 * Tests that replace a module, or methods of the router as a simulation does, for all that their
 * process runs; and the one that reads methods of libraries as nobody has replaced them.
 */
const ALONE = ['test/node/workOnce.test.ts', 'test/p2p/upstream.test.ts', 'test/sim/*.test.ts']

export default defineConfig({
  test: {
    globalSetup: ['scripts/testSetUp.mjs'],
    setupFiles: ['src/lib/polyfill.ts'],
    pool: 'forks',
    // Tests with networks mostly wait: one worker a core, where vitest would leave one core free.
    maxWorkers: availableParallelism(),
    // Ends what hangs and judges no speed: a loaded machine may take ten times as long as a quiet
    // one.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'main',
          include: ['test/**/*.test.ts'],
          exclude: [E2E, ...ALONE],
          // The files of a worker share what they import. To import the node, or libp2p, takes a
          // second of CPU: with a process for each file that was half of all.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE } },
      { extends: true, test: { name: 'e2e', include: [E2E] } },
    ],
  },
})
