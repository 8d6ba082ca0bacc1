import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { VerifierLanes } from '../../src/crypto/verifierLanes.ts'

type Name = 'first' | 'second'
interface Item {
  readonly sinceMs: number
}

const lanes = (first = 3, second = 2): VerifierLanes<Name, Item> =>
  new VerifierLanes<Name, Item>([
    ['first', first],
    ['second', second],
  ])

test('takes the first lane whole before the second, each by age', () => {
  const queue = lanes()
  queue.push('second', { sinceMs: 1 })
  queue.push('first', { sinceMs: 2 })
  queue.push('first', { sinceMs: 3 })
  expect(queue.oldestMs).toBe(1)
  expect(queue.take(2)).toEqual([{ sinceMs: 2 }, { sinceMs: 3 }])
  expect(queue.take(2)).toEqual([{ sinceMs: 1 }])
  expect(queue.oldestMs).toBe(Infinity)
})

test('takes from both lanes where the first does not fill the batch', () => {
  const queue = lanes()
  queue.push('second', { sinceMs: 1 })
  queue.push('first', { sinceMs: 2 })
  expect(queue.take(5)).toEqual([{ sinceMs: 2 }, { sinceMs: 1 }])
})

type Command =
  | { readonly kind: 'push'; readonly name: Name }
  | { readonly kind: 'take'; readonly count: number }
  | { readonly kind: 'takeOlder'; readonly ageMs: number }

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('push'),
      name: fc.constantFrom<Name>('first', 'second'),
    }),
  },
  fc.record({ kind: fc.constant('take'), count: fc.nat(4) }),
  fc.record({ kind: fc.constant('takeOlder'), ageMs: fc.nat(6) }),
)

const BOUNDS: Readonly<Record<Name, number>> = { first: 3, second: 2 }

/** What the queue answers to a command, and what two plain arrays do. */
function run(queue: VerifierLanes<Name, Item>, command: Command, nowMs: number): unknown {
  if (command.kind === 'push') return queue.push(command.name, { sinceMs: nowMs })
  if (command.kind === 'take') return queue.take(command.count)
  return queue.takeOlder(nowMs - command.ageMs)
}

function runModel(model: Record<Name, Item[]>, command: Command, nowMs: number): unknown {
  if (command.kind === 'push') {
    const fits = model[command.name].length < BOUNDS[command.name]
    if (fits) model[command.name].push({ sinceMs: nowMs })
    return fits
  }
  const waiting = [...model.first, ...model.second]
  const taken =
    command.kind === 'take'
      ? waiting.slice(0, command.count)
      : waiting.filter((item) => item.sinceMs <= nowMs - command.ageMs)
  model.first = model.first.filter((item) => !taken.includes(item))
  model.second = model.second.filter((item) => !taken.includes(item))
  return taken
}

test('keeps, bounds and gives like two plain arrays, whatever is asked', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const queue = lanes(BOUNDS.first, BOUNDS.second)
      const model: Record<Name, Item[]> = { first: [], second: [] }
      commands.forEach((command, nowMs) => {
        expect(run(queue, command, nowMs)).toEqual(runModel(model, command, nowMs))
        expect(queue.size).toBe(model.first.length + model.second.length)
        expect(queue.sizeOf('first')).toBe(model.first.length)
        queue.assertInvariants()
      })
    }),
  )
})
