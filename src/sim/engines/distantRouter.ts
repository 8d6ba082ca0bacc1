/** A router that is in another thread, as the instrument asks it. */
import type { CopyBytes } from '../../gossip/copyBytes.ts'
import type { Neighbour, PeerSettings, TopicMesh } from '../../instrument/port.ts'
import type { Settings } from '../../node/settings/settings.ts'
import { shownOnce } from '../nodeSettings.ts'
import { Chainless } from './chainless.ts'
import type { NodeAnswers, DistantQuestions } from './engine.ts'

/** What it knows itself is asked of it; the rest is the same for all. */
export class DistantRouter extends Chainless implements NodeAnswers {
  readonly #node: number
  readonly #settings: Settings
  readonly #questions: DistantQuestions

  constructor(node: number, settings: Settings, questions: DistantQuestions) {
    super()
    this.#node = node
    this.#settings = settings
    this.#questions = questions
  }

  mesh(): readonly TopicMesh[] {
    return this.#questions.ask(this.#node, 'mesh')
  }

  copyBytes(): CopyBytes {
    return this.#questions.ask(this.#node, 'copyBytes')
  }

  neighbours(): readonly Neighbour[] {
    return this.#questions.ask(this.#node, 'neighbours')
  }

  settings(): PeerSettings {
    return shownOnce(this.#settings)
  }
}
