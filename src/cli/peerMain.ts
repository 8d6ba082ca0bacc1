/**
 * The command line with the one command that is asked for, of those that devnets start many of: the rest would cost each
 * peer half of its start and 20 MB. The build makes one file of all that is imported here (scripts/setUp/bundle.mjs).
 */
import '../lib/polyfill.ts'
import type { Command } from 'commander'
import { emptyProgram, withCommand } from './emptyProgram.ts'
import { runProgram } from './runProgram.ts'

async function peerCommand(): Promise<Command> {
  if (process.argv[2] === 'host') {
    const { hostCommand } = await import('./host.ts')
    return hostCommand()
  }
  const { nodeCommand } = await import('./node.ts')
  return nodeCommand()
}

await runProgram(async () => withCommand(emptyProgram(), await peerCommand()))
