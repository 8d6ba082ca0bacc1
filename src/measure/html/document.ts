import { html, trusted, type Html } from './html.ts'
import { REPORT_STYLE } from './style.ts'

/**
 * A whole document that may load nothing: its policy refuses what its text would not ask for
 * anyway.
 */
export function documentOf(title: string, body: Html): string {
  const policy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <link rel="icon" href="data:," />
        <title>${title}</title>
        <style>
          ${trusted(REPORT_STYLE)}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html> `.html
}
