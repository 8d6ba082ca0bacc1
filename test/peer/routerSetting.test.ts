import { expect, test } from 'vitest'
import type { NumbersByName } from '../../src/node/settings/settingForms.ts'
import { routerSetting } from '../../src/peer/routerSetting.ts'
import { ROUTER_DEFAULTS } from '../../src/p2p/router/routerDefaults.ts'
import { forEachKind, ITEM_KINDS, KINDS } from '../../src/item/itemKinds.ts'
import { testSettings } from '../builders/syncNode.ts'

function parametersOf(router: NumbersByName = {}) {
  return routerSetting(testSettings({ heartbeatMs: 700, router }))
}

test('is the router as it stands where nothing is given', () => {
  expect(parametersOf()).toEqual({
    parameters: ROUTER_DEFAULTS,
    idontwantMinBytes: forEachKind((kind) => ITEM_KINDS[kind].idontwantMinBytes, KINDS),
  })
})

test.each(Object.keys(ROUTER_DEFAULTS).filter((name) => !/^(D|mcache)/.test(name)))(
  'sets %s by its name',
  (name) => {
    expect(parametersOf({ [name]: 1 }).parameters).toEqual({ ...ROUTER_DEFAULTS, [name]: 1 })
  },
)

test('lets the bounds follow a degree that is given alone', () => {
  const { D, Dlo, Dhi, Dout, Dscore } = parametersOf({ D: 4 }).parameters
  expect({ D, Dlo, Dhi, Dout, Dscore }).toEqual({ D: 4, Dlo: 4, Dhi: 12, Dout: 2, Dscore: 4 })
})

test('wins over the setting of a single parameter', () => {
  const settings = testSettings({ meshDegree: 10, heartbeatMs: 300, router: { D: 12 } })
  expect(routerSetting(settings).parameters).toMatchObject({ D: 12, heartbeatMs: 300 })
})

test('sets from which size up each kind is announced by IDONTWANT', () => {
  expect(parametersOf({ idontwantTxBytes: 200, idontwantBlockBytes: 0 })).toMatchObject({
    idontwantMinBytes: { tx: 200, block: 0 },
  })
})

test('refuses a parameter that there is not, and names those there are', () => {
  expect(() => parametersOf({ Dzero: 1 })).toThrow(
    /no parameter Dzero; there are D, Dlo, .*idontwant/,
  )
})

test('refuses values with which no mesh could settle', () => {
  expect(() => parametersOf({ D: 4, Dlo: 6 })).toThrow(/--router: .*Dlo <= D <= Dhi/)
})
