/** One generated page of `docs/`. */
export interface Page {
  /** File name in `docs/`. */
  readonly file: string
  readonly markdown: string
}

/** A page with its title and a note on what it is made from. */
export function page(file: string, title: string, source: string, lines: readonly string[]): Page {
  const note = `<!-- Made from ${source} by "npm run docs"; change the data, not this page. -->`
  return { file, markdown: `${[note, '', `# ${title}`, '', ...lines].join('\n')}\n` }
}

/** A table; a cell is one line of Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map(tableRow).join('\n')
}

/** Text as code within a line. */
export function code(text: string): string {
  return `\`${text}\``
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
}
