/**
 * Runs what promises and `process.nextTick` have waiting, now. Node keeps it for its own loop and
 * does not document it.
 */
export type Drain = () => void

/**
 * What runs them. Throws where this Node does not have it: without it two nodes' promises would
 * mix.
 */
export function drainOfNode(): Drain {
  const drain: unknown = Reflect.get(process, '_tickCallback')
  if (typeof drain !== 'function')
    throw new Error('this version of Node.js cannot simulate: it lacks process._tickCallback')
  return () => Reflect.apply(drain, process, [])
}

/**
 * Throws where promises would not be run now: a promise's own continuation calls, or a module that
 * is being evaluated. What a node awaits would then go on later, as if another node did it.
 */
export function checkDrain(drain: Drain): void {
  let hasRun = false
  void Promise.resolve().then(() => {
    hasRun = true
  })
  drain()
  if (!hasRun) throw new Error('virtual time must be run by a task of the loop, not by a promise')
}
