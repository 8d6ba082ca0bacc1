import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** The suite of simulations: many seeds and large networks. Started by scripts/sim.mjs. */
export default defineConfig({
  test: {
    include: ['test/sim/**/*.suite.ts'],
    globalSetup: ['scripts/testSetUp.mjs'],
    setupFiles: ['src/lib/polyfill.ts'],
    pool: 'forks',
    maxWorkers: availableParallelism(),
    testTimeout: 600_000,
    disableConsoleIntercept: true,
  },
})
