/**
 * Preloaded after the traps: a dependency that kept the clock of the host and reads it while the
 * simulation runs.
 */
const { now } = Date

process.on('newListener', function listen(event) {
  if (event !== 'message') return
  process.off('newListener', listen)
  queueMicrotask(() => process.on('message', () => queueMicrotask(() => now())))
})
