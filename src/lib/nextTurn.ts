import { setImmediate as afterPoll } from 'node:timers/promises'

/** Resolves in the next turn of the event loop, after timers and sockets have had theirs. */
export async function nextTurn(): Promise<void> {
  await afterPoll()
}
