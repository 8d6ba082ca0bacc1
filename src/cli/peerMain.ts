/**
 * The command line with the one command that is asked for, of those that are started many at a
 * time: the rest would cost each peer half of its start and 20 MB. The build makes one file of all
 * that is imported here (scripts/setUp/bundle.mjs).
 */
import '../lib/polyfill.ts'
import type { Command } from 'commander'
import { emptyProgram, withCommand } from './start/emptyProgram.ts'
import { runProgram } from './start/runProgram.ts'

async function peerCommand(): Promise<Command> {
  const [, , name] = process.argv
  if (name === 'peers') {
    const { peersCommand } = await import('./peers.ts')
    return peersCommand()
  }
  if (name === 'interop') {
    const { interopCommand } = await import('./interop.ts')
    return interopCommand()
  }
  const { nodeCommand } = await import('./node.ts')
  return nodeCommand()
}

await runProgram(async () => withCommand(emptyProgram(), await peerCommand()))
