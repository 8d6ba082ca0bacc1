import type { PeerPort } from '../port.ts'

/**
 * Puts a question to the peers that run, one after the other, until one answers. Throws what the
 * last one threw, or an Error that says that none runs.
 */
export async function firstAnswer<T>(
  peers: readonly PeerPort[],
  question: (peer: PeerPort) => Promise<T>,
): Promise<T> {
  let failure: unknown = new Error('no peer of the network runs')
  for (const peer of peers.filter((one) => one.isRunning())) {
    try {
      return await question(peer)
    } catch (error) {
      failure = error
    }
  }
  throw failure
}
