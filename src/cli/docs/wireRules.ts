/** What `docs/wire.md` says of rules that belong to no single message: the head, members, votes. */
import {
  MAX_ADDRESS_BYTES,
  MAX_CLIENT_BYTES,
  MAX_MEMBER_ADDRESSES,
  REFUTE_INTERVAL_MS,
} from '../../membership/limits.ts'
import { MEMBER_DOMAIN } from '../../membership/statements.ts'

/** Which of the blocks that a node knows is its head. */
export const HEAD_TEXT: readonly string[] = [
  'Headers and transactions are those of Ethereum, seals those of Clique (EIP-225); [verdicts.md](verdicts.md) lists every rule. A genesis with other',
  'rules has another hash or other `genesisRules`. A node forwards a block by the rules that need no execution, and executes it later.',
  '',
  'Peers that know the same blocks and votes MUST choose the same head. Candidates are the blocks that descend from the highest',
  '[justified](#votes-and-finality) checkpoint (without votes that is the genesis), and that checkpoint itself. Of two candidates the head is',
  '',
  '1. the one with the higher total difficulty: the sum of the difficulties from the genesis to the block, both included;',
  '2. then the one with the lower number;',
  '3. then the one with the higher `(number - index) mod signers`, where `index` is the place of its signer, from 0, among the signers in',
  '   ascending order of their addresses (EIP-3436, rule 3: whose signer has been in turn least recently);',
  '4. then the one with the lower hash, as a number.',
  '',
  'On a chain without Clique, rule 2 prefers the higher number and rule 3 does not exist. A block that leaves the branch of the final block',
  'never becomes the head and is ignored (`conflicts-with-finalized`). No reorganisation goes back by more than 256 blocks.',
  '',
  'A total difficulty in a status is a claim: it decides who is asked for blocks, not what the head is. A peer that does not count votes may follow the',
  'highest total difficulty; it is then on another head only while what is justified is on a branch with less difficulty.',
]

/** What members sign, and what the statements do. */
export const MEMBERS_TEXT: readonly string[] = [
  'A peer need not be a member: one that publishes no record of itself is served like any other, and is not probed. A message on the topic of members is',
  `a libp2p envelope (RFC 0002) of at most 1,024 bytes, in the canonical encoding of protobuf (fields in ascending order, none twice), with the domain`,
  `\`${MEMBER_DOMAIN}\` and one of these payloads:`,
  '',
  '- Payload type `0x01`, a **record**: `[networkId: B_4, incarnation: P, hasLeft: P, isSigner: P, client: B, [address: B, ...]]`. The key of',
  `  the envelope is that of the member. The flags are 0 or 1, \`client\` has at most ${MAX_CLIENT_BYTES} bytes; there are at most ${MAX_MEMBER_ADDRESSES} addresses, multiaddrs without the peer id`,
  `  in text, of at most ${MAX_ADDRESS_BYTES} bytes. Of two records of a member the one with the higher incarnation holds; of two with the same, the one`,
  '  whose Keccak-256 hash is lower.',
  '- Payload type `0x02`, an **accusation**: `[networkId: B_4, accused: B, incarnation: P]`, with the peer id of the accused in text. The key is that of',
  '  the accuser, who got no answer from the accused. It says nothing about a record with another incarnation.',
  '',
  'Incarnations have at most 6 bytes. A member begins with the Unix time in seconds. It publishes a record with a higher incarnation when it is accused or is',
  `probed as suspected, at most once in ${REFUTE_INTERVAL_MS / 1000} s, and one with \`hasLeft\` when it stops. Accusers must be members. An accused member is suspected for 4 s to 24 s, longer`,
  'among thousands, and is dead for a node when that time has passed there without a record with a higher incarnation.',
]

/** How votes make blocks final. */
export const FINALITY_TEXT: readonly string[] = [
  'A **checkpoint** is a block whose number is a multiple of the interval. A signer whose head passes a checkpoint votes once, from the highest',
  'justified checkpoint that it knows (the source) to that one (the target, with a higher number). A signer MUST NOT send two votes for targets of one number, nor a',
  'vote with one of its others between: source below and target above. A link counts when `3 * votes > 2 * signers`, its source is justified and an ancestor of',
  'its target, and both blocks are known. The signers are those of the genesis. The target of a link that counts is **justified**; the genesis is. A justified',
  'source whose target is one interval above it is **final**. A node that has been away takes a source above all that it knows to be justified as justified, if',
  'more than two thirds voted from it. A vote that contradicts another is forwarded, so that everybody has both. Peers that seal nothing need no votes.',
]
