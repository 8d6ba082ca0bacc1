import { allVerdictRules } from '../../gossip/rules/verdictTable.ts'
import { ITEM_KINDS, KINDS, type ItemKind } from '../../item/itemKinds.ts'
import { LIMITS } from '../../p2p/limits.ts'
import { ROUTER_DEFAULTS } from '../../p2p/router/routerDefaults.ts'
import { HANDSHAKE_PATIENCE_MS, PROTOCOL_LIMITS, type ProtocolName } from '../../sync/limits.ts'
import { code, page, table, type Page } from './markdown.ts'
import { COMPARISON_TEXT, WIRE_PROTOCOLS } from './wireProtocols.ts'
import { FINALITY_TEXT, HEAD_TEXT, MEMBERS_TEXT } from './wireRules.ts'

const PAYLOADS: Readonly<Record<ItemKind, string>> = {
  tx: 'The EIP-2718 bytes of one signed transaction, without blobs.',
  block:
    'RLP `[header, transactions, uncles]`, with withdrawals as a fourth item from Shanghai on. Transactions are those of a block body: typed ones are byte strings.',
  member:
    'A libp2p envelope (RFC 0002) with the domain `grapevine-member`: a record that a member signs of itself, or an accusation: see [what members sign](#what-members-sign).',
  vote: 'RLP `[sourceNumber: P, sourceHash: B_32, targetNumber: P, targetHash: B_32, signature: B_65]`, the numbers of at most 8 bytes. The signature (r, s in the lower half, parity 0 or 1) is by the key of a signer over the Keccak-256 hash of: the byte 0x19, the ASCII text `grapevine vote 1`, the genesis hash, the chain id in 32 bytes, the interval of checkpoints in 8 bytes, and the RLP of the first four items. See [votes and finality](#votes-and-finality).',
}

/**
 * `docs/wire.md`: what another implementation needs to join a network, made from the tables that
 * the code runs on.
 */
export function wirePage(): Page {
  return page('wire.md', 'The wire protocol', 'src/cli/docs/wirePage.ts', [
    '> How a peer joins a grapevine network, gossips, and answers requests.',
    '',
    '| Lifecycle Stage | Maturity | Status | Latest Revision |',
    '| --- | --- | --- | --- |',
    '| 1A | Working Draft | Active | r2, 2026-11-27 |',
    '',
    'The key words MUST, SHOULD and MAY are those of RFC 2119. In messages, `P` is an integer, big-endian without leading zeros (0 is',
    'the empty string), `B` is a byte string, `B_32` one of 32 bytes, `[...]` an RLP list; `...` stands for any number of the same. An integer has at',
    'most 8 bytes unless it says otherwise. Text is of the ASCII characters from space to tilde. A message with more or fewer items is invalid, and so',
    'is RLP that is not canonical. Test vectors in JSON: [test/vectors/wire](../test/vectors/wire), one file for each protocol, and one with a message and',
    'its id for each topic.',
    ...connectionLines(),
    ...gossipLines(),
    '',
    '### What members sign',
    '',
    ...MEMBERS_TEXT,
    '',
    '### Votes and finality',
    '',
    ...FINALITY_TEXT,
    '',
    '## The head',
    '',
    ...HEAD_TEXT,
    ...requestLines(),
    ...protocolLines(),
    '',
    '## Comparing two sets',
    '',
    'The protocols `pool` and `members` find the difference of two sets by a rateless sketch (L. Yang, Y. Gilad, M. Alizadeh, "Practical',
    'Rateless Set Reconciliation", SIGCOMM 2024). The cost grows with the difference, not with the sets.',
    '',
    ...COMPARISON_TEXT,
    '',
    '## Joining, step by step',
    '',
    '1. Connect, and answer identify.',
    '2. Serve `status`, and ask for it. Both MUST happen before anything else is expected of the peer.',
    '3. Open the gossip stream, and subscribe to all topics.',
    '4. Serve `blocks` and `transactions`. A peer that claims a higher head in its status is asked for blocks at once.',
    '5. Validate before forwarding. A peer that forwards what is rejected below loses score, and in the end its connection.',
  ])
}

function connectionLines(): string[] {
  return [
    '',
    '## Connections',
    '',
    '- Transport: TCP, `noise` (`/noise`) with `yamux` (`/yamux/1.0.0`). Peer ids: Ed25519 keys; others are accepted.',
    '- A peer MUST serve `/ipfs/id/1.0.0` and SHOULD serve `/ipfs/ping/1.0.0`.',
    '- A peer MUST answer pings of yamux (frames of type 2). They open no stream, measure the round trip and tell that the peer',
    `  runs. A connection whose ping is not answered within ${LIMITS.pingTimeoutMs.value / 1000} s is closed.`,
    `- A data frame of yamux SHOULD carry at most ${LIMITS.muxerMaxMessageBytes.value.toLocaleString('en')} bytes, whatever the window allows. rust-yamux closes a connection`,
    '  at a frame of more than 1 MiB.',
    '- Lazy negotiation is allowed: protocol header, request and end of the stream may arrive in one packet.',
    `- \`status\` MUST be answered within ${HANDSHAKE_PATIENCE_MS / 1000} s after the connection began. Otherwise the node says goodbye with code 128 and disconnects.`,
    '- The **network id** `<id>` is the first 4 bytes of the genesis hash in hex, without `0x`. It is part of each topic and each',
    '  protocol, so peers of two networks share none.',
  ]
}

function gossipLines(): string[] {
  const { D, Dlo, Dhi, heartbeatMs, seenMs } = ROUTER_DEFAULTS
  const rows = KINDS.map((kind) => {
    const { topic, version, byte, maxBytes, idontwantMinBytes } = ITEM_KINDS[kind]
    return [
      code(`/grapevine/<id>/${topic}/${version}`),
      PAYLOADS[kind],
      code(byte.toString(16).padStart(2, '0')),
      maxBytes.toLocaleString('en'),
      idontwantMinBytes.toLocaleString('en'),
    ]
  })
  return [
    '',
    '## Gossip',
    '',
    'GossipSub: `/meshsub/1.2.0`, and 1.1 and 1.0 for peers that do not speak it. The signature policy is StrictNoSign: a message MUST NOT',
    'have the fields `from`, `seqno`, `signature` and `key`; one that has them is rejected. Messages are not compressed.',
    '',
    table(['Topic', 'Message', 'Id prefix', 'At most, bytes', 'IDONTWANT from, bytes'], rows),
    '',
    'The **message id** has 33 bytes: the prefix of the topic, then Keccak-256 of the message. For a transaction these 32 bytes are its hash.',
    '',
    `A peer MUST take gossip frames of ${LIMITS.gossipMaxFrameBytes.value.toLocaleString('en')} bytes: a whole block and its envelope. Many libraries default to 64 KiB or 1 MiB.`,
    `A frame SHOULD have at most 16,384 bytes of subscriptions and control fields, which is what libp2p-gossipsub of Rust takes. This implementation divides IHAVE among frames of ${LIMITS.gossipMaxControlBytes.value.toLocaleString('en')} bytes.`,
    `Parameters of this implementation: D ${D}, Dlo ${Dlo}, Dhi ${Dhi}, a heartbeat every ${heartbeatMs} ms, seen messages are remembered for ${seenMs / 1000} s. A peer MAY choose others.`,
    '',
    'A receiver judges each message before it forwards it:',
    '',
    ...KINDS.flatMap((kind) => verdictLines(kind)),
    '',
    'The rules, in their order, are in [verdicts.md](verdicts.md). `ignore` and `hold` cost nothing.',
  ]
}

function verdictLines(kind: ItemKind): string[] {
  const reasons = allVerdictRules()
    .filter(({ topic, action }) => topic === kind && action === 'reject')
    .map(({ reason }) => code(reason))
  return [`- _[REJECT]_ ${ITEM_KINDS[kind].reportLabel}: ${[...new Set(reasons)].join(', ')}.`]
}

function requestLines(): string[] {
  const { requestsPerPeerPerSecond, requestsPerPeerBurst, requestsPerSecond, requestsBurst } =
    LIMITS
  const { firstByteTimeoutMs, totalTimeoutMs } = PROTOCOL_LIMITS.status
  return [
    '',
    '## Requests',
    '',
    'Each request has a stream of its own, with the protocol `/grapevine/<id>/<name>/1`. The asker writes one frame and closes its end for',
    'writing. The answerer writes any number of frames, within the bounds below, and closes. A frame is its length as an unsigned varint of at most 4 bytes,',
    'then RLP (or a block, a transaction, an envelope, as the protocol says). An answer without frames is a valid one where the protocol allows none. A',
    'stream that is reset means that this request was not answered, and nothing else.',
    '',
    `The first byte of an answer MUST come within ${firstByteTimeoutMs / 1000} s, the whole answer within ${totalTimeoutMs / 1000} s. A node serves ${requestsPerPeerPerSecond.value} requests per second and peer (burst ${requestsPerPeerBurst.value}) and`,
    `${requestsPerSecond.value} in all (burst ${requestsBurst.value}); it resets the streams of those beyond. A message that breaks its protocol costs the connection; the node`,
    'says [goodbye](#goodbye) with code 3 and the fault in words. More or larger frames than the table allows break it. A node that does not serve a',
    'protocol leaves it out of identify and does not select it; that costs nothing, except for `status`.',
    '',
    table(
      ['Protocol', 'Serving it', 'Purpose', 'Request, bytes', 'Frame, bytes', 'Frames'],
      protocolNames().map((name) => {
        const { maxRequestBytes, maxFrameBytes, maxFrames } = PROTOCOL_LIMITS[name]
        const { duty, purpose } = WIRE_PROTOCOLS[name]
        const bounds = [maxRequestBytes, maxFrameBytes, maxFrames].map((n) =>
          n.toLocaleString('en'),
        )
        return [`[${code(name)}](#${name})`, duty, purpose, ...bounds]
      }),
    ),
  ]
}

function protocolLines(): string[] {
  return protocolNames().flatMap((name) => [
    '',
    `### ${name}`,
    '',
    WIRE_PROTOCOLS[name].purpose,
    '',
    ...WIRE_PROTOCOLS[name].text,
  ])
}

function protocolNames(): readonly ProtocolName[] {
  return Object.keys(PROTOCOL_LIMITS) as ProtocolName[]
}
