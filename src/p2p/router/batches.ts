import type { RPC } from './routerInternals.ts'

/**
 * Splits the messages of one frame into batches of at most `maxBatchBytes` of data, and leaves out
 * what would make them more than `maxTotalBytes` together. A message that is larger alone makes a
 * batch of its own.
 */
export function messageBatches(
  messages: readonly RPC.Message[],
  maxBatchBytes: number,
  maxTotalBytes: number,
): RPC.Message[][] {
  const batches: RPC.Message[][] = []
  let batchBytes = Infinity
  let totalBytes = 0
  for (const message of messages) {
    const bytes = message.data?.length ?? 0
    totalBytes += bytes
    if (totalBytes > maxTotalBytes && batches.length > 0) break
    batchBytes += bytes
    if (batchBytes > maxBatchBytes) {
      batches.push([])
      batchBytes = bytes
    }
    batches.at(-1)?.push(message)
  }
  return batches
}
