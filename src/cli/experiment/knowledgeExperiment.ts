/** `grapevine experiment` with a file that asks for what a network knows together, by rounds. */
import type { LinesPanel, PlottedLine } from '../../measure/html/linesPlot.ts'
import { COLOURS } from '../../measure/html/plot.ts'
import { expectedCountError } from '../../sim/rounds/averagingModel.ts'
import {
  knowledgeTables,
  parseKnowledgeExperiment,
  runKnowledgeExperiment,
  type KnowledgeExperiment,
  type KnowledgeResult,
} from '../../sim/rounds/knowledgeExperiment.ts'
import { machineText, publishModels, readModels, showModels, type ModelFlags } from './models.ts'

/** Runs the models of a file and prints their tables, as JSON if wanted; `write` makes the page. */
export async function runKnowledgeFile(
  file: string,
  text: string,
  flags: ModelFlags,
): Promise<void> {
  const experiment = readModels(file, () => parseKnowledgeExperiment(text))
  const result = await runKnowledgeExperiment(experiment, showModels)
  await publishModels(file, flags, {
    ...experiment,
    result,
    tables: knowledgeTables(experiment, result),
    circumstances: circumstances(experiment),
    panels: panelsOf(result),
  })
}

function circumstances({ knowledge }: KnowledgeExperiment): string {
  const { degree, epochs, searches, seed } = knowledge
  return `Simulated in rounds by the code that nodes run, on random graphs of ${degree} links a node (7 of 8 nodes): ${epochs} epochs and ${searches} searches of each size, seed ${seed}. Errors are of the worst node of all epochs; in brackets the fewest and the most rounds. ${machineText()}`
}

const SIZE_COLOURS = [COLOURS.muted, COLOURS.transactions, COLOURS.blocks, COLOURS.fault]

function panelsOf({ epochs, searches }: KnowledgeResult): LinesPanel[] {
  const errors = epochs.flatMap(({ nodes, errors: of }, at): PlottedLine[] => {
    const colour = SIZE_COLOURS[at % SIZE_COLOURS.length] ?? COLOURS.ink
    const points = (valueAt: (round: number) => number) =>
      of
        .map((_, index) => ({ x: index + 1, y: valueAt(index + 1) }))
        .filter(({ y }) => y > 1e-6 && y < 1)
    const name = nodes.toLocaleString('en')
    return [
      { name, colour, isDashed: false, points: points((round) => of[round - 1]?.count ?? 1) },
      {
        name: `${name}, theory`,
        colour,
        isDashed: true,
        points: points((round) => expectedCountError(nodes, round)),
      },
    ]
  })
  const line = (
    name: string,
    colour: string,
    isDashed: boolean,
    of: (one: KnowledgeResult['searches'][number]) => number,
  ): PlottedLine => ({
    name,
    colour,
    isDashed,
    points: searches.map((one) => ({ x: one.nodes, y: of(one) })),
  })
  const mean = (rounds: readonly (number | null)[]): number =>
    rounds.reduce<number>((sum, one) => sum + (one ?? 0), 0) / rounds.length
  return [
    { x: 'round', y: 'error of the number of nodes', isLogX: false, isLogY: true, lines: errors },
    {
      x: 'nodes',
      y: 'rounds of a search',
      isLogX: true,
      isLogY: false,
      lines: [
        line('all know it', COLOURS.transactions, false, ({ runs }) =>
          mean(runs.map(({ spread }) => spread)),
        ),
        line('best is back', COLOURS.blocks, false, ({ runs }) =>
          mean(runs.map(({ returned }) => returned)),
        ),
        line('2 log_2 n', COLOURS.muted, true, ({ nodes }) => 2 * Math.log2(nodes)),
      ],
    },
  ]
}
