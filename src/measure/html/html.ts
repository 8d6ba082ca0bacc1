/** Text that is HTML already. Everything else that goes into a page is escaped. */
export interface Html {
  readonly html: string
}

type Part = Html | string | number | null | undefined | readonly Part[]

/**
 * A template whose values are escaped unless they are {@link Html}; lists are joined, nothing
 * stands for null.
 */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: texts.reduce((page, text, at) => page + textOf(parts[at - 1]) + text) }
}

/** Takes text as HTML. For what this program made itself. */
export function trusted(text: string): Html {
  return { html: text }
}

/**
 * What may be wider than the screen scrolls sideways by itself, by keyboard too; `label` is what a
 * screen reader says.
 */
export function scrollable(label: string, body: Html): Html {
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${label}">${body}</div>`
}

/** JSON that can stand inside a script element. */
export function scriptJson(value: unknown): Html {
  return trusted(JSON.stringify(value).replaceAll('<', '\\u003c'))
}

function textOf(part: Part): string {
  if (part === null || part === undefined) return ''
  if (typeof part === 'string') return escaped(part)
  if (typeof part === 'number') return String(part)
  return isHtml(part) ? part.html : part.map(textOf).join('')
}

function isHtml(part: Html | readonly Part[]): part is Html {
  return !Array.isArray(part)
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign)
}
