import type { Libp2pNode } from './host.ts'

/**
 * Stops a host within about `timeoutMs`. A peer that does not read keeps a polite close waiting, so when half of the time
 * is over its connections are aborted, which lets the polite close finish.
 */
export async function closeWithin(host: Libp2pNode, timeoutMs: number): Promise<void> {
  const stopped = Promise.resolve(host.stop())
  if (await finishedWithin(stopped, timeoutMs / 2)) return
  for (const connection of host.getConnections()) connection.abort(new Error('stopping'))
  await finishedWithin(stopped, timeoutMs / 2)
}

/** Whether `work` ended, well or not, in time. */
async function finishedWithin(work: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  const done = work.then(
    () => true,
    () => true,
  )
  const finished = await Promise.race([done, late])
  clearTimeout(timer)
  return finished
}
