/** A devnet of processes, as `grapevine devnet` starts it, for what is measured from outside. */
import { z } from 'zod'
import { startProgram } from '../program.ts'

/** As many as the comparison with other clients has. */
export const DEVNET_NODES = 8
/**
 * From its start until a network is at rest: first statuses, comparisons of pools, compilation, ms.
 */
export const SETTLING_MS = 20_000
/** Instead of any longer wait, where nothing is measured, ms. */
export const SMOKE_MS = 1_000
const START_TIMEOUT_MS = 120_000

const readySchema = z.object({
  peers: z.array(z.object({ pid: z.number(), rpcUrl: z.string() })),
})

export interface RunningDevnet {
  readonly pids: readonly number[]
  readonly rpcUrls: readonly string[]
  /** From the start of the command until all peers are ready and linked, ms. */
  readonly afterMs: number
}

/** Runs `use` on a network of peers, a process each, and ends it. */
export async function withDevnet<T>(
  nodes: number,
  use: (devnet: RunningDevnet) => Promise<T>,
): Promise<T> {
  const program = await startProgram(
    ['devnet', '--nodes', String(nodes), '--json'],
    START_TIMEOUT_MS,
  )
  try {
    const { peers } = readySchema.parse(program.first)
    return await use({
      pids: peers.map(({ pid }) => pid),
      rpcUrls: peers.map(({ rpcUrl }) => rpcUrl),
      afterMs: program.afterMs,
    })
  } finally {
    await program.stop()
  }
}
