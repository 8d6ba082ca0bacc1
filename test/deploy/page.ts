/** The commands of docs/deploy.md, as the page has them. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const PAGE = fileURLToPath(new URL('../../docs/deploy.md', import.meta.url))

/** The commands in the block that is marked with `mark`; throws if the page has none. */
export function commandsOf(mark: string): string {
  const text = readFileSync(PAGE, 'utf8')
  const start = text.indexOf(`\`\`\`sh ${mark}\n`)
  if (start === -1) throw new Error(`docs/deploy.md has no block "${mark}"`)
  const from = text.indexOf('\n', start) + 1
  return text.slice(from, text.indexOf('\n```', from))
}
