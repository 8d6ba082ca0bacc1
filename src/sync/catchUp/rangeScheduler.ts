/**
 * Ranges of blocks from several peers at once, handed on in the order of the chain.
 *
 * SPECIFICATION
 *
 * A window of ranges stands above what was handed on. Each is waiting, being fetched by one peer,
 * or here. A waiting range goes to the peer that has the fewest requests of ours; of those, to the
 * one that was asked least. What a peer gave of a range is one range, what it left out is another,
 * which waits again: so a slow or silent peer, and one that leaves, is replaced, and what it gave
 * before is of use. Whether ranges link to each other is seen when they are handed on in order, by
 * who takes them; `again` puts one back.
 *
 * Bounds. `maxRanges` in the window, `maxInFlight` being fetched, `maxPerPeer` of one peer, and
 * `maxBytes` of what is here and may come; what may come is counted at `maxRangeBytes` a range. One
 * range is fetched whatever its size. What peers claim costs nothing: ranges exist only within the
 * window, so a head of 2^64-1 is a number like any other.
 *
 * The end is told (`take` answers nothing) when the lowest range is not here and nobody can be
 * asked for it.
 */
import type { Block } from '../../block/block.ts'
import type { PeerId } from '../../gossip/network.ts'
import { assert } from '../../lib/assert.ts'

/** A peer that may be asked, and the last block it says it has. */
export interface Donor {
  readonly peer: PeerId
  readonly headNumber: bigint
}

/** Blocks one after another, and who gave them. */
export interface FetchedRange {
  readonly blocks: readonly Block[]
  readonly from: PeerId
}

/** How many ranges, requests and bytes there may be at a time. */
export interface RangeBounds {
  /** Blocks of one range. */
  readonly rangeBlocks: number
  readonly maxRanges: number
  readonly maxInFlight: number
  readonly maxPerPeer: number
  readonly maxBytes: number
  /** What one answer can have at most, bytes. */
  readonly maxRangeBytes: number
}

/** Who gives ranges, and how they are fetched. */
export interface RangeSource {
  /** Who may be asked now. */
  donors(): readonly Donor[]
  /**
   * The first blocks of a range as far as the peer gives them, linked to one another; none where it
   * fails, and then it must not be among the donors for a while. Never rejects.
   */
  fetch(peer: PeerId, first: bigint, count: number): Promise<readonly Block[]>
}

interface Range {
  readonly first: bigint
  readonly count: number
  isFetching: boolean
  given?: FetchedRange
}

interface Use {
  requests: number
  asked: number
}

/** Ranges of one run of catch-up, from the first block wanted upward. */
export class RangeScheduler {
  readonly #source: RangeSource
  readonly #bounds: RangeBounds
  /** Lowest first, without a gap between them, up to `#next`. */
  #ranges: Range[] = []
  #next: bigint
  readonly #uses = new Map<PeerId, Use>()
  #inFlight = 0
  #bytes = 0
  #isStopped = false
  #changed = Promise.withResolvers<void>()

  /** @param first the number of the first block wanted. */
  constructor(source: RangeSource, first: bigint, bounds: RangeBounds) {
    this.#source = source
    this.#bounds = bounds
    this.#next = first
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  /** Asks as many peers as it may. Called by `take`; call it when there may be new ones. */
  fill(): void {
    while (!this.#isStopped) {
      const request = this.#nextRequest()
      if (request === undefined) return
      void this.#fetch(request.range, request.peer)
    }
  }

  /**
   * The next blocks, as soon as they are here; `undefined` where nobody has them, and after `stop`.
   */
  async take(): Promise<FetchedRange | undefined> {
    for (;;) {
      this.fill()
      if (this.#isStopped) return undefined
      const [lowest] = this.#ranges
      if (lowest?.given !== undefined) return this.#handOn(lowest.given)
      if (this.#inFlight === 0) return undefined
      await this.#changed.promise
    }
  }

  /**
   * What was taken last from `first` on is wanted again, from others than who gave it: it must not
   * be a donor now.
   */
  again(first: bigint, count: number): void {
    assert(first + BigInt(count) === (this.#ranges[0]?.first ?? this.#next), 'it was taken last')
    this.#ranges.unshift({ first, count, isFetching: false })
  }

  stop(): void {
    this.#isStopped = true
    this.#ranges = []
    this.#wake()
  }

  assertInvariants(): void {
    const { maxInFlight, maxPerPeer } = this.#bounds
    let bytes = 0
    let first = this.#ranges[0]?.first ?? this.#next
    for (const range of this.#ranges) {
      assert(range.first === first, 'the ranges follow one another')
      first += BigInt(range.count)
      assert(range.given === undefined || !range.isFetching, 'what is here is not being fetched')
      bytes += bytesOf(range.given)
    }
    const requests = [...this.#uses.values()].map((use) => use.requests)
    assert(this.#isStopped || first === this.#next, 'they reach up to what was never asked for')
    assert(this.#isStopped || bytes === this.#bytes, 'bytes are counted')
    assert(this.#inFlight <= maxInFlight, 'requests are bounded')
    assert(
      requests.every((count) => count <= maxPerPeer),
      'and those to one peer',
    )
    assert(requests.reduce((sum, count) => sum + count, 0) === this.#inFlight, 'all are counted')
  }

  #handOn(given: FetchedRange): FetchedRange {
    this.#ranges.shift()
    this.#bytes -= bytesOf(given)
    return given
  }

  #nextRequest(): { readonly range: Range; readonly peer: PeerId } | undefined {
    if (!this.#hasRoom()) return undefined
    const donors = this.#source
      .donors()
      .filter(({ peer }) => this.#useOf(peer).requests < this.#bounds.maxPerPeer)
    for (const range of this.#ranges) {
      if (range.isFetching || range.given !== undefined) continue
      const donor = this.#leastUsed(donors, range.first)
      if (donor !== undefined) return { range, peer: donor.peer }
    }
    return this.#ranges.length < this.#bounds.maxRanges ? this.#open(donors) : undefined
  }

  #hasRoom(): boolean {
    const { maxInFlight, maxBytes, maxRangeBytes } = this.#bounds
    if (this.#inFlight === 0) return true
    const mayCome = (this.#inFlight + 1) * maxRangeBytes
    return this.#inFlight < maxInFlight && this.#bytes + mayCome <= maxBytes
  }

  /** A new range on top of the window, no longer than its first donor says it has. */
  #open(donors: readonly Donor[]): { readonly range: Range; readonly peer: PeerId } | undefined {
    const first = this.#next
    const donor = this.#leastUsed(donors, first)
    if (donor === undefined) return undefined
    const claimed = donor.headNumber - first + 1n
    const most = BigInt(this.#bounds.rangeBlocks)
    const count = Number(claimed < most ? claimed : most)
    const range = { first, count, isFetching: false }
    this.#ranges.push(range)
    this.#next += BigInt(count)
    return { range, peer: donor.peer }
  }

  #leastUsed(donors: readonly Donor[], first: bigint): Donor | undefined {
    let best: Donor | undefined
    for (const donor of donors)
      if (donor.headNumber >= first && (best === undefined || this.#isLessUsed(donor, best)))
        best = donor
    return best
  }

  #isLessUsed(a: Donor, b: Donor): boolean {
    const [one, other] = [this.#useOf(a.peer), this.#useOf(b.peer)]
    if (one.requests !== other.requests) return one.requests < other.requests
    return one.asked < other.asked
  }

  #useOf(peer: PeerId): Use {
    return this.#uses.get(peer) ?? { requests: 0, asked: 0 }
  }

  async #fetch(range: Range, peer: PeerId): Promise<void> {
    const use = this.#useOf(peer)
    this.#uses.set(peer, use)
    range.isFetching = true
    use.requests++
    use.asked++
    this.#inFlight++
    const blocks = await this.#source.fetch(peer, range.first, range.count)
    use.requests--
    this.#inFlight--
    range.isFetching = false
    if (!this.#isStopped && blocks.length > 0) this.#put(range, { blocks, from: peer })
    this.#forgetStrangers()
    this.#wake()
  }

  #put(range: Range, given: FetchedRange): void {
    const { first, count } = range
    const { length } = given.blocks
    assert(length <= count, 'nobody gives more than was asked for')
    const here: Range = { first, count: length, isFetching: false, given }
    const left: Range = { first: first + BigInt(length), count: count - length, isFetching: false }
    this.#ranges.splice(this.#ranges.indexOf(range), 1, here, ...(length < count ? [left] : []))
    this.#bytes += bytesOf(given)
  }

  /** Peers come and go: only those of now are remembered. */
  #forgetStrangers(): void {
    const donors = new Set(this.#source.donors().map(({ peer }) => peer))
    for (const [peer, { requests }] of this.#uses)
      if (requests === 0 && !donors.has(peer)) this.#uses.delete(peer)
  }

  #wake(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}

function bytesOf(given: FetchedRange | undefined): number {
  return given?.blocks.reduce((sum, { raw }) => sum + raw.length, 0) ?? 0
}
