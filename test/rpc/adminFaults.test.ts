import { expect, test } from 'vitest'
import type { FaultHooks } from '../../src/rpc/faultHooks.ts'
import { rpcCaller, rpcNode } from '../builders/rpc.ts'

function callerWith(faults?: Partial<FaultHooks>) {
  const calls: unknown[] = []
  const note =
    (name: string) =>
    (...args: unknown[]): void => {
      calls.push([name, ...args])
    }
  const hooks: FaultHooks = {
    cut: note('cut'),
    heal: note('heal'),
    shapeLinks: note('shapeLinks'),
    setBandwidth: note('setBandwidth'),
    misbehave: note('misbehave'),
    jumpClock: note('jumpClock'),
    assertInvariants: note('assertInvariants'),
    ...faults,
  }
  const context = { adminEnabled: true, ...(faults && { faults: hooks }) }
  return { caller: rpcCaller(rpcNode({ context })), calls }
}

test('hands each fault to the node', async () => {
  const { caller, calls } = callerWith({})
  expect(await caller.result('admin_cutPeers', ['p1', 'p2'])).toBe(true)
  expect(await caller.result('admin_cutPeers', ['p1'], 'outgoing')).toBe(true)
  expect(await caller.result('admin_healPeers')).toBe(true)
  expect(await caller.result('admin_misbehave', 'mute')).toBe(true)
  expect(await caller.result('admin_misbehave', 'censor', 'p1')).toBe(true)
  expect(await caller.result('admin_misbehave')).toBe(true)
  expect(await caller.result('admin_jumpClock', -3_600_000)).toBe(true)
  expect(await caller.result('admin_assertInvariants')).toBe(true)
  expect(calls).toEqual([
    ['cut', ['p1', 'p2'], 'both'],
    ['cut', ['p1'], 'outgoing'],
    ['heal'],
    ['misbehave', 'mute', undefined],
    ['misbehave', 'censor', 'p1'],
    ['misbehave', undefined, undefined],
    ['jumpClock', -3_600_000],
    ['assertInvariants'],
  ])
})

test('hands shapes and bandwidth to the node, what is left out as none', async () => {
  const { caller, calls } = callerWith({})
  const links = [{ peer: 'p1', latencyMs: 50, jitterMs: 2.5, lossRate: 0.01 }]
  expect(await caller.result('admin_shapeLinks', links)).toBe(true)
  expect(await caller.result('admin_shapeLinks', [{ peer: 'p2', latencyMs: 1 }])).toBe(true)
  expect(await caller.result('admin_setBandwidth', 1_000_000, null)).toBe(true)
  expect(await caller.result('admin_setBandwidth')).toBe(true)
  expect(calls).toEqual([
    ['shapeLinks', links],
    ['shapeLinks', [{ peer: 'p2', latencyMs: 1, jitterMs: 0, lossRate: 0 }]],
    ['setBandwidth', 1_000_000, undefined],
    ['setBandwidth', undefined, undefined],
  ])
})

test.each([
  { what: 'no latency', params: [[{ peer: 'p1' }]] },
  { what: 'no peer', params: [[{ latencyMs: 1 }]] },
  { what: 'a negative latency', params: [[{ peer: 'p1', latencyMs: -1 }]] },
  { what: 'a loss of everything', params: [[{ peer: 'p1', latencyMs: 1, lossRate: 1 }]] },
  { what: 'a misspelt field', params: [[{ peer: 'p1', latencyMs: 1, jitter: 1 }]] },
  { what: 'no object', params: [['p1']] },
])('refuses a shape with $what', async ({ params }) => {
  const { caller, calls } = callerWith({})
  expect(await caller.error('admin_shapeLinks', ...params)).toMatchObject({ code: -32602 })
  expect(calls).toEqual([])
})

test.each([0, -1, '1000', 1e13])('refuses a bandwidth of %j', async (bandwidth) => {
  const { caller } = callerWith({})
  expect(await caller.error('admin_setBandwidth', bandwidth)).toMatchObject({ code: -32602 })
})

test('refuses a direction that is none', async () => {
  const { caller, calls } = callerWith({})
  expect(await caller.error('admin_cutPeers', ['p1'], 'incoming')).toMatchObject({ code: -32602 })
  expect(calls).toEqual([])
})

test('names the invariant that is broken', async () => {
  const { caller } = callerWith({
    assertInvariants: () => {
      throw new Error('the sum is the sum of its parts')
    },
  })
  expect(await caller.error('admin_assertInvariants')).toEqual({
    code: -32000,
    message: 'the sum is the sum of its parts',
    data: { reason: 'invariant-broken' },
  })
})

test('refuses every fault on a node that may not be made to fail', async () => {
  const { caller } = callerWith()
  for (const [method, ...params] of [
    ['admin_cutPeers', ['p1']],
    ['admin_healPeers'],
    ['admin_shapeLinks', [{ peer: 'p1', latencyMs: 1 }]],
    ['admin_setBandwidth', 1, 1],
    ['admin_jumpClock', 1],
    ['admin_assertInvariants'],
  ] as const)
    expect(await caller.error(method, ...params)).toMatchObject({
      code: -32000,
      data: { reason: 'no-fault-hooks' },
    })
})
