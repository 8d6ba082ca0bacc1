/** One query that a node takes part in, without network and time. */
import { isSameAnswers, mergedAnswers, type Answers } from './answers.ts'
import { ANSWERED_PER_ROUND, EAGER_FANOUT, EAGER_ROUNDS, QUIET_ROUNDS } from './limits.ts'
import type { SearchQuery } from './searchQuery.ts'

/** A query while it lives: what is held of its answers, how old it is, and what it has cost. */
export class LiveQuery {
  readonly query: SearchQuery
  #answers: Answers
  #round: number
  #ownRounds = 0
  #quietRounds = 0
  #answered = 0

  /**
   * @param own what this node answers itself.
   * @param round that has passed by what the sender says: from now on this node counts itself, so
   *   that nobody can end the query of another early.
   */
  constructor(query: SearchQuery, own: Answers, round = 0) {
    this.query = query
    this.#answers = own
    this.#round = Math.min(round, query.rounds)
  }

  get answers(): Answers {
    return this.#answers
  }

  get round(): number {
    return this.#round
  }

  get isOver(): boolean {
    return this.#round >= this.query.rounds
  }

  /** Nothing new has come for a while. */
  get isQuiet(): boolean {
    return this.#quietRounds >= QUIET_ROUNDS
  }

  /** How many peers this node exchanges with about it in this round. */
  get fanout(): number {
    if (this.isQuiet) return 0
    return this.#ownRounds < EAGER_ROUNDS ? EAGER_FANOUT : 1
  }

  /** A period has passed. */
  tick(): void {
    this.#round++
    this.#ownRounds++
    this.#quietRounds++
  }

  /** What a peer holds, by the clock of this node. */
  merge(theirs: Answers): void {
    const merged = mergedAnswers(this.query.question, this.#answers, theirs)
    if (!isSameAnswers(merged, this.#answers)) this.#quietRounds = 0
    this.#answers = merged
  }

  /** Counts an exchange of a peer; whether it is still answered. */
  mayAnswer(): boolean {
    return this.#answered++ < ANSWERED_PER_ROUND * this.query.rounds
  }
}

/**
 * The most exchanges that a query of so many rounds costs a node: its own, and those that it
 * answers.
 */
export function maxExchanges(rounds: number): number {
  const eager = (EAGER_FANOUT - 1) * Math.min(rounds, EAGER_ROUNDS)
  return (1 + ANSWERED_PER_ROUND) * rounds + eager
}
