/** What all threads of a simulation write into one memory, each for its own nodes. */
import { hashMemory, type HashMemory } from '../record/traceHash.ts'
import { trafficMemory } from '../links/traffic.ts'

/** Memory that is handed to every thread as it is. */
export interface SharedMemory {
  readonly hash: HashMemory
  readonly traffic: Float64Array
}

/** For the nodes of one network. */
export function sharedMemory(nodes: number): SharedMemory {
  const make = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes)
  return { hash: hashMemory(nodes, make), traffic: trafficMemory(nodes, make) }
}
