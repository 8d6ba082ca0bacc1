/**
 * The style sheet of the page. Every colour is a custom property: one drawing serves light, dark
 * and print.
 */

/** Colours on light paper and in print, as CSS custom properties. */
export const LIGHT = `  --paper: #ffffff; --card: #f6f7f9; --ink: #1a1f26; --muted: #5c6773; --line: #b9c1ca; --grid: #e6e9ed;
  --tx: #1f6fc4; --block: #c05c14; --fault: #c2283b; --accent: #1f6fc4;
  --part-first: #1f6fc4; --part-again: #9dbfe3; --part-control: #8a94a0;`

/** Colours on dark paper, as CSS custom properties. */
export const DARK = `  --paper: #14171b; --card: #1d2126; --ink: #e4e8ec; --muted: #9aa5b1; --line: #4a535d; --grid: #2a3037;
  --tx: #6aa9f0; --block: #f0965a; --fault: #ff7b86; --accent: #8abcf5;
  --part-first: #6aa9f0; --part-again: #365a83; --part-control: #78838f;`

/** The text of the style sheet. */
export const REPORT_STYLE = `
:root {
  color-scheme: light dark;
${LIGHT}
}
@media (prefers-color-scheme: dark) {
  :root {
${DARK}
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
body {
  margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 68rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2.75rem 0 .75rem; padding-top: .9rem; border-top: 1px solid var(--grid); }
h3 { font-size: .95rem; margin: 0 0 .4rem; }
a { color: var(--accent); }
p { margin: .4rem 0; }
.lead, figcaption, .note { color: var(--muted); }
figcaption, .note, table { font-size: .82rem; }
code, .mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
nav { margin: 1rem 0 0; display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; font-size: .88rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: .75rem; margin: 1.4rem 0 0; padding: 0; }
.tile { background: var(--card); border-radius: 8px; padding: .7rem .9rem; }
.tile dt { font-size: .78rem; color: var(--muted); }
.tile dd { margin: .1rem 0 0; font-size: 1.35rem; font-weight: 600; font-variant-numeric: tabular-nums; }
p, dd, dt { overflow-wrap: anywhere; }
.terms dt { font-weight: 600; }
.terms dd { margin: 0 0 .6rem; max-width: 46rem; }
td small { display: block; font-size: .75rem; color: var(--muted); }
td.shaded small { color: var(--ink); }
.tile dd small { display: block; font-size: .75rem; font-weight: 400; color: var(--muted); }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1.75rem 2rem; }
figure { margin: 0 0 1.25rem; break-inside: avoid; min-width: 0; }
figcaption { margin-top: .35rem; max-width: 62ch; }
svg.plot { display: block; width: 100%; height: auto; }
.scroll { overflow-x: auto; }
@media (max-width: 50rem) { .wide svg.plot { min-width: 52rem; } }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: .25rem 0; color: var(--ink); }
th, td { text-align: right; padding: .22rem .6rem; border-bottom: 1px solid var(--grid); white-space: nowrap; }
th { color: var(--muted); font-weight: 500; }
th:first-child, td:first-child, td.text, th.text { text-align: left; }
td.text { white-space: normal; overflow-wrap: anywhere; }
td.name { white-space: nowrap; }
.warning { border-left: 4px solid var(--fault); padding: .4rem .8rem; background: var(--card); }
.explorer { display: grid; grid-template-columns: minmax(0, 25rem) minmax(0, 1fr); gap: 1rem 1.5rem; align-items: start; }
@media (max-width: 56rem) { .explorer { grid-template-columns: minmax(0, 1fr); } }
.explorer label { display: block; font-size: .8rem; color: var(--muted); }
.explorer .fields { display: grid; grid-template-columns: 1fr auto; gap: .75rem; margin-bottom: .6rem; }
input, select { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .3rem .5rem; width: 100%; }
#messages { font: .76rem/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; padding: .2rem; }
#facts { overflow-wrap: anywhere; margin-top: 0; }
#stage { max-height: 40rem; overflow: auto; border: 1px solid var(--grid); border-radius: 8px; }
#tree { display: block; width: 100%; height: auto; font: 11px system-ui, "DejaVu Sans", sans-serif; }
#tree text { fill: var(--muted); }
#tree .grid { stroke: var(--grid); }
#tree .hit { fill: transparent; }
#tree .sent { fill: none; stroke: var(--line); }
#tree .judging { stroke: var(--tx); stroke-width: 4; opacity: .45; }
#tree circle { fill: var(--tx); }
#tree.marked .node:not(.path) { opacity: .45; }
#tree .path text { fill: var(--ink); font-weight: 600; }
#tree .path .sent { stroke: var(--block); stroke-width: 2; }
#tree .path circle { fill: var(--block); }
#tree .node:focus { outline: none; }
#tree .node:focus-visible .hit { stroke: var(--accent); stroke-width: 1.5; }
pre { font-size: .78rem; overflow-x: auto; background: var(--card); border-radius: 8px; padding: .7rem .9rem; }
details { margin: .8rem 0; }
summary { cursor: pointer; color: var(--accent); font-size: .88rem; }
footer { margin-top: 3rem; color: var(--muted); font-size: .8rem; }
@media print {
  :root {
    color-scheme: light;
    --paper: #ffffff; --card: #f2f4f6; --ink: #000000; --muted: #444c55; --line: #98a2ac; --grid: #dfe3e7;
    --tx: #1f6fc4; --block: #b3530f; --fault: #b01f31; --accent: #000000;
    --part-first: #1f6fc4; --part-again: #9dbfe3; --part-control: #8a94a0;
  }
  body { max-width: none; padding: 0; font-size: 11px; }
  figcaption, .note, table { font-size: 9px; }
  th, td { padding: .12rem .3rem; }
  nav, .picker, #detail, .explorer .note { display: none; }
  .explorer { display: block; }
  .pair { grid-template-columns: 1fr 1fr; gap: 1rem; }
  #stage { max-height: none; border: 0; overflow: visible; }
  .scroll { overflow: visible; }
  details::details-content { content-visibility: visible; }
  .wide svg.plot { min-width: 0; }
  h2, h3, caption { break-after: avoid; }
  tr { break-inside: avoid; }
  thead { display: table-header-group; }
}
@page { margin: 14mm; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
`
