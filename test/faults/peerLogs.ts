import { readFileSync } from 'node:fs'
import type { Devnet } from '../../src/devnet/devnet.ts'
import { isRecord } from '../../src/devnet/rpcClient.ts'
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

/** What is not JSON was not written by the log: the runtime says why it ends, or a kill cut a line short. */
function isError(line: string): boolean {
  const entry = parsed(line)
  return isRecord(entry) ? Number(entry['level']) >= ERROR_LEVEL : CRASH.test(line)
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
