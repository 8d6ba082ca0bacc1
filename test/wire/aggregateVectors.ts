import {
  decodeAggregateAnswer,
  decodeAggregateRequest,
  encodeAggregateAnswer,
  encodeAggregateRequest,
  type AggregateAnswer,
} from '../../src/aggregate/aggregateMessages.ts'
import { contribution } from '../../src/aggregate/summary.ts'
import { answered, asked, read, type WireVector } from './vectorForms.ts'

/** Messages of the protocol `aggregate`. */
export function aggregateVectors(): readonly WireVector[] {
  const epoch = { number: 1_764_000_000, tag: 77, rounds: 16 }
  const held = contribution([3, 12, 0.5], true)
  const request = { gauge: 'txpool.pending', epoch, round: 2, sequence: 3, held }
  const answers = [
    ['what the answerer held', { state: 'exchanged', round: 3, held }],
    ['a newer epoch', { state: 'newer', epoch: { ...epoch, tag: 78 }, round: 1 }],
    ['come again later', { state: 'later' }],
  ] as const
  return [
    asked(read('an exchange', request, encodeAggregateRequest, decodeAggregateRequest)),
    ...answers.map(([name, answer]) =>
      answered(read<AggregateAnswer>(name, answer, encodeAggregateAnswer, decodeAggregateAnswer)),
    ),
  ]
}
