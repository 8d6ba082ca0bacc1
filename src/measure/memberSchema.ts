/** What a report says of the membership of a network, with the meaning of every field. */
import { z } from 'zod'

const ms = z.number()
const count = z.number().int().min(0)

const knownAfter = z.object({
  count: count.describe('Number of values: one for each event and each node that learned of it.'),
  p50: ms,
  p99: ms,
  max: ms,
})
const heldWrongly = z.object({
  members: count.describe('Members that were wrongly held so.'),
  holders: count.describe('Nodes that held it, summed over these members.'),
})
/** What nodes knew of each other, beside what was true. */
export const memberFigures = z
  .object({
    deathKnownMs: knownAfter
      .nullable()
      .describe(
        'Time from the death of a node until another node held it dead, for all that ran when it died; null where no node learned of one.',
      ),
    leaveKnownMs: knownAfter
      .nullable()
      .describe(
        'Time from when a node began to leave until another node knew of it, for all that ran then; null where no node learned of one.',
      ),
    suspectedUp: heldWrongly.describe(
      'Members that were suspected while they ran and were not paused.',
    ),
    heldDeadUp: heldWrongly.describe(
      'Members that were held dead while they ran and were not paused.',
    ),
    aliveHeldDead: count.describe(
      'Pairs of a running node and a running member that the node holds dead at the end.',
    ),
    deadHeldAlive: count.describe(
      'Pairs of a running node and a member that is gone but that the node holds live at the end.',
    ),
  })
  .meta({ id: 'MemberFigures', title: 'Members' })
