/**
 * Whether a run came to what it was for. The one home of that question: the headline of a report,
 * the exit code of the commands and experiments all ask here.
 */
import type { FaultRecord, QuestionRecord, Report } from './report.ts'

/** The kind of record that a fault leaves which could not be made to happen. */
export const FAULT_FAILED: FaultRecord['kind'] = 'fault-failed'
/**
 * The kind of record that a run leaves which was ended by hand: what had not happened by then is
 * not in the report.
 */
export const INTERRUPTED: FaultRecord['kind'] = 'interrupted'

/** One way in which a run fell short of its plan. */
export interface Shortfall {
  /**
   * `interrupted`: it was ended before its time. `refused`: transactions that no peer accepted.
   * `left-out`: accepted ones that no block of the canonical chain had when the run ended.
   * `fault-failed`: faults that could not be made to happen. `wrong-answer`: questions to the
   * network that got no answer, or one further from the truth than the scenario allows. `broken`:
   * what must hold in every network did not, by the checkers of a simulation.
   */
  readonly kind: 'interrupted' | 'refused' | 'left-out' | 'fault-failed' | 'wrong-answer' | 'broken'
  /** How many. */
  readonly count: number
  /** One sentence for people, without a full stop. */
  readonly text: string
}

/** All that is wrong with a run, the gravest first; empty for one that went as planned. */
export function shortfallsOf(
  report: Pick<Report, 'transactions' | 'faults' | 'simulation' | 'questions'>,
): readonly Shortfall[] {
  const { submitted, accepted, included, refusals } = report.transactions
  const failed = report.faults.filter(({ kind }) => kind === FAULT_FAILED)
  const reasons = Object.entries(refusals).map(([reason, count]) => `${count} ${reason}`)
  /** Routers alone have no blocks that could leave anything out. */
  const leftOut = report.simulation?.engine === 'router' ? 0 : accepted - included
  const broken = report.simulation?.problems ?? []
  const interrupted = report.faults.filter(({ kind }) => kind === INTERRUPTED)
  const wrong = report.questions.filter(isWrong)
  const all: readonly Shortfall[] = [
    {
      kind: 'interrupted',
      count: interrupted.length,
      text: interrupted.map(({ detail }) => detail).join('; '),
    },
    {
      kind: 'fault-failed',
      count: failed.length,
      text: `${faultsText(failed.length)} could not be made to happen: ${failed.map(({ detail }) => detail).join('; ')}`,
    },
    { kind: 'wrong-answer', count: wrong.length, text: wrong.map(wrongText).join('; ') },
    { kind: 'broken', count: broken.length, text: broken.join('; ') },
    {
      kind: 'refused',
      count: submitted - accepted,
      text: `${submitted - accepted} of ${submitted} transactions were not accepted (${reasons.join(', ')})`,
    },
    {
      kind: 'left-out',
      count: leftOut,
      text: `${leftOut} of ${accepted} accepted transactions were in no block when the run ended`,
    },
  ]
  return all.filter(({ count }) => count > 0)
}

/** Only of questions of which the scenario says how right the answer must be. */
function isWrong({ within, failure, error, peer, truePeer }: QuestionRecord): boolean {
  if (within === null) return false
  if (failure !== null || error === null || error > within) return true
  return truePeer !== null && peer !== truePeer
}

function wrongText(question: QuestionRecord): string {
  const { kind, words, node, value, peer, trueValues, truePeer, failure } = question
  const said = (figure: string, of: number | null): string =>
    of === null ? figure : `${figure} (node ${of})`
  const truth = trueValues.length === 0 ? 'not known' : [...new Set(trueValues)].join(' to ')
  const answer =
    failure ?? `${said(String(value ?? 'nothing'), peer)}, where ${said(truth, truePeer)} is true`
  return `${kind} ${words} of node ${node}: ${answer}`
}

function faultsText(count: number): string {
  return count === 1 ? 'a fault of the plan' : `${count} faults of the plan`
}
