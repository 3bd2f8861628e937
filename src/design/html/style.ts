/** The style of the report: light and dark by the reader's choice, nothing from elsewhere. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#ffffff, #14171c);
  --panel: light-dark(#f6f7f9, #1d2128);
  --line: light-dark(#d9dde3, #353b45);
  --text: light-dark(#1c2128, #e6e9ee);
  --quiet: light-dark(#5c6672, #9aa4b1);
  --front: light-dark(#0061a8, #5cb3f0);
  --rival: light-dark(#b8480a, #f0995c);
  --good: light-dark(#1a7a3c, #6fce8d);
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 80rem; padding: 1.5rem; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif;
}
h1 { font-size: 1.6rem; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; }
p { margin: .4rem 0; max-width: 60rem; }
a { color: var(--front); }
small, .quiet { color: var(--quiet); }
.cards { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1rem 0; }
.card { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .9rem; }
.card b { display: block; font-size: 1.3rem; font-variant-numeric: tabular-nums; }
.beats { list-style: none; margin: .5rem 0; padding: 0; }
.beats li::before { content: "\\2713  "; color: var(--good); font-weight: bold; }
.stage { display: grid; grid-template-columns: minmax(0, 1fr) 24rem; gap: 1rem; align-items: start; }
@media (max-width: 60rem) { .stage { grid-template-columns: minmax(0, 1fr); } }
.controls { display: flex; flex-wrap: wrap; gap: 1rem; align-items: center; margin-bottom: .5rem; }
select, button {
  font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--line); border-radius: .35rem;
  padding: .2rem .5rem;
}
button { cursor: pointer; }
.chart { border: 1px solid var(--line); border-radius: .5rem; background: var(--panel); position: relative; }
.chart svg { display: block; width: 100%; height: auto; }
.chart text { fill: var(--text); font: 12px system-ui, sans-serif; }
.chart .tick { fill: var(--quiet); }
.chart .grid { stroke: var(--line); }
.chart .limit { stroke: var(--good); stroke-dasharray: 5 4; }
.chart .limit-name { fill: var(--good); }
.chart .step { fill: none; stroke: var(--front); stroke-width: 1.5; opacity: .7; }
.chart .point { cursor: pointer; fill: var(--panel); stroke: var(--front); stroke-width: 2; }
.chart .point.front { fill: var(--front); }
.chart .point.chosen, .chart .point:focus { stroke: var(--text); stroke-width: 3; outline: none; }
.chart .point.rival { fill: var(--rival); stroke: var(--rival); }
.chart .rival-name { fill: var(--rival); }
#tip {
  position: absolute; pointer-events: none; background: var(--ground); border: 1px solid var(--line); padding: .4rem .6rem;
  border-radius: .35rem; font-size: 13px; white-space: pre; box-shadow: 0 2px 8px #0003; visibility: hidden; z-index: 1;
}
#detail { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; }
#detail h3 { margin: 0 0 .4rem; font-size: 1rem; }
#detail dl { display: grid; grid-template-columns: auto 1fr; gap: .1rem .8rem; margin: .3rem 0; }
#detail dt { color: var(--quiet); }
#detail dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
code { font: 12.5px ui-monospace, monospace; overflow-wrap: anywhere; }
pre { background: var(--ground); border: 1px solid var(--line); border-radius: .35rem; padding: .5rem; margin: .4rem 0; white-space: pre-wrap; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
th { color: var(--quiet); font-weight: 600; }
th[aria-sort] { cursor: pointer; user-select: none; }
th[aria-sort]:hover { color: var(--text); }
th[aria-sort="ascending"]::after { content: " \\2191"; }
th[aria-sort="descending"]::after { content: " \\2193"; }
tr.front td:first-child { border-left: 3px solid var(--front); }
tr.rival td { color: var(--rival); }
tr.chosen td { background: color-mix(in srgb, var(--front) 14%, transparent); }
td.heat { background: color-mix(in srgb, var(--rival) calc(var(--heat) * 55%), transparent); }
`;
