import type { Checkpoint } from '../../chain/checkpoint.ts'
import type { Finality } from '../../finality/finality.ts'
import type { Evidence } from '../../finality/slashing.ts'
import type { Vote } from '../../finality/vote.ts'
import { bytesToHex } from '../../lib/bytes.ts'
import type { Timeline } from '../../trace/timelines.ts'
import { isLive } from '../../membership/member.ts'
import type { RpcContext, VoterView } from '../context.ts'
import { quantity } from '../encode/encode.ts'
import { refused } from '../errors.ts'
import { defineMethod } from '../method.ts'
import { hashKind, required } from '../params.ts'
import type { Feed } from '../subscriptions.ts'
import type { Json, JsonObject } from '../server/json.ts'

/** Heights of which gossip_finality shows the links, newest first. */
const SHOWN_HEIGHTS = 8

/** The methods on what the signers hold to, and on who has told of an item. */
export const finalityMethods = [
  defineMethod({
    name: 'gossip_finality',
    params: [],
    result:
      'object with interval, signers, quorum, justified, finalized, votes, votesSeen, evidence, conflict, timeToFinalityMs, links and voter',
    summary:
      'What more than two thirds of the signers hold to: the highest justified and the highest final block, the votes of the newest checkpoints by link, the time from a block on the chain of this node to its finality, and what this node itself votes as.',
    handler: ({ node }) => ({
      ...finalityJson(node.finality),
      voter: node.voter === undefined ? null : voterJson(node.voter),
    }),
  }),
  defineMethod({
    name: 'gossip_evidence',
    params: [],
    result: 'list of objects with kind, signer, first and second',
    summary:
      'Pairs of votes in which a signer contradicts itself (double-vote or surround-vote), as anybody can check: each vote is given as it travels, too.',
    handler: ({ node }) => node.finality.evidence.all().map(evidenceJson),
  }),
  defineMethod({
    name: 'gossip_story',
    params: [required('hash', hashKind)],
    result: 'object with kind, hash, firstMs, senders, sent, members and share, or null',
    summary:
      'Which members have sent this node a transaction, block or vote, each with the ms after the first copy, and what share of the live members that is. Only connected peers send copies, so the share is at most theirs.',
    handler: ({ node }, hash) => {
      if (node.timelines === undefined)
        throw refused('not-traced', 'this node does not trace: start it with --trace')
      const timeline = node.timelines.timeline(hash)
      return timeline === undefined ? null : storyJson(timeline, liveMembers(node))
    },
  }),
]

function finalityJson(finality: Finality): JsonObject {
  const { settled, domain, signers, quorum, votes, votesSeen, evidence, conflict, times } = finality
  const heights = votes.heights().slice(-SHOWN_HEIGHTS).toReversed()
  return {
    interval: domain.interval,
    signers: signers.length,
    quorum,
    justified: checkpointJson(settled.justified),
    finalized: checkpointJson(settled.finalized),
    votes: votes.count,
    votesSeen,
    evidence: evidence.count,
    conflict: conflict === undefined ? null : checkpointJson(conflict.theirs),
    timeToFinalityMs: { ...times.quantiles() },
    links: heights.flatMap((height) =>
      votes.linksAt(height).map(({ source, target, voters }) => ({
        source: checkpointJson(source),
        target: checkpointJson(target),
        voters: [...voters.keys()],
      })),
    ),
  }
}

/** Each change of what is justified and final, and each proof against a signer. */
export function finalityFeed({ finality }: RpcContext): Feed {
  return (notify) => {
    const tell = (evidence: readonly Evidence[]): void => {
      const { justified, finalized } = finality.settled
      notify({
        justified: checkpointJson(justified),
        finalized: checkpointJson(finalized),
        evidence: evidence.map(evidenceJson),
      })
    }
    const ends = [finality.changed.on(() => tell([])), finality.found.on((one) => tell([one]))]
    return () => {
      for (const end of ends) end()
    }
  }
}

function voterJson({ address, isReady, votedUpTo }: VoterView): JsonObject {
  const { source, target } = votedUpTo
  return { signer: address, isReady, source: quantity(source), target: quantity(target) }
}

function evidenceJson({ kind, signer, first, second }: Evidence): Json {
  return { kind, signer, first: voteJson(first), second: voteJson(second) }
}

function voteJson({ source, target, raw }: Vote): JsonObject {
  return {
    source: checkpointJson(source),
    target: checkpointJson(target),
    raw: bytesToHex(raw),
  }
}

function checkpointJson({ number, hash }: Checkpoint): JsonObject {
  return { number: quantity(number), hash }
}

/**
 * Those that this node holds for alive or suspect, itself left out; its peers where nobody is told
 * of members.
 */
function liveMembers({ members, network }: RpcContext): readonly string[] {
  if (members === undefined) return network.peers().map(({ id }) => id)
  const live = [...members.members.list.all()].filter(isLive)
  return live.map(({ peer }) => peer).filter((peer) => peer !== network.self)
}

/** Peers that sent a copy, each once, by its first one. */
function storyJson(
  { kind, hash, firstSeen, duplicates }: Timeline,
  members: readonly string[],
): JsonObject {
  const delays = new Map<string, number>()
  for (const { from, delayMs } of [
    ...(firstSeen ? [{ from: firstSeen.from, delayMs: 0 }] : []),
    ...duplicates,
  ])
    if (!delays.has(from)) delays.set(from, delayMs)
  const sent = members.filter((member) => delays.has(member)).length
  return {
    kind,
    hash,
    firstMs: firstSeen?.receivedMs ?? null,
    senders: [...delays].map(([from, delayMs]) => ({ from, delayMs })),
    sent,
    members: members.length,
    share: members.length === 0 ? null : sent / members.length,
  }
}
