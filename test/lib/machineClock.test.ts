import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { thisMachine } from '../../src/lib/machineClock.ts'

const BOOT_ID = '/proc/sys/kernel/random/boot_id'

test('the clock of a host has one name, which does not tell what it was made from', () => {
  const { id } = thisMachine()
  expect(id).toMatch(/^[0-9a-f]{16}$/)
  expect(thisMachine().id).toBe(id)
  const boot = existsSync(BOOT_ID) ? readFileSync(BOOT_ID, 'utf8').replaceAll('-', '') : ''
  expect(boot).not.toContain(id)
})
