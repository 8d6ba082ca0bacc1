import { KIB, MIB, type Limit } from '../limit.ts'

/**
 * What gossip may cost: frames and what is in them, their rates, the router's memory, a peer that
 * does not read.
 */
export const GOSSIP_LIMITS = {
  gossipStreams: {
    value: 2,
    unit: 'count',
    why: 'Per peer, direction and version: one, and its replacement.',
  },
  gossipMaxFrameBytes: {
    value: 10 * MIB,
    unit: 'bytes',
    why: 'The largest block of 8 MiB and its envelope; the hidden default of 4 MiB would cut off honest peers.',
  },
  gossipMaxOutboundBytes: {
    value: 16 * MIB,
    unit: 'bytes',
    why:
      'Queued for one peer: one largest block and as much again; beyond it the stream dies and the watchdog ' +
      'closes the connection.',
  },
  gossipMaxBatchBytes: {
    value: MIB,
    unit: 'bytes',
    why:
      'Messages of one outgoing frame, unless one alone is larger: an answer to IWANT would otherwise grow past ' +
      'the frame limit of the peer that asked, who would disconnect us for it.',
  },
  gossipMaxAnswerBytes: {
    value: 8 * MIB,
    unit: 'bytes',
    why: 'Messages in answer to one IWANT, unless one alone is larger: half of what may be queued for a peer.',
  },
  gossipMaxSubscriptions: {
    value: 100,
    unit: 'count',
    why: 'Per frame; a network has a handful of topics.',
  },
  gossipMaxMessages: {
    value: 5_000,
    unit: 'count',
    why: 'Per frame: an honest answer to a full IWANT carries as many.',
  },
  gossipMaxIds: {
    value: 5_000,
    unit: 'count',
    why: 'Per IHAVE or IWANT: the protocol asks for no more.',
  },
  gossipMaxAskedIds: {
    value: 16_384,
    unit: 'count',
    why: 'Messages asked for by IWANT and not come yet; beyond it their answers count as pushed.',
  },
  gossipMaxIdontwantIds: { value: 512, unit: 'count', why: 'Per frame and per heartbeat.' },
  gossipMaxControlBytes: {
    value: 15 * KIB,
    unit: 'bytes',
    why:
      'Ids in one outgoing frame: libp2p-gossipsub 0.50 of Rust takes 16,384 bytes of control fields, and the grafts ' +
      'and prunes that may join them need some.',
  },
  gossipAnnouncementFrames: {
    value: 10,
    unit: 'count',
    why: 'IHAVE to one peer at once: receivers ignore more in a heartbeat.',
  },
  gossipMaxControls: {
    value: 512,
    unit: 'count',
    why: 'Control messages of one kind per frame.',
  },
  gossipMaxPeerInfos: {
    value: 16,
    unit: 'count',
    why: 'Peer exchange is off: entries are parsed and dropped.',
  },
  gossipTopicBytesPerPeer: {
    value: 64 * KIB,
    unit: 'bytes',
    why: 'Memory for one peer’s subscriptions; allowed topics are a handful.',
  },
  gossipMessagesPerSecond: {
    value: 20_000,
    unit: 'perSecond',
    why:
      'Per peer, duplicates included, which the router otherwise takes for nothing; an honest link at full speed ' +
      'was measured at 15,000 messages of 200 bytes.',
  },
  gossipMessagesBurst: {
    value: 40_000,
    unit: 'count',
    why: 'What a healed partition releases.',
  },
  gossipMaxEntries: {
    value: 32_768,
    unit: 'count',
    why:
      'Fields of one frame, all that is in it counted, before it is decoded: 5,000 messages or twice 5,000 ids have ' +
      'half as many. Without it one frame of 10 MiB could make 2.5 million objects.',
  },
  gossipEntriesPerSecond: {
    value: 80_000,
    unit: 'perSecond',
    why:
      'Per peer: four for each of 20,000 messages in frames of their own. A frame costs four at least, so that empty ' +
      'ones are not free.',
  },
  gossipEntriesBurst: {
    value: 160_000,
    unit: 'count',
    why: 'As many messages as the burst of those.',
  },
  gossipTurnMs: {
    value: 10,
    unit: 'ms',
    why: 'How long frames are worked through before timers, requests and JSON-RPC get a turn, over all peers.',
  },
  gossipReadAheadBytes: {
    value: MIB,
    unit: 'bytes',
    why: 'Of one peer, received and not yet worked through: beyond it the stream is paused and its sender waits.',
  },
  gossipSeenIds: {
    value: 262_144,
    unit: 'count',
    why:
      'Message ids remembered, oldest out first, and as many of our own: about 40 MB when full. At 17,400 ' +
      'messages/s, the most a node was measured to judge, that is 15 s, and nobody keeps a message for 9 s.',
  },
  gossipDeliveryRecords: {
    value: 131_072,
    unit: 'count',
    why: 'Messages whose deliverers the score remembers, oldest out first: about 25 MB when full.',
  },
  gossipBytesPerSecond: {
    value: 32 * MIB,
    unit: 'bytesPerSecond',
    why: 'Per peer: half of what one core can take in.',
  },
  gossipBytesBurst: { value: 64 * MIB, unit: 'bytes', why: 'Six blocks of the largest size.' },
  gossipMaxDroppedFrames: {
    value: 20,
    unit: 'count',
    why: 'Frames over budget are dropped; a peer that goes on is disconnected.',
  },
  gossipMaxUndecodableFrames: {
    value: 5,
    unit: 'count',
    why: 'The router never penalises undecodable frames; this node does.',
  },
  gossipStreamPatienceMs: {
    value: 15_000,
    unit: 'ms',
    why:
      'How long a connected peer may be without its first gossip stream from us: longer than the negotiation of ' +
      'one may take. One that had a stream and lost it is closed at the next heartbeat.',
  },
} as const satisfies Record<string, Limit>
