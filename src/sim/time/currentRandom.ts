import type { Random } from '../../lib/random.ts'

/** The numbers that `Math.random` draws under virtual time: those of whose event runs now. */
export const currentRandom: Random = {
  next: () => Math.random(),
  int: (limit) => Math.floor(Math.random() * limit),
}
