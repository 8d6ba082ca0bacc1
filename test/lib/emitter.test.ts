import { expect, test } from 'vitest'
import { Emitter } from '../../src/lib/emitter.ts'

test('calls listeners in order of subscription before emit returns', () => {
  const emitter = new Emitter<number>()
  const heard: string[] = []
  emitter.on((event) => heard.push(`first ${event}`))
  emitter.on((event) => heard.push(`second ${event}`))
  emitter.emit(1)
  expect(heard).toEqual(['first 1', 'second 1'])
})

test('calls a listener no more after it unsubscribed, however often that is done', () => {
  const emitter = new Emitter<number>()
  const heard: number[] = []
  const unsubscribe = emitter.on((event) => heard.push(event))
  emitter.emit(1)
  unsubscribe()
  unsubscribe()
  emitter.emit(2)
  expect(heard).toEqual([1])
})

test('calls the others when a listener unsubscribes itself', () => {
  const emitter = new Emitter<number>()
  const heard: string[] = []
  const unsubscribe = emitter.on(() => {
    heard.push('once')
    unsubscribe()
  })
  emitter.on(() => heard.push('always'))
  emitter.emit(1)
  emitter.emit(2)
  expect(heard).toEqual(['once', 'always', 'always'])
})

test('is silent without listeners', () => {
  expect(() => new Emitter<number>().emit(1)).not.toThrow()
})
