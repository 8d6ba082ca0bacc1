/**
 * The machine of a process: the clock it reads (times are subtracted only between processes that
 * share one), its hardware and its load.
 */
import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { cpus, hostname, loadavg, networkInterfaces, release, totalmem } from 'node:os'
import { systemClock, type Clock } from './clock.ts'

/** A clock, and a name by which two processes know that they read the same one. */
export interface MachineClock {
  readonly clock: Clock
  /** The same for all processes that read the same clock, and for no other. */
  readonly id: string
}

const BOOT_ID_FILE = '/proc/sys/kernel/random/boot_id'
/**
 * Names the time namespace of a process: in another one the monotonic clock has another offset
 * (time_namespaces(7)).
 */
const TIME_NAMESPACE_LINK = '/proc/self/ns/time'
/** Enough that no two machines of a network ever share one. */
const ID_DIGITS = 16

/**
 * The clock of this machine. Containers on one machine share its monotonic clock unless they have a
 * time namespace.
 */
export function thisMachine(): MachineClock {
  const name = `grapevine clock ${bootOf()} ${timeNamespace()}`
  const digest = createHash('sha256').update(name).digest('hex')
  return { clock: systemClock, id: digest.slice(0, ID_DIGITS) }
}

/**
 * What names this boot of this machine. Where the system has no boot id, what names the machine:
 * its clock counts from boot.
 */
function bootOf(): string {
  try {
    return readFileSync(BOOT_ID_FILE, 'utf8').trim()
  } catch {
    const cards = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
    return [hostname(), ...cards.map(({ mac }) => mac).toSorted()].join(' ')
  }
}

/** Empty where the system has none. */
function timeNamespace(): string {
  try {
    return readlinkSync(TIME_NAMESPACE_LINK)
  } catch {
    return ''
  }
}

/** What a machine is, for people who compare figures. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  /** Operating system and architecture. */
  readonly platform: string
  /** Release of the operating system. */
  readonly kernel: string
  /** Version of Node.js. */
  readonly node: string
}

/** The machine of this process. */
export function machineReport(): Machine {
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
