/**
 * Preloaded into a process that simulates: every way to the clock, the timers and the randomness of
 * the host leads through a trap, also for who kept it before virtual time was installed. What is
 * used while a simulation runs is written to TRAPS_FILE with its stack. The loop of virtual time
 * may read the clock and take its turns; nobody else.
 */
import { createHook } from 'node:async_hooks'
import nodeCrypto from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { performance } from 'node:perf_hooks'
import nodeTimers from 'node:timers'
import nodeTimersPromises from 'node:timers/promises'

const uses = []
let isArmed = false

/** Files that run the simulation and are no part of it. */
const RUNNERS = /\/sim\/(time\/virtual(Time|Globals)|main|simulate)\.js/

function note(name) {
  if (!isArmed) return
  isArmed = false
  const frames = (new Error(name).stack ?? '')
    .split('\n')
    .filter((line) => !line.includes('traps.mjs'))
  isArmed = true
  const first = frames.slice(1).find((line) => !line.includes('node:internal'))
  if (first === undefined || !RUNNERS.test(first)) uses.push(frames.slice(0, 12).join('\n'))
}

function trap(holder, name) {
  const real = holder[name]
  const trapped = function (...given) {
    note(name)
    return Reflect.apply(real, this, given)
  }
  Object.assign(trapped, real)
  Object.defineProperty(holder, name, { value: trapped, configurable: true, writable: true })
}

const RealDate = Date
globalThis.Date = new Proxy(RealDate, {
  apply: () => {
    note('Date')
    return RealDate()
  },
  construct: (_date, given, target) => {
    if (given.length === 0) note('new Date')
    return Reflect.construct(RealDate, given, target)
  },
})
trap(RealDate, 'now')
trap(Math, 'random')
trap(performance, 'now')
trap(process.hrtime, 'bigint')
trap(process, 'hrtime')
trap(process, 'uptime')
for (const name of ['setTimeout', 'setInterval', 'setImmediate']) {
  trap(globalThis, name)
  trap(nodeTimers, name)
  trap(nodeTimersPromises, name)
}
for (const name of ['randomBytes', 'randomInt', 'randomUUID', 'randomFill', 'randomFillSync'])
  trap(nodeCrypto, name)
for (const name of ['getRandomValues', 'randomUUID'])
  trap(Object.getPrototypeOf(nodeCrypto.webcrypto), name)
syncBuiltinESMExports()

/**
 * What waits for the host: anything but promises and ticks, and a digest that is computed at once.
 */
const OF_THE_LANGUAGE = new Set([
  'PROMISE',
  'TickObject',
  'Microtask',
  'Immediate',
  'PBKDF2REQUEST',
])

createHook({
  init: (_id, type) => {
    // Of its own channel to the process that started it; an Immediate is trapped above.
    if (!OF_THE_LANGUAGE.has(type) && type !== 'PIPEWRAP' && type !== 'WRITEWRAP')
      note(`async ${type}`)
  },
}).enable()

// The first listener takes the order out of the channel: it must be that of the simulation.
process.on('newListener', function arm(event) {
  if (event !== 'message') return
  process.off('newListener', arm)
  queueMicrotask(() => {
    process.prependListener('message', () => {
      isArmed = true
    })
  })
})
process.on('exit', () => {
  isArmed = false
  writeFileSync(process.env.TRAPS_FILE, JSON.stringify(uses))
})
