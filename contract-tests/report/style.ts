/** The style of the HTML report. */
export const style = `
:root { color-scheme: light dark; --ground: #fff; --text: #1b1f24; --quiet: #59626e; --line: #d5dae0; --panel: #f5f7f9;
  --good: #1a7f37; --bad: #b3261e; --mid: #7a5600; --good-ground: #e4f5e8; --bad-ground: #fdeae8; --mid-ground: #fdf3da; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171b; --text: #e6e9ed; --quiet: #a2abb6; --line: #343b44; --panel: #1d2228;
  --good: #5fd07f; --bad: #ff8f87; --mid: #e8bd58; --good-ground: #12301b; --bad-ground: #3d1614; --mid-ground: #362a0a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
a { color: inherit; }
.numbers { font-size: 1.25rem; margin: .5rem 0; }
.numbers b { font-size: 2rem; margin-left: .5rem; } .numbers b:first-child { margin-left: 0; }
.count, small { color: var(--quiet); font-weight: normal; font-size: .875rem; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; } .facts dt { color: var(--quiet); } .facts dd { margin: 0; overflow-wrap: anywhere; }
.cause { border: 1px solid var(--line); border-left: 4px solid var(--bad); border-radius: 4px; padding: .75rem; margin: 0 0 1rem; }
details { border-top: 1px solid var(--line); padding: .25rem 0; }
summary { cursor: pointer; padding: .25rem 0; overflow-wrap: anywhere; }
details dl { margin: 0 0 .5rem; } details dt { color: var(--quiet); font-size: .875rem; } details dd { margin: 0 0 .5rem; }
pre { margin: 0; padding: .5rem; background: var(--panel); border-radius: 4px; font: .875rem/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
blockquote { margin: .25rem 0; padding-left: .75rem; border-left: 3px solid var(--line); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
th, td { border: 1px solid var(--line); padding: .25rem .5rem; text-align: left; white-space: nowrap; }
td { text-align: right; font-variant-numeric: tabular-nums; }
tbody th { font-weight: normal; position: sticky; left: 0; background: var(--ground); }
td.passed { background: var(--good-ground); } td.failed { background: var(--bad-ground); } td.skipped, td.expected { background: var(--mid-ground); }
td.none { color: var(--quiet); text-align: center; }
.passed > b, b.passed { color: var(--good); } .failed > b, .unexpected > b, b.failed { color: var(--bad); } .skipped > b, .expected > b { color: var(--mid); }
ul { padding-left: 1.25rem; } details ul { list-style: none; padding-left: 0; } li { overflow-wrap: anywhere; margin: .25rem 0; }
@media (max-width: 40rem) { th, td { padding: .25rem; } .facts { grid-template-columns: 1fr; } .facts dd { margin-bottom: .25rem; } tbody th { white-space: normal; overflow-wrap: anywhere; min-width: 9rem; } }
@media print { details { break-inside: avoid; } }
`;
