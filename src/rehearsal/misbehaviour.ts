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
  mute: 'takes everything in and forwards nothing',
  degrade: 'takes everything in and forwards every second message',
  censor: 'forwards nothing that comes straight from the node it is against, and all else',
  spam: 'publishes a transaction with a broken signature to its mesh every 100 ms',
  withhold: 'tells its neighbours what it has and never delivers it, not even when asked',
  flood: `sends each neighbour ${FLOOD_COPIES_PER_S} copies a second of the last ${FLOOD_MESSAGES} messages it had`,
  equivocate:
    'votes, where it is a signer, for two blocks at the height of every checkpoint, and for each block of every fork',
  accuse: `says of ${ACCUSED_PER_S} members a second, picked at random, that they do not answer`,
}
