/** Texts of strangers as they may be shown: a terminal takes control characters for commands. */

/** All of them but the line feed and the tab. */
const CONTROL = /[^\P{Cc}\n\t]/gu

/** The text without control characters: what files say, in the lines and reports of a command. */
export function withoutControl(text: string): string {
  return text.replace(CONTROL, '?')
}

const decoder = new TextDecoder()

/** A peer's text goes to logs and terminals: only plain characters of it do. */
export function printable(bytes: Uint8Array): string {
  return bytes.length === 0 ? '' : decoder.decode(bytes).replace(/[^\x20-\x7e]/g, '?')
}
