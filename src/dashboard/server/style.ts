/**
 * The style sheet of the dashboard. Every colour is a custom property: one drawing serves light and
 * dark.
 */
export const DASHBOARD_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --card: #f4f5f8; --ink: #1a1f26; --muted: #56616d; --line: #aab4be; --grid: #e3e7ec;
  --tx: #1f6fc4; --block: #a04a0c; --fault: #b3202f; --good: #176a38; --accent: #1f5fae; --on-accent: #ffffff;
  --wave: #7a3fb0; --wave-soft: #f0e7fa;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --card: #1e2227; --ink: #e6eaee; --muted: #a0abb7; --line: #56606b; --grid: #2b3138;
    --tx: #6aa9f0; --block: #f0965a; --fault: #ff8a93; --good: #6bd195; --accent: #8abcf5; --on-accent: #10151b;
    --wave: #c99cf5; --wave-soft: #3b2b4d;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1rem 1.25rem 3rem; max-width: 110rem; background: var(--paper); color: var(--ink);
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
h1 { font-size: 1.25rem; margin: 0; }
h2 { font-size: 1rem; margin: 0 0 .5rem; }
h3 { font-size: .85rem; margin: .9rem 0 .3rem; }
p { margin: .3rem 0; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; }
header { display: flex; flex-wrap: wrap; gap: .3rem 1rem; align-items: baseline; margin-bottom: .8rem; }
header p { margin: 0; }
#facts, .note, small { color: var(--muted); }
.note, small, table { font-size: .8rem; }
.note, #outcome, #marked, #events { overflow-wrap: anywhere; }
#status { padding: .05rem .6rem; border: 1px solid currentColor; border-radius: 1rem; font-size: .8rem; font-weight: 600; }
#status[data-state="live"] { color: var(--good); }
#status[data-state="waiting"] { color: var(--block); }
#status[data-state="ended"] { color: var(--fault); }
.warning { border-left: 4px solid var(--fault); padding: .4rem .8rem; background: var(--card); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(12.5rem, 1fr)); gap: .7rem; margin: 0 0 .8rem; }
.tile { background: var(--card); border-radius: 8px; padding: .5rem .8rem .55rem; }
.tile dt { font-size: .76rem; color: var(--muted); }
.tile dd { margin: 0; }
.tile b { display: block; font-size: 1.3rem; font-variant-numeric: tabular-nums; line-height: 1.3; }
.tile small { display: block; font-variant-numeric: tabular-nums; }
.spark { display: block; width: 100%; height: 28px; margin-top: .25rem; }
.spark path { fill: none; stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.spark circle { stroke: none; }
#tile-tx path { stroke: var(--tx); } #tile-tx circle { fill: var(--tx); }
#tile-block path { stroke: var(--block); } #tile-block circle { fill: var(--block); }
.controls { display: flex; flex-wrap: wrap; gap: .6rem 1.4rem; align-items: center; margin-bottom: .9rem; padding: .6rem .8rem; border: 1px solid var(--grid); border-radius: 8px; }
.controls form, .controls .group { display: flex; flex-wrap: wrap; gap: .4rem; align-items: center; }
.controls #outcome { flex: 1 1 16rem; margin: 0; min-height: 1.45em; }
#outcome.failed { color: var(--fault); }
button, input, select { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 6px; padding: .2rem .55rem; }
button { cursor: pointer; background: var(--card); }
button:hover:not(:disabled) { border-color: var(--accent); }
button:disabled { color: var(--muted); cursor: default; border-style: dashed; }
#submit:not(:disabled) { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
input[type="number"] { width: 4.5rem; }
input[type="checkbox"] { accent-color: var(--accent); margin: 0 .15rem 0 0; vertical-align: -1px; }
.link { border: 0; background: none; padding: 0; color: var(--accent); text-decoration: underline; text-underline-offset: 2px; border-radius: 3px; }
code, .mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .95em; }
.columns { display: grid; grid-template-columns: minmax(0, 1.15fr) minmax(0, 1fr); gap: 1rem; align-items: start; margin-bottom: 1rem; }
@media (max-width: 66rem) { .columns { grid-template-columns: minmax(0, 1fr); } }
main section:not([aria-label]) { border: 1px solid var(--grid); border-radius: 8px; padding: .7rem .8rem; margin-bottom: 1rem; min-width: 0; }
.columns section { margin-bottom: 1rem; }
.scroll { overflow: auto; }
.list { max-height: 15rem; }
.tall { max-height: 30rem; }
#detail-body .scroll { max-height: 22rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .18rem .5rem; border-bottom: 1px solid var(--grid); white-space: nowrap; }
th { color: var(--muted); font-weight: 500; position: sticky; top: 0; background: var(--paper); z-index: 1; }
td.text, th.text { text-align: left; }
td.wide { white-space: normal; overflow-wrap: anywhere; }
tr[aria-selected="true"] td { background: var(--wave-soft); }
tr.odd td { color: var(--fault); }
.state { font-weight: 600; }
.state-running, .member-alive { color: var(--good); }
.state-gone, .state-silent, .state-ended, .member-dead { color: var(--fault); }
.state-cut, .state-paused, .state-starting, .member-suspect { color: var(--block); }
#find-form { display: flex; gap: .4rem; align-items: center; margin-bottom: .4rem; }
#find-form label { font-size: .8rem; color: var(--muted); }
#find { flex: 1; min-width: 6rem; }
#detail-title { overflow-wrap: anywhere; font-size: .92rem; }
.buttons { display: flex; flex-wrap: wrap; gap: .4rem; margin: .4rem 0; }
fieldset { border: 0; padding: 0; margin: 0 0 .3rem; display: flex; flex-wrap: wrap; gap: .2rem 1rem; font-size: .8rem; }
legend { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .15rem 1rem; margin: .5rem 0 .3rem; padding: 0; font-size: .8rem; }
.legend li { display: flex; align-items: center; gap: .3rem; }
.legend svg { width: 1.9rem; height: 1.5rem; flex: none; }
.line { display: inline-block; width: 1.6rem; vertical-align: middle; border-top: 2px solid; margin: 0 .1rem; }
.line.tx { border-color: var(--tx); } .line.block { border-color: var(--block); border-top-style: dashed; }
.line.connected { border-color: var(--line); border-top: 2px dotted var(--line); }
#graph { display: block; width: 100%; height: auto; max-height: 46rem; touch-action: manipulation; }
#graph line { stroke-width: 1.4; vector-effect: non-scaling-stroke; }
#graph .tx { stroke: var(--tx); stroke-opacity: .75; }
#graph .block { stroke: var(--block); stroke-opacity: .75; stroke-dasharray: 6 4; }
#graph .connected { stroke: var(--line); stroke-dasharray: 1.5 4; stroke-opacity: .8; }
#graph.many line { stroke-width: .9; }
#graph.many .tx, #graph.many .block { stroke-opacity: .38; }
#graph.many .connected { stroke-opacity: .4; }
#graph.hide-tx .tx, #graph.hide-block .block, #graph.hide-connected .connected { display: none; }
#graph.chosen .links line:not(.mine) { stroke-opacity: .1; }
#graph.chosen .links line.mine { stroke-opacity: 1; stroke-width: 2.2; }
#graph.waving .links line { stroke-opacity: .22; }
#graph.waving.many .links line { stroke-opacity: .1; }
#graph .peer { cursor: pointer; }
#graph .peer:focus { outline: none; }
.drawn .peer .body { fill: var(--card); stroke: var(--ink); stroke-width: 1.6; }
.drawn .peer text { fill: var(--ink); text-anchor: middle; font-weight: 600; pointer-events: none; }
.drawn .peer .mark { font-weight: 700; fill: var(--fault); }
#graph .peer .ring { fill: none; stroke: none; }
#graph .peer:focus-visible .ring { stroke: var(--accent); stroke-width: 3; }
#graph .peer.selected .ring { stroke: var(--wave); stroke-width: 3; }
#graph .peer.selected:focus-visible .ring { stroke: var(--accent); }
.drawn .state-gone .body, .drawn .state-ended .body { fill: none; stroke: var(--fault); stroke-dasharray: 3 3; }
.drawn .state-gone text:not(.mark), .drawn .state-ended text:not(.mark) { fill: var(--muted); }
.drawn .state-paused .body, .drawn .state-starting .body { stroke: var(--block); stroke-dasharray: 6 3; }
.drawn .state-cut .body { stroke: var(--block); stroke-width: 4; }
.drawn .state-silent .body { stroke: var(--fault); stroke-dasharray: 6 3; }
.drawn .peer.judging .body { fill: var(--wave-soft); stroke: var(--wave); }
.drawn .peer.reached .body { fill: var(--wave); stroke: var(--wave); }
.drawn .peer.reached text:not(.mark) { fill: var(--paper); }
.drawn .peer.origin .body { stroke: var(--ink); stroke-width: 4; }
#graph .sent { stroke: var(--wave); stroke-width: 2.2; stroke-opacity: .85; }
#graph .dot { fill: var(--wave); }
.player { display: flex; flex-wrap: wrap; gap: .3rem .7rem; align-items: center; }
.player input[type="range"] { flex: 1 1 10rem; padding: 0; accent-color: var(--wave); }
#moment-text { min-width: 5.5rem; font-variant-numeric: tabular-nums; }
#play { min-width: 4.5rem; }
[role="log"] { max-height: 12rem; overflow: auto; }
#events { list-style: none; margin: 0; padding: 0; font-size: .82rem; font-variant-numeric: tabular-nums; }
#events time { color: var(--muted); margin-right: .7rem; }
`
