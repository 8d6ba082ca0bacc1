/** Which clock a process reads, so that times of several processes are only subtracted where that has a meaning. */
import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname, networkInterfaces } from 'node:os'
import { systemClock, type Clock } from './clock.ts'

/** A clock, and a name by which two processes know that they read the same one. */
export interface MachineClock {
  readonly clock: Clock
  /** The same for all processes that read the same clock, and for no other. */
  readonly id: string
}

const BOOT_ID_FILE = '/proc/sys/kernel/random/boot_id'
/** Names the time namespace of a process: in another one the monotonic clock has another offset (time_namespaces(7)). */
const TIME_NAMESPACE_LINK = '/proc/self/ns/time'
/** Enough that no two machines of a network ever share one. */
const ID_DIGITS = 16

/** The clock of this machine. Containers on one machine share its monotonic clock unless they have a time namespace. */
export function thisMachine(): MachineClock {
  const name = `grapevine clock ${bootOf()} ${timeNamespace()}`
  const digest = createHash('sha256').update(name).digest('hex')
  return { clock: systemClock, id: digest.slice(0, ID_DIGITS) }
}

/** What names this boot of this machine. Where the system has no boot id, what names the machine: its clock counts from boot. */
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
