/** The ways in which a node can be told to be hostile. */

/** Kinds of hostile nodes. */
export const MISBEHAVIOURS = [
  'mute',
  'degrade',
  'censor',
  'spam',
  'withhold',
  'flood',
  'equivocate',
  'accuse',
] as const
/** One of {@link MISBEHAVIOURS}. */
export type Misbehaviour = (typeof MISBEHAVIOURS)[number]

/** Copies that a node which floods sends to each neighbour, and of how many messages. */
export const FLOOD_COPIES_PER_S = 50
/** A node that floods sends copies of this many messages: the last that it had. */
export const FLOOD_MESSAGES = 20

/** Members that a node which accuses says every second are silent, picked at random. */
export const ACCUSED_PER_S = 8

/** What each misbehaviour does, for people. */
export const MISBEHAVIOUR_SENTENCES: Readonly<Record<Misbehaviour, string>> = {
  mute: 'receives all messages and forwards none',
  degrade: 'receives all messages and forwards every second one',
  censor: 'forwards all messages except those that it receives directly from the node in `against`',
  spam: 'publishes a transaction with a broken signature to its mesh every 100 ms',
  withhold: 'announces messages to its neighbours and never delivers them, even on request',
  flood: `sends each neighbour ${FLOOD_COPIES_PER_S} copies a second of the last ${FLOOD_MESSAGES} messages that it received`,
  equivocate:
    'votes, if it is a signer, for two blocks at the height of every checkpoint, and for each block of every fork',
  accuse: `accuses ${ACCUSED_PER_S} random members a second of not answering`,
}
