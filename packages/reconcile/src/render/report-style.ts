/** The style of the page: dark if the reader's system is, and without scrolling on paper. */
export const reportStyle = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1c2127; --dim: #626c78; --line: #dde2e8; --good: #17703a; --goodback: #ddf3e4; --todo: #7a5200; --todoback: #fdf0cf; --bad: #b3231f; --badback: #fde3e1; --calm: #eef1f5; }
@media (prefers-color-scheme: dark) { :root { --paper: #16191d; --ink: #e4e8ed; --dim: #97a1ad; --line: #313840; --good: #7ddb9c; --goodback: #17351f; --todo: #f0c868; --todoback: #3b2f10; --bad: #ff9d97; --badback: #451d1b; --calm: #21262c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 78rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.7rem; line-height: 1.25; }
h2 { margin: 2.5rem 0 .5rem; font-size: 1.15rem; }
small, .facts, .owner { color: var(--dim); font-weight: normal; }
small { font-size: .8em; }
.owner { margin: 0; }
.facts { margin: .4rem 0 2rem; }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
a { color: inherit; }
table { border-collapse: collapse; }
.matrix { overflow-x: auto; max-height: 80vh; border: 1px solid var(--line); border-radius: 6px; width: fit-content; max-width: 100%; }
.matrix th, .matrix td { border: 1px solid var(--line); padding: .3rem .5rem; }
.matrix td { min-width: 2.2rem; text-align: center; }
.matrix thead th { position: sticky; top: 0; z-index: 1; background: var(--paper); vertical-align: bottom; text-align: left; }
.matrix thead th span { writing-mode: vertical-rl; transform: rotate(180deg); font-weight: 600; max-height: 16rem; }
.matrix tbody th { position: sticky; left: 0; background: var(--paper); text-align: left; white-space: nowrap; }
.in-sync, .absent { background: var(--calm); color: var(--dim); }
.done { background: var(--goodback); color: var(--good); font-weight: 700; }
.planned, .skipped, .waiting { background: var(--todoback); color: var(--todo); font-weight: 700; }
.failed, .unknown { background: var(--badback); color: var(--bad); font-weight: 700; }
.legend { display: flex; flex-wrap: wrap; gap: .4rem 1.5rem; margin: .8rem 0 0; padding: 0; list-style: none; color: var(--dim); }
.legend b { display: inline-block; width: 1.6rem; text-align: center; border-radius: 4px; }
.changes { width: 100%; }
.changes th { text-align: left; color: var(--dim); font-weight: normal; font-size: .85em; }
.changes th, .changes td { padding: .4rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
.changes td:first-child { width: 2.2rem; text-align: center; }
.changes td:last-child { width: 45%; }
dl { display: grid; grid-template-columns: fit-content(60%) minmax(5rem, 1fr); gap: 0 .8rem; margin: .2rem 0 0; font-size: .9em; }
dt { color: var(--dim); overflow-wrap: anywhere; }
dd { margin: 0; overflow-wrap: anywhere; }
.refusal, .problem { color: var(--bad); margin: .2rem 0; overflow-wrap: anywhere; }
.warning { margin: .2rem 0; overflow-wrap: anywhere; }
@media print { .matrix { overflow: visible; max-height: none; } body { max-width: none; } }
`
