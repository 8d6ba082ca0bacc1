import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { sharedProcesses } from '../../src/cli/network/devnetFlags.ts'

test('peers share processes as the option says, else as the scenario says, else none', () => {
  expect(sharedProcesses({}, 50, undefined)).toBeUndefined()
  expect(sharedProcesses({}, 50, 2)).toBe(2)
  expect(sharedProcesses({ inProcess: 3 }, 50, 2)).toBe(3)
  expect(sharedProcesses({ inProcess: true }, 50, 2)).toBe(2)
  expect(sharedProcesses({ inProcess: true }, 50, undefined)).toBe(
    Math.min(50, availableParallelism()),
  )
  expect(sharedProcesses({ inProcess: 8 }, 4, undefined)).toBe(4)
})
