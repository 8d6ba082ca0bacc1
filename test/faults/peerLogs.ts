import { readFileSync } from 'node:fs'
import type { Devnet } from '../../src/devnet/devnet.ts'
import { logFileOf } from '../../src/devnet/peerProcess.ts'

/** Levels of the log from which on something went wrong inside the node. */
const ERROR_LEVEL = 50
const CRASH = /uncaught|unhandled|^\s+at |\b[A-Z]\w*Error\b/

/** Every line of every peer's log that tells of an error nobody expected. */
export function errorLines({ peers }: Devnet): string[] {
  return peers.flatMap(({ process: { info } }) => {
    const lines = readFileSync(logFileOf(info.dataDir), 'utf8').split('\n')
    return lines.filter(isError).map((line) => `peer ${info.index}: ${line.slice(0, 500)}`)
  })
}

/**
 * What the log did not write the runtime did, to say why it ends. A kill may have cut a line of the
 * log short.
 */
function isError(line: string): boolean {
  const level = /^\{"level":(\d+)/.exec(line)?.[1]
  return level === undefined ? CRASH.test(line) : Number(level) >= ERROR_LEVEL
}
