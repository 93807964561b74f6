/** The page's only style sheet: light and dark, one column, wide or narrow. */
export const style = `
:root { color-scheme: light dark; --ground: #f5f6f8; --card: #fff; --ink: #191c21; --soft: #59616d; --line: #dfe3e8;
  --accent: #0b6b74; --on-accent: #fff; --chip: #e9eef1; --good: #17703a; --bad: #b3261e; --shadow: 0 1px 2px #1018280d; }
@media (prefers-color-scheme: dark) { :root { --ground: #121417; --card: #1b1e23; --ink: #e7eaee; --soft: #9aa4b0;
  --line: #2c3138; --accent: #63c9d1; --on-accent: #07282b; --chip: #272c33; --good: #6ed394; --bad: #ff8a80; --shadow: none; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main, header, footer { max-width: 60rem; margin: 0 auto; padding: 0 1rem; }
a { color: var(--accent); }
h1 { font-size: 1.6rem; line-height: 1.2; letter-spacing: -.01em; margin: 2.2rem 0 .25rem; }
h1 a { color: inherit; text-decoration: none; }
.soft, footer { color: var(--soft); }
header p { margin: 0 0 1.25rem; }
form { display: flex; flex-wrap: wrap; gap: .5rem; position: sticky; top: 0; z-index: 1; padding: .6rem 0;
  background: var(--ground); }
input, select, button, .button { font: inherit; color: inherit; border: 1px solid var(--line); border-radius: .55rem;
  background: var(--card); padding: .5rem .8rem; min-height: 2.75rem; }
::placeholder { color: var(--soft); opacity: 1; }
input { flex: 1 1 14rem; min-width: 0; }
select { flex: 0 1 auto; max-width: 100%; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
button, .button { cursor: pointer; text-decoration: none; display: inline-flex; align-items: center; gap: .45rem; }
button:hover, .button:hover { border-color: var(--accent); }
.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
.main:hover { filter: brightness(1.08); }
.get { background: var(--chip); border-color: transparent; color: var(--accent); font-weight: 600; }
.get svg { width: 1.15rem; height: 1.15rem; }
.get:hover { background: var(--accent); color: var(--on-accent); }
.middle { justify-content: center; }
[hidden] { display: none !important; }
.note { border: 1px solid var(--line); border-left: 4px solid var(--bad); border-radius: .55rem; background: var(--card);
  padding: .6rem .9rem; margin: .5rem 0; }
#count { margin: .35rem 0 .75rem; font-size: .925rem; }
ul.images { list-style: none; margin: 0; padding: 0; display: grid; gap: .65rem; }
.image { background: var(--card); border: 1px solid var(--line); border-radius: .8rem; box-shadow: var(--shadow);
  padding: .9rem 1rem; display: grid; grid-template-columns: 2.5rem minmax(0, 1fr) auto; gap: .15rem .9rem; align-items: start; }
.icon { width: 2.5rem; height: 2.5rem; border-radius: .65rem; background: var(--chip); color: var(--accent);
  display: grid; place-items: center; }
.icon svg { width: 1.4rem; height: 1.4rem; }
.image h2 { margin: 0; font-size: 1.06rem; line-height: 1.35; overflow-wrap: anywhere; }
.image h2 a { color: inherit; text-decoration: none; }
.image h2 a:hover { text-decoration: underline; }
.image p { margin: .1rem 0 0; overflow-wrap: anywhere; }
.facts { display: flex; flex-wrap: wrap; gap: 0 .9rem; font-size: .925rem; color: var(--soft); margin-top: .2rem; }
.chips { display: flex; flex-wrap: wrap; gap: .3rem; margin-top: .4rem; }
.chip { background: var(--chip); border-radius: 99px; padding: .05rem .6rem; font-size: .85rem; overflow-wrap: anywhere; }
code, .mono { font: .86em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
details { grid-column: 2 / -1; margin-top: .35rem; }
summary { cursor: pointer; color: var(--accent); font-size: .925rem; width: max-content; padding: .25rem 0; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .2rem 1rem; margin: .5rem 0; font-size: .925rem; }
dt { color: var(--soft); overflow-wrap: anywhere; max-width: 14rem; }
dd { margin: 0; overflow-wrap: anywhere; }
pre { background: var(--chip); border-radius: .55rem; padding: .7rem .9rem; margin: .5rem 0; overflow-x: auto; }
pre code { overflow-wrap: normal; }
.row { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: .5rem 0 .2rem; }
.row button, .row .button { min-height: 2.3rem; padding: .25rem .7rem; font-size: .925rem; }
.good { color: var(--good); } .bad { color: var(--bad); }
.empty { text-align: center; padding: 3rem 1rem; border: 1px dashed var(--line); border-radius: .8rem; }
nav { display: flex; justify-content: space-between; gap: 1rem; margin: 1rem 0; }
footer { font-size: .875rem; padding-top: 1.5rem; padding-bottom: 2.5rem; }
@media (max-width: 36rem) {
  h1 { margin-top: 1.2rem; }
  form { position: static; }
  input { flex-basis: 100%; }
  select { flex: 1 1 0; min-width: 0; }
  .image { grid-template-columns: 2.5rem minmax(0, 1fr); padding: .8rem; }
  .image > .button { grid-column: 1 / -1; justify-content: center; margin-top: .6rem; }
  details { grid-column: 1 / -1; }
  dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
  dd { margin-bottom: .4rem; }
}
@media (prefers-reduced-motion: no-preference) { button, .button { transition: border-color .12s, filter .12s; } }
`
