import { expect, test } from 'vitest'
import { Forwarding } from '../../src/rehearsal/forwarding.ts'

test('a censor drops what comes from its victim alone, a degrader every second message, a mute node all', () => {
  const forwarding = new Forwarding()
  const forwarded = (): boolean[] => ['a', 'b', 'a', 'b'].map((from) => forwarding.forwards(from))
  expect(forwarded()).toEqual([true, true, true, true])
  forwarding.misbehave('censor', 'a')
  expect(forwarded()).toEqual([false, true, false, true])
  forwarding.misbehave('degrade', undefined)
  expect(forwarded()).toEqual([true, false, true, false])
  forwarding.misbehave('mute', undefined)
  expect(forwarded()).toEqual([false, false, false, false])
  forwarding.misbehave(undefined, undefined)
  expect(forwarded()).toEqual([true, true, true, true])
})
