/**
 * `grapevine experiment` with a file that asks for rounds of the classic models instead of
 * scenarios.
 */
import type { LinesPanel, PlottedLine } from '../../measure/html/linesPlot.ts'
import { COLOURS } from '../../measure/html/plot.ts'
import {
  parseRoundsExperiment,
  roundsTables,
  runRoundsExperiment,
  type RoundsExperiment,
  type RoundsExperimentResult,
} from '../../sim/rounds/roundsExperiment.ts'
import { machineText, publishModels, readModels, showModels, type ModelFlags } from './models.ts'

/** Runs the models of a file and prints their tables, as JSON if wanted; `write` makes the page. */
export async function runRoundsFile(file: string, text: string, flags: ModelFlags): Promise<void> {
  const experiment = readModels(file, () => parseRoundsExperiment(text))
  const result = await runRoundsExperiment(experiment, showModels)
  await publishModels(file, flags, {
    ...experiment,
    result,
    tables: roundsTables(result),
    circumstances: circumstances(experiment),
    panels: panelsOf(result),
  })
}

/** What one must know to repeat it: rounds do not depend on the machine. */
function circumstances({ rounds: { runs, seed } }: RoundsExperiment): string {
  return `Simulated in rounds, on complete graphs, fan-out 1: ${runs} runs of each, seed ${seed}; in brackets the fewest and the most rounds of a run. ${machineText()}`
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
