/**
 * A search in rounds, by the code that nodes run (`search/liveQuery.ts`), without network and time:
 * in each round every node that takes part and is not quiet exchanges with a random neighbour what
 * both held when the round began.
 */
import { EMPTY_BYTES } from '../../lib/bytes.ts'
import type { PeerId } from '../../gossip/network.ts'
import type { Random } from '../../lib/random.ts'
import { NO_ANSWERS, type Answers } from '../../search/answers.ts'
import { LiveQuery } from '../../search/liveQuery.ts'
import type { SearchQuery } from '../../search/searchQuery.ts'
import { isSettled, searchRoundsFor } from '../../search/settling.ts'
import { shortIdOf, tallyOf } from '../../search/tally.ts'
import type { CallGraph } from './graph.ts'

const ASKER = 0

/** What one search came to. */
export interface SearchModelRun {
  /** Rounds until every node knows the query; `null` where some never did. */
  readonly spread: number | null
  /** Rounds until the asker holds the best answer of all; `null` where it never did. */
  readonly returned: number | null
  /** Round in which the asker was given the answer. */
  readonly answered: number
  /** Whether that was the best one. */
  readonly isRight: boolean
  /** Exchanges that a mean node began. */
  readonly exchangesPerNode: number
}

/** Runs one search on `graph`, from node 0 for the highest of values that are drawn. */
export function searchInRounds(graph: CallGraph, random: Random): SearchModelRun {
  return new SearchModel(graph, random).run()
}

class SearchModel {
  readonly #graph: CallGraph
  readonly #random: Random
  readonly #values: Float64Array
  readonly #best: number
  readonly #query: SearchQuery
  readonly #live: (LiveQuery | undefined)[]
  #known = 0
  #exchanges = 0

  constructor(graph: CallGraph, random: Random) {
    this.#graph = graph
    this.#random = random
    this.#values = Float64Array.from({ length: graph.nodes }, () => random.next())
    this.#best = this.#values.reduce((most, value) => Math.max(most, value), 0)
    this.#query = {
      origin: peerOf(ASKER),
      number: 1,
      rounds: searchRoundsFor(graph.nodes),
      question: { kind: 'extremum', end: 'highest', gauge: 'any' },
      envelope: EMPTY_BYTES,
      digest: Uint8Array.from({ length: 32 }, () => random.int(256)),
    }
    this.#live = Array.from({ length: graph.nodes })
  }

  run(): SearchModelRun {
    const asker = this.#join(ASKER, 0)
    let [spread, returned]: (number | null)[] = [null, null]
    while (!isSettled(asker, this.#graph.nodes)) {
      this.#round()
      if (this.#known === this.#graph.nodes) spread ??= asker.round
      if (asker.answers.best?.value === this.#best) returned ??= asker.round
    }
    return {
      spread: spread ?? null,
      returned: returned ?? null,
      answered: asker.round,
      isRight: asker.answers.best?.value === this.#best,
      exchangesPerNode: this.#exchanges / this.#graph.nodes,
    }
  }

  #round(): void {
    const before = this.#live.map((live) => live?.answers)
    for (const [node, answers] of before.entries()) {
      const live = this.#live[node]
      if (live === undefined || answers === undefined) continue
      for (let calls = live.fanout; calls > 0; calls--) this.#exchange(node, live, before)
    }
    for (const live of this.#live) live?.tick()
  }

  #exchange(node: number, live: LiveQuery, before: readonly (Answers | undefined)[]): void {
    const other = this.#graph.partner(node, this.#random)
    const told = before[node]
    if (other === -1 || told === undefined) return
    this.#exchanges++
    const partner = this.#live[other] ?? this.#join(other, live.round)
    partner.merge(told)
    live.merge(before[other] ?? this.#own(other))
  }

  #join(node: number, round: number): LiveQuery {
    const live = new LiveQuery(this.#query, this.#own(node), round)
    this.#live[node] = live
    this.#known++
    return live
  }

  #own(node: number): Answers {
    const best = { peer: peerOf(node), value: this.#values[node] ?? 0, errorMs: 0 }
    return { ...NO_ANSWERS, best, tally: tallyOf(shortIdOf(this.#query.digest, best.peer), true) }
  }
}

function peerOf(node: number): PeerId {
  return `node-${node}` as PeerId
}
