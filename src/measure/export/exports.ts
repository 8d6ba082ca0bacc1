import type { Report } from '../report.ts'
import { csvFiles } from './csv.ts'
import type { ExportFile } from './exportFile.ts'
import { interopFiles } from './interop.ts'

interface ExportFormat {
  readonly sentence: string
  readonly files: (report: Report) => readonly ExportFile[]
}

/** The forms in which a report's data goes to other tools. */
export const EXPORTS = {
  csv: {
    sentence: 'items.csv, copies.csv and peers.csv, for spreadsheets and statistics programs',
    files: csvFiles,
  },
  interop: {
    sentence: "one JSON-lines log per node, as libp2p's gossipsub-interop analyses them",
    files: interopFiles,
  },
} as const satisfies Record<string, ExportFormat>

/** The name of a form of export: a key of {@link EXPORTS}. */
export type ExportName = keyof typeof EXPORTS

/** The names of all forms of export, for messages and help. */
export const EXPORT_NAMES = Object.keys(EXPORTS) as readonly ExportName[]
