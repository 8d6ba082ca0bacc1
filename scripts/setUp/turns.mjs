/**
 * One set-up of a checkout at a time, and who uses what it installed.
 *
 * Node offers no lock that the system releases with its process, so this is Lamport's bakery, with
 * files for variables: whoever wants a turn takes a number above all that are there, and goes in
 * when no smaller number is left. A file's name holds the process and when it started; a file of a
 * process that no longer runs counts for nothing. Nothing is ever taken over from a dead owner, so
 * two who find it at once cannot both take it over.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const POLL_MS = 100
const NAME = /^(choosing|use|\d{8})-(\d+)-(\w+)$/

/** The turns of one checkout; `folder` holds their files. */
export class Turns {
  #folder
  #number = ''

  constructor(folder) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true })
  }

  /**
   * Waits for the turn. `onWait` hears once whom it waits for; `check` is called before each wait
   * and may throw.
   */
  async take({ onWait, check }) {
    const choosing = this.#write('choosing', process.pid)
    const numbers = this.#live().map(({ kind }) => Number(kind) || 0)
    this.#number = String(Math.max(0, ...numbers) + 1).padStart(8, '0')
    this.#write(this.#number, process.pid)
    rmSync(choosing, { force: true })
    let isTold = false
    for (let first = this.#ahead(); first !== undefined; first = this.#ahead()) {
      check()
      if (!isTold) onWait(first.pid)
      isTold = true
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }

  /**
   * The turn lasts as long as this process lives, too: a child that outlives its killed parent
   * still works.
   */
  share(pid) {
    return this.#write(this.#number, pid)
  }

  release() {
    for (const { file, kind, pid } of this.#live())
      if (kind === this.#number && pid === process.pid)
        rmSync(join(this.#folder, file), { force: true })
  }

  /** Says that this process runs from what is installed, until it ends. */
  use() {
    this.#write('use', process.pid)
  }

  /** Other processes that run from what is installed. */
  users() {
    return this.#live().flatMap(({ kind, pid }) =>
      kind === 'use' && pid !== process.pid ? [pid] : [],
    )
  }

  #write(kind, pid) {
    const file = join(this.#folder, `${kind}-${pid}-${startOf(pid) ?? 0}`)
    writeFileSync(file, '')
    return file
  }

  #ahead() {
    const mine = [this.#number, process.pid]
    return this.#live().find(
      ({ kind, pid }) =>
        pid !== process.pid &&
        (kind === 'choosing' ||
          (kind !== 'use' && (kind < mine[0] || (kind === mine[0] && pid < mine[1])))),
    )
  }

  /** The files of processes that run; those of others are removed on the way. */
  #live() {
    return readdirSync(this.#folder).flatMap((file) => {
      const [, kind, pid, start] = NAME.exec(file) ?? []
      if (kind === undefined) return []
      if (startOf(Number(pid)) === start) return [{ file, kind, pid: Number(pid) }]
      rmSync(join(this.#folder, file), { force: true })
      return []
    })
  }
}

/**
 * When a process started, as a word; `undefined` if it does not run. Ids are given out again, so
 * the id is not enough.
 */
function startOf(pid) {
  if (existsSync('/proc/self/stat')) return startByProc(pid)
  const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout?.replace(/\W/g, '') || undefined
}

/**
 * Field 22 of `/proc/<pid>/stat`; the fields are counted after the name, which may hold anything.
 */
function startByProc(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return 'ZX'.includes(fields[0]) ? undefined : fields[19]
  } catch {
    return undefined
  }
}
