export interface ExportFile {
  /** File name within the directory of the export. */
  readonly file: string
  readonly text: string
}
