import { BUCKETS, MAX_EPOCH_AHEAD_S, MAX_ROUNDS } from '../../aggregate/limits.ts'
import { DEFAULT_CHECKPOINT_INTERVAL } from '../../chain/limits.ts'
import { MAX_GAUGE_BYTES } from '../../aggregate/gauges.ts'
import {
  ANSWERED_PER_ROUND,
  MAX_LIVE_PER_ORIGIN,
  MAX_LIVE_QUERIES,
  MAX_ORIGIN_ITEMS,
  MAX_QUERY_AGE_MS,
  MAX_QUERY_ENVELOPE_BYTES,
  MAX_SEARCH_ROUNDS,
  MAX_TALLIED,
  SEARCH_PERIOD_MS,
} from '../../search/limits.ts'
import { SEARCH_REFUSALS } from '../../search/liveQueries.ts'
import { FOLLOWED_KINDS } from '../../item/itemKinds.ts'
import { SEARCH_DOMAIN } from '../../search/searchQuery.ts'
import { GOODBYE_CODES } from '../../sync/goodbyeMessage.ts'
import {
  EARLY_STATUS_COUNT,
  EARLY_STATUS_INTERVAL_MS,
  HANDSHAKE_PATIENCE_MS,
  MAX_FETCHED_TXS,
  MAX_HASH_BLOCKS,
  MAX_OFFERED_HASHES,
  MAX_PEER_RECORDS,
  MAX_RANGE_BLOCKS,
  MAX_SENT_VOTES,
  MAX_SUMMARISED_HEIGHTS,
  SOFT_BLOCKS_BYTES,
  SOFT_TXS_BYTES,
  STATUS_INTERVAL_MS,
  STATUS_INTERVAL_PER_PEER_MS,
  type ProtocolName,
} from '../../sync/limits.ts'
import {
  MAX_COMPARE_BYTES,
  MAX_DIFFERENCE_HASHES,
  MAX_GIVEN_HASHES,
  MAX_RECONCILED,
} from '../../sync/reconcile/reconcileLimits.ts'
import { STATUS_VERSION } from '../../sync/status/status.ts'
import { FORKS } from '../../tx/fork.ts'

/** What the wire page says of one request protocol. */
export interface WireProtocol {
  /** What it is for, in a sentence. */
  readonly purpose: string
  /** Whether a peer can do without serving it. */
  readonly duty: 'MUST' | 'SHOULD' | 'MAY'
  /** Paragraphs and lists in Markdown: messages, field order, rules. */
  readonly text: readonly string[]
}

const kib = (bytes: number): string => `${bytes / 1024} KiB`

/** Every request protocol; a new one does not compile until it is described here. */
export const WIRE_PROTOCOLS: Readonly<Record<ProtocolName, WireProtocol>> = {
  status: {
    purpose: 'Tells who a peer is and what its head is, and compares clocks.',
    duty: 'MUST',
    text: [
      'Request and answer are one message in the same form:',
      '',
      '`[version: P, genesis: B_32, chainId: P, genesisRules: B_4, [forkHash: B_4, forkNext: P], head: B_32, headNumber: P, totalDifficulty: P, client: B, receivedUs: P, sentUs: P, refusal: B]`',
      '',
      `- \`version\`: ${STATUS_VERSION}. A receiver disconnects a peer that sends another one.`,
      '- `genesis`: the hash of the genesis block. `chainId`: at most 8 bytes.',
      '- `genesisRules`: the first 4 bytes of the Keccak-256 hash of the RLP `[fork, [period, epoch, interval], [[target, max, fraction], ...]]`:',
      '  the name in lower case of the fork that the genesis is in, the parameters of Clique and the interval of checkpoints (empty without Clique), and the blob',
      '  parameters of each fork by time that the genesis is in.',
      `  The names are ${FORKS.map((fork) => `\`${fork}\``).join(', ')}.`,
      `  The interval is the setting \`finalityInterval\` of the network, ${DEFAULT_CHECKPOINT_INTERVAL} unless it was told another one.`,
      '- `forkHash`, `forkNext`: the fork id of EIP-2124 and EIP-6122 at the head.',
      '- `head`, `headNumber`, `totalDifficulty` (at most 32 bytes): the head of the sender, and the sum of the difficulties from the genesis',
      '  to the head, both included.',
      '- `client`: name and version of the program, at most 96 bytes of text.',
      '- `receivedUs`, `sentUs`: when the request arrived and when this message was written, in microseconds of a monotonic clock of',
      '  the sender, at most 7 bytes. `receivedUs` is 0 in a request. `sentUs` MUST NOT be lower than `receivedUs`.',
      '- `refusal`: empty, or why the sender is about to disconnect the receiver, at most 224 bytes of text.',
      '',
      `Both sides ask as soon as they are connected. This implementation asks ${EARLY_STATUS_COUNT} times in the first seconds, one in ${EARLY_STATUS_INTERVAL_MS} ms, to compare clocks, and then every`,
      `${STATUS_INTERVAL_MS / 1000} s, or every ${STATUS_INTERVAL_PER_PEER_MS / 1000} s for each of its peers if that is longer. Another one MAY ask less often: new heads come by gossip. A node that has had no status`,
      `${HANDSHAKE_PATIENCE_MS / 1000} s after the connection began says [goodbye](#goodbye) with code 128 and disconnects. A status with another genesis, chain id, genesis rules or`,
      'an incompatible fork id is answered with a `refusal` that begins with `other-genesis`, `other-chain-id`, `other-genesis-rules` or',
      '`other-forks`; then the node disconnects. Where the node finds that in an answer, it asks once more, with the refusal in its request. Characters of',
      '`client` and `refusal` that are no text are shown as `?`.',
    ],
  },
  goodbye: {
    purpose: 'Tells a peer why it is being disconnected.',
    duty: 'SHOULD',
    text: [
      'Request: `[code: P, text: B]`. The answer has no frame: the receiver closes the stream.',
      '',
      `- \`code\`: ${Object.entries(GOODBYE_CODES)
        .map(([name, number]) => `${number} (${name})`)
        .join(
          ', ',
        )}. Other codes of the consensus layer's goodbye may be sent: 129 too many peers, 250 bad score, 251 banned.`,
      '- `text`: for people, at most 224 bytes.',
      '',
      'The sender disconnects when the stream is closed, or after 500 ms. A receiver logs the reason; it does not answer by a goodbye.',
    ],
  },
  peers: {
    purpose: 'Finds peers: a random sample of the peers of the peer that is asked.',
    duty: 'SHOULD',
    text: [
      `Request: \`[count: P]\`. Answer: at most ${MAX_PEER_RECORDS} frames, each one a signed peer record: a libp2p envelope (RFC 0002) with`,
      'domain `libp2p-peer-record` and payload type `0x0301` (RFC 0003). The peer that answers may be one of them. A receiver checks each',
      'signature and drops records that it cannot use. `count` is taken as at most the number of frames.',
    ],
  },
  blocks: {
    purpose: 'Fetches blocks by number or by hash.',
    duty: 'MUST',
    text: [
      'Request: `[0, firstNumber: P, count: P]` for a range of the canonical chain, or `[1, [hash: B_32, ...]]`.',
      '',
      `At most ${MAX_RANGE_BLOCKS} blocks of a range, whatever \`count\` says, and ${MAX_HASH_BLOCKS} hashes; a request with more hashes is invalid. Each frame of the answer is one block, encoded as`,
      'on the topic of blocks. Blocks of a range come in ascending order from `firstNumber` and follow one another; blocks by hash may be of any branch, come in the order',
      'of the request, and unknown ones are left out.',
      '',
      'An answer MAY end anywhere inside the range that was asked for, and may be empty. It ends at the head, and it MUST end after the block with which its blocks have',
      `more than ${kib(SOFT_BLOCKS_BYTES)} together. That is no fault: the asker goes on with the first number that it lacks, at this peer or another one. A peer whose answers stay`,
      'empty has nothing for us, whatever its status claims. Between two answers the chain of the answerer may have changed, so that the blocks of the second do not fit',
      'those of the first: then the asker asks for lower numbers. A block that was not asked for, one that does not follow the one before in a range, and frames beyond',
      'the end cost the connection.',
    ],
  },
  transactions: {
    purpose: 'Fetches pooled transactions by hash.',
    duty: 'MUST',
    text: [
      `Request: \`[[hash: B_32, ...]]\`, at most ${MAX_FETCHED_TXS} hashes. Each frame of the answer is the EIP-2718 bytes of one of them, in the order of the`,
      `request; unknown ones are left out. An answer MUST end after the transaction with which its transactions have more than ${kib(SOFT_TXS_BYTES)} together, and may end`,
      'earlier: the asker asks again for what it lacks. A transaction that was not asked for costs the connection.',
    ],
  },
  pool: {
    purpose: 'Offers transactions, and compares two pools.',
    duty: 'SHOULD',
    text: [
      `Request \`[0, [hash: B_32, ...]]\` offers at most ${MAX_OFFERED_HASHES} transactions. The answer is one frame, \`[wanted: P]\`: how many of them the peer is going`,
      'to fetch by the protocol `transactions`. A peer that does not need any answers 0.',
      '',
      'The kinds 1 to 3 compare the two pools by [sketches](#comparing-two-sets). The elements are the hashes of the pooled',
      'transactions that the node held before the peer connected, or holds for 10 s.',
    ],
  },
  probe: {
    purpose: 'Asks a member whether it is there, or whether another one is.',
    duty: 'SHOULD',
    text: [
      '- Request `[0, incarnation: P, isSuspected: P]`: the asker holds the record of the answerer with this incarnation, and suspects it',
      '  (1) or not (0). Answer `[envelope: B]`: the record of the answerer if its incarnation is another one or it is suspected (then it',
      '  has raised its incarnation), else nothing (an empty string).',
      '- Request `[1, peer: B]`: a peer id in text. The answerer probes that member. Answer `[1]` if it answered, else `[0]`.',
      '',
      'A neighbour that is held alive is probed by a ping of yamux instead, which opens no stream.',
      '',
      'Only members are probed: peers that have published a record of themselves. A member MUST serve this protocol.',
    ],
  },
  members: {
    purpose: 'Compares what two nodes hold of the members of the network.',
    duty: 'SHOULD',
    text: [
      '- Request `[0, sum: B_16]`: the sum modulo 2^128 of the first 16 bytes of all elements of the asker, without leading zeros. Answer',
      '  `[1]` if the answerer has the same sum, else `[0]`.',
      '- The kinds 1 to 3 compare the two sets by [sketches](#comparing-two-sets).',
      '- Request `[4, [element: B_32, ...]]`, at most 64. Answer: for each element that the answerer has one frame `[record: B,',
      '  [accusation: B, ...], ageMs: P]`: the record of a member, the accusations against a dead one (at most 4), and for how long it has been',
      '  dead or gone.',
      '',
      'The element of a member is the Keccak-256 hash of its record; of a dead member, the Keccak-256 hash of these 32 bytes and the',
      'four ASCII bytes of `dead`.',
    ],
  },
  votes: {
    purpose: 'Brings votes that gossip did not.',
    duty: 'SHOULD',
    text: [
      'Request `[lowest: P, highest: P, [[height: P, summary: B_4], ...], culprits: B_4]`: the heights for which the asker takes votes (the height of a',
      'vote is the number of its target), both included, what it has',
      `of them, at most ${MAX_SUMMARISED_HEIGHTS} heights, and the exclusive or of the first 4 bytes of the address of each signer that it has a proof against.`,
      `Answer: one frame for each vote, as gossip carries it, at most ${MAX_SENT_VOTES}. If the answerer has proofs against other signers, two votes that`,
      'contradict each other come first for each of them, one directly after the other. Then come the votes for the heights of which the answerer has',
      'another summary, the highest first.',
      '',
      'The summary of a height is the exclusive or over its votes of `x ^ (x >> 15)`, with a logical shift. `x` starts as 0; for the signer, the source',
      'hash and the target hash in turn, `x = (x ^ the first 4 bytes) * 0x9e3779b9` modulo 2^32. Whoever has no votes sends an empty list.',
    ],
  },
  aggregate: {
    purpose: 'Takes the mean of what two nodes hold of the whole network.',
    duty: 'SHOULD',
    text: [
      'Request: `[gauge: B, number: P, tag: P, rounds: P, round: P, sequence: P, [mass: F, ...], [min: F, max: F]]`.',
      '',
      `- \`gauge\`: the name of what the epoch is about, at most ${MAX_GAUGE_BYTES} bytes of text. A node that does not know it answers \`[2]\`.`,
      `- An epoch has a number, a random \`tag\` (both at most 6 bytes) and \`rounds\` (at most ${MAX_ROUNDS}); \`round\` is how many of them the`,
      '  sender has passed. Of two epochs the one with the higher number is newer, or with the same number and the higher tag.',
      '- `sequence` is the same in a request that is repeated since no answer came, and another one in every new exchange.',
      '- F is an empty string for 0, else a positive double of IEEE 754 in 8 bytes, big-endian.',
      '- The masses are the share of the root, the number of observations, their sum, and',
      `  ${BUCKETS} buckets: values up to 1, then up to 2^(i/2) for bucket i, the last without end.`,
      '- `min` and `max` are the lowest and the highest observation; the list is empty where none is known.',
      '',
      'Answers:',
      '',
      '- `[0, round: P, [mass: F, ...], [min: F, max: F]]`: what the answerer held. From now on it holds the mean of its masses and',
      '  those of the request, and the lower and higher extrema; the asker does the same with the answer. To a repeated `sequence` of the',
      '  same epoch the answerer MUST give its first answer again and change nothing.',
      '- `[1, number: P, tag: P, rounds: P, round: P]`: the answerer is in a newer epoch; nothing has changed. The asker joins that.',
      '- `[2]`: nothing has changed. A node that waits for an answer itself, or that has passed its last round, answers so.',
      '',
      'A node that meets a newer epoch joins it: it forgets what it held and begins with its own observations. The root, which began the',
      `epoch, has a share of 1, all others 0. A node does not join an epoch whose number is more than ${MAX_EPOCH_AHEAD_S} above the seconds since 1970. A`,
      'negative or infinite number, a share above 1, buckets that do not add up to the number of observations, or a mean outside of the',
      'extrema costs the connection.',
    ],
  },
  search: {
    purpose: 'Brings questions to all nodes, and the best answer back.',
    duty: 'SHOULD',
    text: [
      `Request and answer are one message in the same form: \`[clock: B, [[envelope: B, round: P, best, ids: B, has: B, sightings: B], ...]]\`, at most ${MAX_LIVE_QUERIES} queries.`,
      '',
      '- `clock`: 8 bytes, the same for all who read the same monotonic clock, or nothing.',
      `- \`envelope\`: the query, a libp2p envelope (RFC 0002) of its asker with domain \`${SEARCH_DOMAIN}\`, payload type \`0x01\` and payload`,
      `  \`[networkId: B_4, number: P, rounds: P, kind: P, subject: B]\`, at most ${MAX_QUERY_ENVELOPE_BYTES} bytes. \`number\` is the time of the asker in ms since 1970 and rises`,
      `  from query to query; \`rounds\` is at most ${MAX_SEARCH_ROUNDS}. The kinds: 0 an item (\`subject\` is its hash), 1 the highest and 2 the lowest value of a`,
      `  gauge (its name in text, at most 96 bytes), 3 the first sightings of a kind of item (${FOLLOWED_KINDS.map((kind) => `\`${kind}\``).join(' or ')}).`,
      '- `round`: how many rounds of the query have passed.',
      '- `best`: the best answer that is known, `[]` or `[peer: B, value: D, error: D]`, with the peer id in text. D is a finite double of IEEE',
      '  754 in 8 bytes, big-endian. For kind 0 the value is when that peer first accepted the item, and the lowest is best.',
      `- \`ids\`: short ids of nodes that answered, 6 bytes each, ascending, the lowest ${MAX_TALLIED} that are known; \`has\`: for each a bit, the lowest bit of`,
      '  a byte first: whether that node has the item or a value. The short id of a node is the first 6 bytes of the Keccak-256 hash of the digest of the query',
      '  (the Keccak-256 hash of the envelope) and the peer id in text.',
      `- \`sightings\`, for kind 3: rank (6 bytes, ascending), short id (6), time (D) and error (D) of each, the lowest ${MAX_ORIGIN_ITEMS} ranks. The rank is the exclusive`,
      '  or of the first 6 bytes of the hash of the item and of the digest.',
      '',
      'Times and errors are in ms, by the monotonic clock of the sender. A receiver that reads another clock brings them to its own by the',
      'status exchange, and adds the error of that; if it knows nothing of the clock of the sender, it takes no times from it.',
      '',
      'The receiver merges what it is told with what it holds: the better of two best answers (with the same value the lower peer id, with the same peer',
      'the lower error), the union of the tallies, and for each rank the earlier sighting (of the same node the lower error). It answers by the queries of',
      'which it now holds something else than it was told, and those that it was not told.',
      '',
      `A node that learns of a query checks the signature, adds its own answer, and counts the rounds from then on itself, one in ${SEARCH_PERIOD_MS} ms. Each round`,
      'it tells its queries to a random connected peer, those left out of which it has learnt nothing for five rounds. A query',
      `ends with its last round. A node answers at most ${ANSWERED_PER_ROUND} exchanges for each round of a query. It takes no part in a query, and blames nobody, where`,
      '',
      ...Object.values(SEARCH_REFUSALS).map((about) => `- ${about},`),
      '',
      `with at most ${MAX_LIVE_QUERIES} queries at a time, ${MAX_LIVE_PER_ORIGIN} of them of one asker, and times within ${MAX_QUERY_AGE_MS / 1_000} s. A query that its asker did not sign, of`,
      'another network or in another form costs the connection.',
    ],
  },
}

/** How two sets are compared, by the kinds 1 to 3 of `pool` and `members`. */
export const COMPARISON_TEXT: readonly string[] = [
  '- Request `[1, key: B_8, size: P, from: P, cells: B]`: cells of the sketch of the set of the asker, from number `from` on.',
  '- Request `[2, key: B_8, size: P, from: P, ids: B]`: short ids of that set, 6 bytes each in any order, those from number `from` on, instead of more cells.',
  `- Request \`[3, key: B_8, [hash: B_32, ...]]\`: at most ${MAX_GIVEN_HASHES} elements that the answerer lacks. Answer \`[wanted: P]\`, sent when they were fetched.`,
  '- Answers to 1 and 2 begin with a frame `[state: P, size: P]`. State 0: send more. State 1: the difference follows in frames',
  `  \`[[hash: B_32, ...], ids: B]\`, at most ${MAX_DIFFERENCE_HASHES} of each: what the asker lacks, and the short ids of what the answerer lacks. State 2: come`,
  '  again later.',
  '',
  '`key` is chosen at random by the asker and names the session. All its requests have the same one and go to one peer, one after another; `from` is how',
  'many cells, or ids, were sent before. A node that has no session of this key, or no room for it, answers with state 2. The frames of state 1 are none where there is no',
  `difference. \`size\` is the number of elements of the sender, at most ${MAX_RECONCILED}. \`cells\``,
  `and \`ids\` have at most ${kib(MAX_COMPARE_BYTES)}.`,
  '',
  '**Short id.** The first 6 bytes of Keccak-256 of `key` and the element, as a big-endian number. An element',
  'with the short id 0 takes no part.',
  '',
  '**Generator.** All arithmetic is modulo 2^32. `mix(w)`: `w ^= w >> 16; w *= 0x85ebca6b; w ^= w >> 13; w *= 0xc2b2ae35; w ^= w >> 16` with logical shifts.',
  'For a short id with the low 32 bits `low` and the high 16 bits `high`:',
  '',
  '- `check = mix(low ^ mix(high + 0x2c1b3c6d))`',
  '- the state starts as `mix(low + mix(high ^ 0x51ed270b))`',
  '- the element is in cell 0. From a cell `i` it goes on: `state += 0x9e3779b9`, then to cell',
  '  `i + ceil((i + 1.5) * (65536 / sqrt(mix(state) + 1) - 1))`, in double precision, `mix(state)` unsigned.',
  '',
  '**Cell.** The exclusive or of the elements in it, 10 bytes: `low` (4), `high` (2), `check` (4), all big-endian.',
  '',
  'The answerer makes the same cells of its own set and takes the exclusive or. A cell whose `check` fits its id holds one element:',
  'it is taken out of all its cells. The difference is complete when cell 0 is zero. A first request has 4 cells; each further one makes',
  'them five times as many up to 100, then half as many again. When the cells would cost more bytes than all short ids, the asker sends the ids.',
]
