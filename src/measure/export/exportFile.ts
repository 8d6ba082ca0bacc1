/** A file of an export: its name in the directory, and its text. */
export interface ExportFile {
  /** File name within the directory of the export. */
  readonly file: string
  readonly text: string
}
