/**
 * What the operating system says of processes that run: CPU time and memory. Both are right on a
 * busy machine too, but for cold caches, which the time on the wall is not. Linux alone tells them
 * without a program of its own.
 */
import { readFileSync } from 'node:fs'

/** Linux counts CPU time in hundredths of a second for everyone who reads it. */
const MS_PER_TICK = 10
/** Of the fields after the name of the program: time in the program and time in the kernel. */
const [USER_FIELD, SYSTEM_FIELD] = [11, 12]

/** CPU time of a process since its start, all threads together, ms. */
export function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ')
  return (Number(fields[USER_FIELD]) + Number(fields[SYSTEM_FIELD])) * MS_PER_TICK
}

/** The same of several processes together. */
export function cpuMsOfAll(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + cpuMsOf(pid), 0)
}

/** Resident memory in MB (10^6 bytes); Linux tells it in KiB. */
export function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]
  if (kib === undefined) throw new Error(`process ${pid} does not tell its memory`)
  return (Number(kib) * 1024) / 1e6
}
