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
  expect(await caller.result('admin_jumpClock', -3_600_000)).toBe(true)
  expect(await caller.result('admin_assertInvariants')).toBe(true)
  expect(calls).toEqual([
    ['cut', ['p1', 'p2'], 'both'],
    ['cut', ['p1'], 'outgoing'],
    ['heal'],
    ['jumpClock', -3_600_000],
    ['assertInvariants'],
  ])
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
    ['admin_jumpClock', 1],
    ['admin_assertInvariants'],
  ] as const)
    expect(await caller.error(method, ...params)).toMatchObject({
      code: -32000,
      data: { reason: 'no-fault-hooks' },
    })
})
