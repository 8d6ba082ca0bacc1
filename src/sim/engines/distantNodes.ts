/** Nodes that are in another thread, as the instrument asks them. */
import type { Settings } from '../../node/settings/settings.ts'
import { shownOnce } from '../nodeSettings.ts'
import { Chainless } from './chainless.ts'
import type { DistantQuestions, NodeAnswers } from './engine.ts'

/** A router: what it knows itself is asked of it, the rest is the same for all. */
export function distantRouter(
  node: number,
  settings: Settings,
  questions: DistantQuestions,
): NodeAnswers {
  return Object.assign(new Chainless(), routerAnswers(node, settings, questions))
}

/** A whole node: its settings are known here, all else is asked of it. */
export function distantWholeNode(
  node: number,
  settings: Settings,
  questions: DistantQuestions,
): NodeAnswers {
  return {
    ...routerAnswers(node, settings, questions),
    head: () => questions.ask(node, 'head'),
    block: (number) => questions.askAbout(node, 'block', number),
    nextNonce: (address) => questions.askAbout(node, 'nextNonce', address),
    clockSamples: () => questions.ask(node, 'clockSamples'),
    pool: () => questions.ask(node, 'pool'),
    finality: () => questions.ask(node, 'finality'),
    gauge: (name) => questions.askAbout(node, 'gauge', name),
  }
}

/** What every node has that has a router. */
function routerAnswers(
  node: number,
  settings: Settings,
  questions: DistantQuestions,
): Pick<NodeAnswers, 'mesh' | 'copyBytes' | 'neighbours' | 'settings'> {
  return {
    mesh: () => questions.ask(node, 'mesh'),
    copyBytes: () => questions.ask(node, 'copyBytes'),
    neighbours: () => questions.ask(node, 'neighbours'),
    settings: () => shownOnce(settings),
  }
}
