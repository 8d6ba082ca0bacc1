/** A whole node that is in another thread, as the instrument asks it. */
import type { Address } from '../../crypto/address.ts'
import type { CopyBytes } from '../../gossip/copyBytes.ts'
import type {
  BlockAnswer,
  FinalityAnswer,
  HeadAnswer,
  HeardClock,
  Neighbour,
  PeerSettings,
  PoolAnswer,
  TopicMesh,
} from '../../instrument/port.ts'
import type { Settings } from '../../node/settings/settings.ts'
import { shownOnce } from '../nodeSettings.ts'
import type { DistantQuestions, NodeAnswers } from './engine.ts'

/** Its settings are known here; all else is asked of it. */
export class DistantWholeNode implements NodeAnswers {
  readonly #node: number
  readonly #settings: Settings
  readonly #questions: DistantQuestions

  constructor(node: number, settings: Settings, questions: DistantQuestions) {
    this.#node = node
    this.#settings = settings
    this.#questions = questions
  }

  head(): HeadAnswer {
    return this.#questions.ask(this.#node, 'head')
  }

  block(number: number): BlockAnswer | undefined {
    return this.#questions.askAbout(this.#node, 'block', number)
  }

  nextNonce(address: Address): bigint {
    return this.#questions.askAbout(this.#node, 'nextNonce', address)
  }

  copyBytes(): CopyBytes {
    return this.#questions.ask(this.#node, 'copyBytes')
  }

  mesh(): readonly TopicMesh[] {
    return this.#questions.ask(this.#node, 'mesh')
  }

  settings(): PeerSettings {
    return shownOnce(this.#settings)
  }

  clockSamples(): readonly HeardClock[] {
    return this.#questions.ask(this.#node, 'clockSamples')
  }

  neighbours(): readonly Neighbour[] {
    return this.#questions.ask(this.#node, 'neighbours')
  }

  pool(): PoolAnswer {
    return this.#questions.ask(this.#node, 'pool')
  }

  finality(): FinalityAnswer {
    return this.#questions.ask(this.#node, 'finality')
  }

  gauge(name: string): readonly number[] {
    return this.#questions.askAbout(this.#node, 'gauge', name)
  }
}
