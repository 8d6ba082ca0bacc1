/** What a run was made with: the commit of the program, the command line. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/**
 * The commit that the program was run from, with `-dirty` where its files had been changed; null
 * where it is not in a clone of its own, or git is not installed.
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
 * The command line of a process from its arguments, quoted for a shell. Logins in URLs, keys and
 * mnemonics are left out of it: reports are published.
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
