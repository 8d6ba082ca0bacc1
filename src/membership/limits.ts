/** Every bound of membership/, with its unit and its reason. */
import type { BucketRate } from '../lib/tokenBucket.ts'

/** Members that are kept, dead ones included; the dead leave first when there is no room. */
export const MAX_MEMBERS = 32_768
/** Addresses in a record; identify, too, tells a few. */
export const MAX_MEMBER_ADDRESSES = 4
/** Bytes of one address in its text form: a DNS name, port and id fit. */
export const MAX_ADDRESS_BYTES = 128
/** Bytes of the name and version of the program in a record. */
export const MAX_CLIENT_BYTES = 64
/**
 * Incarnations are below this; a member that comes so far has spoiled nobody's record but its own.
 */
export const MAX_INCARNATION = 2 ** 48 - 1

/** Neighbours that are asked to probe one that gave no answer; memberlist asks as many. */
export const INDIRECT_PROBES = 3
/**
 * A probe is answered within this share of the interval, or others are asked; memberlist has 0.5 s
 * of 1 s.
 */
export const PROBE_TIMEOUT_SHARE = 0.5
/** Answers to probes whose times are kept; an odd number, so that one is the median. */
export const ANSWERS_KEPT = 9
/** A probe is waited for this many times as long as the median answer took. */
export const PATIENCE_FACTOR = 4
/** A time limit that ends so late, ms, says that this process was busy. */
export const BUSY_MS = 20
/** Checks of silent or lost neighbours at a time; the others wait. */
export const MAX_CHECKS = 4
/** Checks that wait; of more than these others find out. */
export const MAX_WAITING_CHECKS = 64
/**
 * A neighbour that was lost is asked after when this, ms, and up to as much again has passed: who
 * leaves says so first.
 */
export const LOST_CHECK_MS = 100
/**
 * How often a node checks a member, picked at random, that is no neighbour: as many as there are
 * members are checked in this time.
 */
export const STRANGER_CHECK_MS = 30_000
/**
 * A member that refuted a suspicion is not checked so for this time, ms: some can be reached by
 * their neighbours alone.
 */
export const STRANGER_REST_MS = 3_600_000
/** For how long, ms, what others say of a lost neighbour is checked here, too. */
export const NEIGHBOUR_MEMORY_MS = 60_000
/** Lost neighbours that are remembered. */
export const MAX_LOST_NEIGHBOURS = 256
/**
 * The highest score of the own health: the interval of probes is then multiplied by one more
 * (Lifeguard, S = 8).
 */
export const MAX_HEALTH_SCORE = 8

/**
 * The shortest suspicion, in intervals: what the news takes to the suspect and its refutation back,
 * with room.
 */
export const SUSPICION_INTERVALS = 4
/** A suspicion that nobody confirms lasts this many times as long. */
export const SUSPICION_MAX_FACTOR = 6
/** Confirmations by others that shorten a suspicion to its least (Lifeguard, K = 3). */
export const CONFIRMATIONS = 3
/** Suspicions at a time; a node that suspects more is itself the likelier culprit. */
export const MAX_SUSPICIONS = 4_096
/**
 * A timer that is later than this many intervals was paused, and so was the node: it convicts
 * nobody on that evidence.
 */
export const PAUSE_INTERVALS = 1

/**
 * Dead and left members are forgotten after this, ms: who returns later is new. Serf keeps them for
 * a day.
 */
export const FORGET_AFTER_MS = 3_600_000
/** How often that is looked after, ms. */
export const FORGET_CHECK_MS = 60_000
/** Changes of one member that its story keeps. */
export const MAX_STORY = 16
/** Changes of all members that a node with JSON-RPC keeps for who measures; about 1 MB. */
export const MAX_MEMBER_CHANGES = 8_192

/** Records of one member: refutations come at most once a second. */
export const MEMBER_RECORDS: BucketRate = { burst: 8, perSecond: 1 }
/** Statements that one peer sends, whosever they are: a network that starts is told of at once. */
export const STATEMENTS_PER_PEER: BucketRate = { burst: 4_096, perSecond: 64 }
/**
 * Accusations of one accuser over all members: a rack that fails takes this many neighbours with
 * it.
 */
export const ACCUSATIONS_PER_ACCUSER: BucketRate = { burst: 32, perSecond: 2 }
/** An accuser accuses one member again after this at the earliest, ms. */
export const ACCUSE_AGAIN_MS = 10_000
/** Sources whose budgets are remembered, the least recently used forgotten first. */
export const MAX_BUDGETS = 4_096
/**
 * A record that came by a probe or an exchange is forwarded when gossip brings it within this time,
 * ms: by then what was published with it has come.
 */
export const BESIDE_GOSSIP_MS = 10_000
/** A member raises its incarnation at most this often, ms, however many accuse it. */
export const REFUTE_INTERVAL_MS = 1_000

/** Probes on behalf of others that one peer may ask for. */
export const ASKED_PROBES_PER_PEER: BucketRate = { burst: 8, perSecond: 2 }
/** Dials for others at a time. */
export const MAX_ASKED_DIALS = 4

/** How often a node compares its members with those of a neighbour picked at random, ms. */
export const EXCHANGE_INTERVAL_MS = 30_000
/**
 * With a neighbour that came, so long after its status came in, ms: its record is on its way by the
 * topic, too.
 */
export const EXCHANGE_LOOK_MS = 300
/**
 * Members asked for in one request of an exchange: with their accusations within what an answer may
 * be.
 */
export const MAX_ENTRIES_ASKED = 64
/**
 * What an exchange brought is published, by a node that knew more than it lacked: a partition that
 * heals makes much of it at once.
 */
export const PUBLISHED_NEWS: BucketRate = { burst: 64, perSecond: 4 }
