/** `grapevine experiment` with a file that asks for rounds of the classic models instead of scenarios. */
import { existsSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { machineReport, programCommit } from '../../instrument/surroundings.ts'
import { messageOf } from '../../lib/assert.ts'
import { UserError } from '../../lib/userError.ts'
import type { LinesPanel, PlottedLine } from '../../measure/html/linesPlot.ts'
import { COLOURS } from '../../measure/html/plot.ts'
import {
  parseRoundsExperiment,
  roundsTables,
  runRoundsExperiment,
  type RoundsExperiment,
  type RoundsExperimentResult,
} from '../../sim/rounds/roundsExperiment.ts'
import { withFigures } from '../docs/experimentPage.ts'
import { writeFile } from '../network/reportFiles.ts'
import { bar, clearProgress, say, showProgress, writeJson, writeText } from '../terminal/output.ts'
import { pagesOf } from './experimentFile.ts'

/** Runs the models of a file and prints their tables, as JSON if wanted; `write` makes the page. */
export async function runRoundsFile(
  file: string,
  text: string,
  { json, write }: { readonly json?: boolean; readonly write?: boolean },
): Promise<void> {
  const experiment = readRounds(file, text)
  const { title, asks } = experiment
  const result = runRoundsExperiment(experiment, (done, of) =>
    showProgress(`${bar(done, of)} ${done} of ${of} models`),
  )
  clearProgress()
  if (json) writeJson(result)
  else writeText(`\n${title}\n${asks}\n\n${roundsTables(result)}\n${circumstances(experiment)}\n`)
  if (write) await writePage(file, experiment, result)
}

function readRounds(file: string, text: string): RoundsExperiment {
  try {
    return parseRoundsExperiment(text)
  } catch (error) {
    throw new UserError(`${file}: ${messageOf(error)}`)
  }
}

async function writePage(
  file: string,
  experiment: RoundsExperiment,
  result: RoundsExperimentResult,
): Promise<void> {
  const { linesPlot } = await import('../../measure/html/linesPlot.ts')
  const { title, asks } = experiment
  const { page, picture } = pagesOf(file)
  const figures = {
    name: basename(page, '.md'),
    title,
    asks,
    tables: roundsTables(result),
    circumstances: circumstances(experiment),
  }
  writeFile(page, withFigures(figures, existsSync(page) ? readFileSync(page, 'utf8') : undefined))
  writeFile(picture, await linesPlot(panelsOf(result), title))
  say(`written: ${page}, ${picture}`)
}

/** What one must know to repeat it: rounds do not depend on the machine. */
function circumstances({ rounds: { runs, seed } }: RoundsExperiment): string {
  const { cpu, cores, platform, node } = machineReport()
  return `Simulated in rounds, on complete graphs, fan-out 1: ${runs} runs of each, seed ${seed}; in brackets the fewest and the most rounds of a run. ${cpu}, ${cores} cores, ${platform}, Node ${node}. Commit ${programCommit() ?? 'not known'}.`
}

const PROTOCOL_COLOURS = [COLOURS.transactions, COLOURS.blocks, COLOURS.fault]

function panelsOf({ spreads, rumours }: RoundsExperimentResult): LinesPanel[] {
  const protocols = [...new Set(spreads.map(({ protocol }) => protocol))]
  const rounds = protocols.flatMap((protocol, at): PlottedLine[] => {
    const own = spreads.filter((one) => one.protocol === protocol)
    const colour = PROTOCOL_COLOURS[at % PROTOCOL_COLOURS.length] ?? COLOURS.ink
    const through = (of: (one: (typeof own)[number]) => number | null) =>
      own.flatMap((one) => {
        const y = of(one)
        return y === null ? [] : [{ x: one.nodes, y }]
      })
    return [
      { name: protocol, colour, isDashed: false, points: through((one) => one.rounds.all.mean) },
      {
        name: `${protocol}, theory`,
        colour,
        isDashed: true,
        points: through((one) => one.theory.rounds),
      },
    ]
  })
  const residue = (name: string, of: (one: (typeof rumours)[number]) => number): PlottedLine => ({
    name,
    colour: name === 'residue' ? COLOURS.transactions : COLOURS.muted,
    isDashed: name !== 'residue',
    points: rumours.map((one) => ({ x: one.interest, y: of(one) })).filter(({ y }) => y > 0),
  })
  return [
    { x: 'nodes', y: 'rounds to all', isLogX: true, isLogY: false, lines: rounds },
    {
      x: 'k, calls in vain until interest is lost',
      y: 'share never reached',
      isLogX: false,
      isLogY: true,
      lines: [
        residue('residue', ({ report }) => report.residue),
        residue('e^-(k+1)', ({ interest }) => Math.exp(-(interest + 1))),
      ],
    },
  ]
}
