/** Facts of a report in phrases, the same in every form of it. */
import { numberText, percentText } from '../numberText.ts'
import type { KnownAfter, MemberFigures, QuestionRecord, Report } from '../report.ts'
import type { ScenarioRecord } from '../scenarioRecord.ts'

/** Name, seed and purpose of a scenario, in one phrase. */
export function scenarioFacts({ name, seed, description }: ScenarioRecord): string {
  return `${name}, seed ${seed}${description === '' ? '' : `: ${description}`}`
}

/** What became of the transactions that were submitted, in one phrase. */
export function transactionFacts({ transactions }: Report): string {
  const { submitted, accepted, included } = transactions
  const refused = Object.entries(transactions.refusals).map(
    ([reason, count]) => `${count} ${reason}`,
  )
  const tail = refused.length === 0 ? '' : `; refused: ${refused.join(', ')}`
  return `${submitted} submitted, ${accepted} accepted, ${included} included in blocks${tail}`
}

/** What became of the blocks, in one phrase. */
export function blockFacts({ blocks }: Report): string {
  const head =
    blocks.head === null ? 'peers disagree on the head' : `every peer at block ${blocks.head}`
  return `${blocks.sealed} sealed, ${head}`
}

/** Where the times come from and how far they may be wrong, in one phrase. */
export function clockFacts({ clock, peers }: Report): string {
  const { source, errorMs, residualMs, clocks, check } = clock
  const checked =
    check === null
      ? ''
      : `; status exchanges on one clock found offsets up to ${numberText(check.maxOffsetMs)} ms, their own error up to ${numberText(check.errorMs)} ms`
  const known = clocks.reduce((sum, { nodes }) => sum + nodes.length, 0)
  const unknown =
    known === peers.length
      ? ''
      : `; ${peers.length - known} peers left out, whose clocks are not known`
  if (source === 'host-monotonic')
    return `one monotonic clock of one machine for all sightings, error 0${checked}${unknown}`
  return `${clocks.length} clocks, corrected by the status exchange; two peers' times are off by at most ${numberText(errorMs)} ms, the pairs disagree by up to ${numberText(residualMs)} ms${checked}${unknown}`
}

/** The machine and the implementations that the figures belong to, in one phrase. */
export function machineFacts({ machine, crypto }: Pick<Report, 'machine' | 'crypto'>): string {
  const kernel = machine.kernel === null ? '' : `kernel ${machine.kernel}, `
  const paths = Object.entries(crypto).map(([name, path]) => `${name} ${path}`)
  return `${machine.cores} x ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.platform}, ${kernel}Node ${machine.node}; ${paths.join(', ')}`
}

/**
 * The hosts of the nodes, each in one phrase; none where all nodes ran where they were measured,
 * whose machine is told anyway.
 */
export function hostFacts({ hosts }: Report): readonly string[] {
  if (hosts.every(({ isMeasuring }) => isMeasuring) && hosts.length <= 1) return []
  return hosts.map(
    (one) =>
      `${nodesText(one.nodes)} on ${machineFacts(one)}${one.isMeasuring ? ', which measured' : ''}; ${numberText(one.loadPerCore)} processes for each core; ${one.client}`,
  )
}

/** How many nodes were measured; those that were never started are in the network alone. */
export function peersText({ measured, nodes }: MeasuredPeers): string {
  return measured === nodes ? `${nodes} peers` : `${measured} of ${nodes} peers`
}

/** How many nodes were measured, of how many that the network has or was to have. */
export interface MeasuredPeers {
  readonly measured: number
  readonly nodes: number
}

/** Many nodes on one host are counted. */
export function nodesText(nodes: readonly number[]): string {
  if (nodes.length > MOST_NODES_NAMED) return `${nodes.length} nodes`
  return `${nodes.length === 1 ? 'node' : 'nodes'} ${nodes.join(', ')}`
}

const MOST_NODES_NAMED = 8

/** The program and its state, and how it was started, in one phrase. */
export function programFacts({ grapevine, commit, command }: Report): string {
  return `${grapevine}, commit ${commit ?? 'not known'}; ${command ?? 'command line not known'}`
}

/**
 * What nodes knew of each other, as names and phrases; nothing where it is not known or nobody
 * came, went or was suspected.
 */
export function memberFacts({ members }: Report): readonly (readonly [string, string])[] {
  if (members === null) return []
  const { deathKnownMs, leaveKnownMs, suspectedUp, heldDeadUp } = members
  const wrong = members.aliveHeldDead + members.deadHeldAlive
  if (deathKnownMs === null && leaveKnownMs === null && suspectedUp.members + wrong === 0) return []
  return [
    ...knownFact('deaths known to others after', deathKnownMs),
    ...knownFact('leaves known to others after', leaveKnownMs),
    ['suspected while they ran', holdersText(suspectedUp)],
    ['held dead while they ran', holdersText(heldDeadUp)],
    [
      'at the end',
      `${members.aliveHeldDead} pairs hold a running member dead, ${members.deadHeldAlive} one that is gone live`,
    ],
  ]
}

function knownFact(name: string, known: KnownAfter | null): [string, string][] {
  if (known === null) return []
  const [p50, p99, max] = [known.p50, known.p99, known.max].map((ms) => numberText(ms / 1000))
  return [[name, `p50 ${p50} s, p99 ${p99} s, at most ${max} s (${known.count} values)`]]
}

function holdersText({ members, holders }: MemberFigures['suspectedUp']): string {
  return members === 0 ? 'nobody' : `${members} members, by ${holders} nodes in all`
}

/** A question to the network, in one phrase. */
export function questionText({ kind, words, node, atMs }: QuestionRecord): string {
  return `${kind} ${words} of node ${node} at ${(atMs / 1000).toFixed(1)} s`
}

/** What the network said to a question, in one phrase. */
export function answerText(question: QuestionRecord): string {
  const { failure, value, unit, peer, rounds, tookMs } = question
  if (failure !== null) return `no answer: ${failure}`
  const who = peer === null ? '' : ` (node ${peer})`
  const cost = rounds === null ? '' : `, ${rounds} rounds`
  const said = value === null ? 'nothing observed' : `${numberText(value)} ${unit}${who}`
  return `${said} after ${(tookMs / 1000).toFixed(1)} s${cost}`
}

/** What is true of what was asked, in one phrase. */
export function truthText({ trueValues, truePeer, error }: QuestionRecord): string {
  if (trueValues.length === 0) return 'not known'
  const values = [...new Set(trueValues.map(numberText))].join(' to ')
  const who = truePeer === null ? '' : ` (node ${truePeer})`
  return `${values}${who}${error === null ? '' : `, error ${percentText(error)}`}`
}
