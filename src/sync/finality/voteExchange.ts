/**
 * The `votes` protocol: the votes that a peer has and we lack. Gossip brings every vote once; this
 * brings those that were lost, that were cast before we came, and those of the other side of a
 * partition.
 *
 * Wire: a request is RLP [lowest, highest, [[height, summary (4 bytes)], ...], culprits (4 bytes)]:
 * the heights whose votes the asker takes, what it has of each, and a summary of the signers that
 * it has proofs against. Each frame of the answer is one vote as gossip carries it. If the
 * answering side has proofs against others, one pair for each signer comes first. Then come the
 * votes for heights of which it has others than the asker, the newest heights first. Two nodes with
 * the same votes and proofs send none.
 *
 * A peer is asked once after it connected, and from then on after each status while the newest
 * checkpoint is not justified or the one before not final. What comes is judged like everything
 * else.
 */
import type { Finality } from '../../finality/finality.ts'
import type { PeerId } from '../../gossip/network.ts'
import type { Verdict } from '../../gossip/rules/verdict.ts'
import { messageOf } from '../../lib/assert.ts'
import { hexToBytes, bytesToHex } from '../../lib/bytes.ts'
import { Emitter, type Unsubscribe } from '../../lib/emitter.ts'
import type { Logger } from '../../lib/log.ts'
import { encodeRlp, type RlpItem } from '../../lib/rlp.ts'
import { MAX_SENT_VOTES, MAX_SUMMARISED_HEIGHTS } from '../limits.ts'
import type { Network } from '../../gossip/network.ts'
import { integer, integerOf, listOf, ProtocolViolation, type Requests } from '../protocol.ts'
import type { PeerBook } from '../status/peerBook.ts'

/** What votes are exchanged with. */
export interface VoteExchangeParts {
  readonly finality: Finality
  readonly network: Pick<Network, 'onPeer'>
  readonly requests: Requests
  readonly book: Pick<PeerBook, 'get'>
  /** A peer's status has come in. */
  readonly heard: Emitter<PeerId>
  readonly log: Logger
  readonly judge: (raw: Uint8Array, from: PeerId) => Promise<Verdict>
}

/** What an asker has of one height: 4 bytes in hex. */
export interface HeightSummary {
  readonly height: bigint
  readonly summary: string
}

/** Heights that an asker takes votes for, and what it has of them. */
export interface VotesRequest {
  readonly lowest: bigint
  readonly highest: bigint
  readonly summaries: readonly HeightSummary[]
  /** Of the signers that the asker has proofs against: 4 bytes in hex. */
  readonly culprits: string
}

/** Exchanges votes with peers. */
export class VoteExchange {
  /** A peer has told all that it has and we lack: the number of its head. */
  readonly told = new Emitter<bigint>()
  readonly #parts: VoteExchangeParts
  /** Peers that were asked since they connected. */
  readonly #asked = new Set<PeerId>()
  readonly #asking = new Set<PeerId>()
  readonly #ends: Unsubscribe[] = []

  constructor(parts: VoteExchangeParts) {
    this.#parts = parts
  }

  async start(): Promise<void> {
    const { requests, network, heard, finality } = this.#parts
    await requests.handle('votes', (_from, request) => answerVotes(finality, request))
    this.#ends.push(
      heard.on((peer) => void this.#consider(peer)),
      network.onPeer((event) => {
        if (event.kind === 'disconnected') this.#asked.delete(event.peer)
      }),
    )
  }

  stop(): void {
    for (const end of this.#ends.splice(0)) end()
    this.#asked.clear()
  }

  /** Never rejects. */
  async #consider(peer: PeerId): Promise<void> {
    const { finality, book, requests, log } = this.#parts
    const isNeeded = !this.#asked.has(peer) || isBehind(finality)
    if (finality.signers.length === 0 || !isNeeded || this.#asking.has(peer)) return
    this.#asking.add(peer)
    try {
      await this.#ask(peer)
      this.#asked.add(peer)
      this.told.emit(book.get(peer)?.status.headNumber ?? 0n)
    } catch (error) {
      log.debug('a peer served no votes', { peer, reason: messageOf(error) })
      requests.blame(peer, error)
    } finally {
      this.#asking.delete(peer)
    }
  }

  async #ask(peer: PeerId): Promise<void> {
    const { requests, judge, finality } = this.#parts
    for await (const raw of requests.send(peer, 'votes', encodeVotesRequest(requestOf(finality)))) {
      const verdict = await judge(raw, peer)
      if (verdict.action === 'reject')
        throw new ProtocolViolation(`served a vote that is rejected: ${verdict.reason}`)
    }
  }
}

/**
 * Whether votes may be missing: with all of them the newest checkpoint is justified and the one
 * before it final.
 */
function isBehind({ settled, newestCheckpoint, interval }: Finality): boolean {
  const { justified, finalized } = settled
  return (
    newestCheckpoint.number > justified.number || justified.number > finalized.number + interval
  )
}

function requestOf({ votes, highestTarget, evidence }: Finality): VotesRequest {
  const summaries = votes.heights().map((height) => ({ height, summary: votes.summaryAt(height) }))
  return { lowest: votes.lowest, highest: highestTarget, summaries, culprits: evidence.summary }
}

/** A request as it travels. */
export function encodeVotesRequest(request: VotesRequest): Uint8Array {
  const { lowest, highest, summaries, culprits } = request
  const list = summaries.map(({ height, summary }) => [integer(height), hexToBytes(`0x${summary}`)])
  return encodeRlp([integer(lowest), integer(highest), list, hexToBytes(`0x${culprits}`)])
}

/** Throws a {@link ProtocolViolation} for anything that is no request. */
export function decodeVotesRequest(data: Uint8Array): VotesRequest {
  const [lowest, highest, list, culprits] = listOf(data, 4)
  if (list === undefined || list instanceof Uint8Array || list.length > MAX_SUMMARISED_HEIGHTS)
    throw new ProtocolViolation(`expected a list of at most ${MAX_SUMMARISED_HEIGHTS} heights`)
  const summaries = list.map((pair) => {
    if (pair instanceof Uint8Array || pair.length !== 2)
      throw new ProtocolViolation('expected a height and a summary')
    const [height, summary] = pair
    return { height: integerOf(height, 8), summary: summaryOf(summary) }
  })
  return {
    lowest: integerOf(lowest, 8),
    highest: integerOf(highest, 8),
    summaries,
    culprits: summaryOf(culprits),
  }
}

function summaryOf(item: RlpItem | undefined): string {
  if (!(item instanceof Uint8Array) || item.length !== 4)
    throw new ProtocolViolation('a summary has 4 bytes')
  return bytesToHex(item).slice(2)
}

async function* answerVotes(
  { votes, evidence }: Pick<Finality, 'votes' | 'evidence'>,
  data: Uint8Array,
): AsyncIterable<Uint8Array> {
  const { lowest, highest, summaries, culprits } = decodeVotesRequest(data)
  const known = new Map(summaries.map(({ height, summary }) => [height, summary]))
  const proofs = culprits === evidence.summary ? [] : evidence.firstOfEach()
  for (const { first, second } of proofs) {
    yield first.raw
    yield second.raw
  }
  let sent = 2 * proofs.length
  for (const height of votes.heights().toReversed()) {
    if (height < lowest || height > highest) continue
    if (known.get(height) === votes.summaryAt(height)) continue
    for (const { raw } of votes.votesAt(height)) {
      if (sent++ >= MAX_SENT_VOTES) return
      yield raw
    }
  }
}
