import { isDeepStrictEqual } from 'node:util'
import { assert, constantFrom, jsonValue, property } from 'fast-check'
import { expect, test } from 'vitest'
import { SettingsError } from '../../../src/node/settings/settingsError.ts'
import {
  completeSettings,
  settingsForAll,
  settingsOfDocument,
} from '../../../src/node/settings/givenSettings.ts'
import { SETTING_NAMES, type SettingName } from '../../../src/node/settings/settings.ts'

test('all settings are the same after they went to another process as JSON', () => {
  const settings = completeSettings({
    router: { D: 4, gossipFactor: 0.5 },
    bootnodes: ['/x', '/y'],
  })
  const document: unknown = JSON.parse(JSON.stringify(settings))
  expect(completeSettings(settingsOfDocument(document, 'here'))).toEqual(settings)
})

test('settings that are not given have their defaults, and settings that contradict each other are refused in one line', () => {
  expect(completeSettings({ minTip: 7 })).toEqual({ ...completeSettings({}), minTip: 7 })
  expect(() => completeSettings({ meshLow: 9 })).toThrow(
    '--mesh-low 9, --mesh-degree 8, --mesh-high 12: expected them in ascending order',
  )
})

/** The value that a setting has then, or the error. */
function taken(name: SettingName, value: unknown): unknown {
  try {
    return settingsOfDocument({ [name]: value }, 'here')[name]
  } catch (error) {
    return error
  }
}

test('any value for any setting is taken as it is or refused by a SettingsError', () => {
  assert(
    property(constantFrom(...SETTING_NAMES), jsonValue(), (name, value) => {
      const outcome = taken(name, value)
      const isText = typeof outcome === 'string' && typeof value === 'string'
      return outcome instanceof SettingsError || isText || isDeepStrictEqual(outcome, value)
    }),
  )
})

test('settings for many nodes are values, whether they are written as such or as text', () => {
  const router = { D: 4, heartbeatMs: 500 }
  const rpcOrigins = ['http://a', 'http://b']
  const written = { minTip: '2', rpcOrigins: 'http://a,http://b', router: 'D=4,heartbeatMs=500' }
  expect(settingsForAll(written, '--set')).toEqual({ minTip: 2, rpcOrigins, router })
  expect(settingsForAll({ minTip: 2, rpcOrigins, router }, '--set')).toEqual({
    minTip: 2,
    rpcOrigins,
    router,
  })
})

test.each([
  [{ minTop: 2 }, '--set: minTop is not a setting; "grapevine config" lists them all'],
  [{ port: 9000 }, '--set: port differs from peer to peer; leave it out'],
  [{ minTip: 'much' }, '--set: minTip: expected a whole number'],
  [{ minTip: true }, '--set: minTip: expected a whole number'],
  [{ router: { D: -1 } }, '--set: router: expected numbers from 0 up by name, got { D: -1 }'],
])('refuses %j for many nodes', (given, message) => {
  expect(() => settingsForAll(given, '--set')).toThrow(message)
})
