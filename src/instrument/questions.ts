/**
 * The questions of a run to its network: asked when they are due, each answer kept with what is
 * needed to judge it.
 */
import { parseQuery } from '../aggregate/gauges.ts'
import { messageOf } from '../lib/assert.ts'
import { sleep } from '../lib/clock.ts'
import { GAUGE_BOOK } from '../node/gauges.ts'
import { NEWEST_TRANSACTION, type TimedQuestion } from '../scenario/questions.ts'
import { parseQuestion } from '../search/question.ts'
import { ANSWER_PATIENCE_MS } from './patience.ts'
import type { FoundAnswer, NetworkFigure, NetworkPort, PeerPort } from './port.ts'

/** The reading of one node is waited for so long, ms. */
const READING_PATIENCE_MS = 2_000
/** A transaction is looked for when it has had so long to spread, ms. */
const SPREADS_FOR_MS = 5_000

/** What a question is about. */
export type Subject = { readonly what: string; readonly gauge: string } | { readonly hash: string }

/** A question that was asked, and what came of it. */
export interface AskedQuestion {
  readonly question: TimedQuestion
  /** Its place in the plan. */
  readonly place: number
  /** With the hash that a word stood for. */
  readonly words: string
  readonly subject: Subject | undefined
  readonly askedMs: number
  readonly answeredMs: number
  readonly answer: Answer | undefined
  /**
   * What all nodes observed themselves, when it was asked and when it was answered; of a gauge
   * alone.
   */
  readonly readings: readonly (readonly number[])[]
  readonly failure: string | undefined
}

/** The answer of a node, to either kind of question. */
export interface Answer {
  readonly value: number | null
  readonly unit: string
  readonly peerId: string | null
  readonly rounds: number
}

/** Asks them, and remembers. */
export class Questions {
  readonly #network: NetworkPort
  readonly #asked: AskedQuestion[] = []
  /** Transactions that were accepted: when, and their hashes. */
  readonly #accepted: { readonly atMs: number; readonly hash: string }[] = []

  constructor(network: NetworkPort) {
    this.#network = network
  }

  /** In the order of the plan, whichever was answered first. */
  get asked(): readonly AskedQuestion[] {
    return this.#asked.toSorted((a, b) => a.place - b.place)
  }

  /** A transaction of the load was accepted. */
  accepted(hash: string): void {
    this.#accepted.push({ atMs: this.#network.clock.monotonicMs(), hash })
  }

  /**
   * Asks each when it is due, whatever became of those before; resolves when all have an answer, or
   * get none. Never rejects.
   */
  async play(
    questions: readonly TimedQuestion[],
    startMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock } = this.#network
    const asking: Promise<void>[] = []
    for (const [place, question] of questions.entries()) {
      const waitMs = startMs + question.atMs - clock.monotonicMs()
      if (waitMs > 0) await sleep(clock, waitMs, signal)
      if (signal.aborted) break
      asking.push(this.#ask(question, place, signal))
    }
    await Promise.all(asking)
  }

  async #ask(question: TimedQuestion, place: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#network
    const askedMs = clock.monotonicMs()
    const words = this.#wordsOf(question)
    const kept = { question, place, words, askedMs }
    try {
      const subject = subjectOf(question.kind, words)
      const before = await this.#readings(subject)
      const answer = await this.#answer(question, words, signal)
      const readings = [...before, ...(await this.#readings(subject))]
      const answeredMs = clock.monotonicMs()
      this.#asked.push({ ...kept, subject, answeredMs, answer, readings, failure: undefined })
    } catch (error) {
      const failed = { subject: undefined, answer: undefined, readings: [] }
      const answeredMs = clock.monotonicMs()
      this.#asked.push({ ...kept, ...failed, answeredMs, failure: messageOf(error) })
    }
  }

  #wordsOf({ kind, words }: TimedQuestion): string {
    if (kind !== 'find' || words !== NEWEST_TRANSACTION) return words
    const dueMs = this.#network.clock.monotonicMs() - SPREADS_FOR_MS
    return this.#accepted.findLast(({ atMs }) => atMs <= dueMs)?.hash ?? words
  }

  async #answer(
    { kind, node }: TimedQuestion,
    words: string,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { clock, peers } = this.#network
    const peer = peers.find(({ index }) => index === node)
    if (peer === undefined) throw new Error(`node ${node} has not been started`)
    const asking = kind === 'ask' ? peer.ask(words).then(ofFigure) : peer.find(words).then(ofFound)
    const late = `none within ${ANSWER_PATIENCE_MS / 1000} s`
    const answered = new AbortController()
    const waiting = sleep(
      clock,
      ANSWER_PATIENCE_MS,
      AbortSignal.any([signal, answered.signal]),
    ).then((): never => {
      throw new Error(signal.aborted ? 'the run was ended' : late)
    })
    return Promise.race([asking, waiting]).finally(() => answered.abort())
  }

  /**
   * One list of observations over all nodes that are up; none where the question is not about a
   * gauge.
   */
  async #readings(subject: Subject): Promise<readonly (readonly number[])[]> {
    if ('hash' in subject) return []
    const { peers, life } = this.#network
    const up = peers.filter(({ index }) => life.stateOf(index) === 'up')
    return [(await Promise.all(up.map((peer) => this.#reading(peer, subject.gauge)))).flat()]
  }

  /** Empty for a node that does not answer. */
  #reading(peer: PeerPort, gauge: string): Promise<readonly number[]> {
    const nothing = (): readonly number[] => []
    const read = new AbortController()
    const waiting = sleep(this.#network.clock, READING_PATIENCE_MS, read.signal).then(nothing)
    const reading = peer.gauge(gauge).catch(nothing)
    return Promise.race([reading, waiting]).finally(() => read.abort())
  }
}

/**
 * What is wrong with the words of questions, by their place; they are read as `grapevine ask` and
 * `find` read them.
 */
export function wordProblems(
  questions: readonly { readonly ask?: string | undefined; readonly find?: string | undefined }[],
): string[] {
  return questions.flatMap(({ ask, find }, at) => {
    if (find === NEWEST_TRANSACTION) return []
    try {
      subjectOf(ask === undefined ? 'find' : 'ask', ask ?? find ?? '')
      return []
    } catch (error) {
      return [`questions[${at}]: ${messageOf(error)}`]
    }
  })
}

/** Throws a UserError that lists what can be asked. */
function subjectOf(kind: TimedQuestion['kind'], words: string): Subject {
  if (kind === 'ask') return parseQuery(words, GAUGE_BOOK)
  if (words === NEWEST_TRANSACTION)
    throw new Error(`no transaction had been accepted for ${SPREADS_FOR_MS / 1000} s`)
  const question = parseQuestion(words, GAUGE_BOOK)
  if (question.kind === 'hash') return { hash: question.hash }
  if (question.kind === 'origins') throw new Error('nobody asks for first sightings alone')
  return { what: question.end === 'highest' ? 'max' : 'min', gauge: question.gauge }
}

function ofFigure({ value, unit, rounds }: NetworkFigure): Answer {
  return { value, unit, rounds, peerId: null }
}

function ofFound({ peerId, value, unit, have, rounds }: FoundAnswer): Answer {
  return unit === '' && value === null
    ? { value: have, unit: 'nodes', peerId, rounds }
    : { value, unit, peerId, rounds }
}
