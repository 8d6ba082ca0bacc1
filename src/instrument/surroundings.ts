/** What a run was made on and with: the machine and its load, the commit of the program, the command line. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { MachineReport } from '../measure/report.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The machine of this process. */
export function machineReport(): MachineReport {
  const processors = cpus()
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    kernel: release(),
    node: process.versions.node,
  }
}

/** Processes that wanted a core over the last minute, per core, to two decimals. */
export function loadPerCore(): number {
  return Math.round((100 * (loadavg()[0] ?? 0)) / cpus().length) / 100
}

/**
 * The commit that the program was run from, with `-dirty` where its files had been changed; null where it is not in a
 * clone of its own, or git is not installed.
 */
export function programCommit(root: string = ROOT): string | null {
  if (!existsSync(join(root, '.git'))) return null
  try {
    const args = ['describe', '--always', '--dirty', '--abbrev=40', '--exclude=*']
    const told = execFileSync('git', args, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] })
    return told.toString().trim()
  } catch {
    return null
  }
}

/** Names of what must not stand in a report. */
const SECRET = /key|mnemonic|password|secret|token/i

/**
 * The command line of a process from its arguments, quoted for a shell. Logins in URLs, keys and mnemonics are left out
 * of it: reports are published.
 */
export function commandLine(args: readonly string[]): string {
  const shown = args.map((arg, at) => {
    const flag = args[at - 1] ?? ''
    if (flag.startsWith('--') && !flag.includes('=') && SECRET.test(flag)) return 'HIDDEN'
    const [name = '', value] = arg.split('=', 2)
    if (value !== undefined && SECRET.test(name)) return `${name}=HIDDEN`
    return arg.replace(/\/\/[^/@\s]+@/g, '//')
  })
  return ['grapevine', ...shown.map(quoted)].join(' ')
}

function quoted(arg: string): string {
  return /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`
}
