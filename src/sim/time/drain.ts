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
