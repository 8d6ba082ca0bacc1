/** What a figure depends on besides the code: printed with every run. */
import { execFileSync } from 'node:child_process'
import { cpus, loadavg, totalmem } from 'node:os'
import { cryptoPaths } from '../../src/crypto/paths.ts'

export interface Environment {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly platform: string
  readonly node: string
  readonly crypto: Readonly<Record<string, string>>
  readonly commit: string
  /**
   * Mean length of the run queue over the last minute: far above 0 at the start means that others
   * use the machine.
   */
  readonly loadAverage: number
}

export function environment(): Environment {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    crypto: cryptoPaths(),
    commit: commit(),
    loadAverage: loadAverage(),
  }
}

/** Of the last minute. */
export function loadAverage(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100
}

function commit(): string {
  try {
    const hash = git('rev-parse', '--short', 'HEAD')
    return git('status', '--porcelain') === '' ? hash : `${hash} with changes`
  } catch {
    return 'not a git checkout'
  }
}

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
}
