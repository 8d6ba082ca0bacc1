/** What the processes of one run say to each other over Node's own channel. Both ends are ours. */
import type { ChildProcess } from 'node:child_process'

/** From the stage to an actor. */
export type Command =
  | { readonly kind: 'dial'; readonly address: string }
  /** Publish everything. */
  | { readonly kind: 'publish' }
  /** So many messages have come through so far. */
  | { readonly kind: 'delivered'; readonly count: number }
  /** Tell the CPU time used so far. */
  | { readonly kind: 'report-cpu' }

/** From an actor to the stage. */
export type Note =
  /** Ready for commands. */
  | { readonly kind: 'up' }
  /** The node in the middle listens here. */
  | { readonly kind: 'address'; readonly address: string }
  /** The node in the middle has both ends in its mesh. */
  | { readonly kind: 'linked' }
  | { readonly kind: 'delivered'; readonly count: number }
  /** What comes from now on counts. */
  | { readonly kind: 'warm' }
  /** Everything has come through; messages per second after the warm-up. */
  | { readonly kind: 'done'; readonly perS: number }
  | { readonly kind: 'cpu'; readonly microseconds: number }

export function tellStage(note: Note): void {
  process.send?.(note)
}

export function onCommand(handle: (command: Command) => void): void {
  process.on('message', (message) => handle(message as Command))
}

export function tellActor(actor: ChildProcess, command: Command): void {
  actor.send(command)
}

export function onNote(actor: ChildProcess, handle: (note: Note) => void): void {
  actor.on('message', (message) => handle(message as Note))
}

/** Answers `report-cpu`: all threads of the process, in user and system mode. */
export function reportCpu(command: Command): void {
  if (command.kind !== 'report-cpu') return
  const { user, system } = process.cpuUsage()
  tellStage({ kind: 'cpu', microseconds: user + system })
}
