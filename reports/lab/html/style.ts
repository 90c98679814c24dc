import { Markup } from "./markup.ts";

/** Light and dark by what the reader's system says; wide things scroll inside themselves. */
export const STYLE: Markup = new Markup(`<style>
:root {
  color-scheme: light dark;
  --page: #fbfbfa; --panel: #ffffff; --text: #1c2024; --soft: #5d6670; --line: #d9dde1;
  --held: #18794e; --broken: #c62a2f; --unsure: #9a6700; --mark: #2563a8; --mark-soft: #2563a833;
  --control: #b45309;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171a; --panel: #1b1f23; --text: #e6e9ec; --soft: #9aa4ae; --line: #343a41;
    --held: #4cc38a; --broken: #ff6369; --unsure: #f1a10d; --mark: #70b8ff; --mark-soft: #70b8ff33;
    --control: #ffa057;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: 1.5rem 1rem 4rem; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: break-word;
}
main { max-width: 68rem; margin: 0 auto; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 0.5rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 0.5rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 0.3rem; }
p, ol, ul { margin: 0.4rem 0; max-width: 46rem; }
.soft, figcaption { color: var(--soft); font-size: 0.9rem; }
.held { color: var(--held); } .broken { color: var(--broken); } .vacuous { color: var(--unsure); }
.control { color: var(--control); }
.spots .held { color: var(--text); }
.verdict { font-weight: 600; font-size: 1.05rem; }
.wide {
  overflow-x: auto; background: var(--panel); border: 1px solid var(--line); border-radius: 8px;
  margin: 0.6rem 0;
}
table { border-collapse: collapse; font-size: 0.87rem; width: 100%; }
th, td { padding: 0.32rem 0.65rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--soft); font-weight: 600; white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.name { white-space: nowrap; font-weight: 600; }
td.short { white-space: nowrap; }
.text td { min-width: 12rem; } .text td.name { min-width: 0; }
figure { margin: 0; padding: 0.5rem; }
.plot svg { display: block; width: 100%; min-width: 40rem; height: auto; color: var(--text); background: none; }
.spots { columns: 17rem; font-size: 0.87rem; max-width: none; padding-left: 2.2rem; }
.spots li { break-inside: avoid; }
.story { list-style: none; padding: 0; font-size: 0.9rem; }
.story li { display: grid; grid-template-columns: 7rem 1fr; gap: 0.8rem; padding: 0.1rem 0; }
.story time { text-align: right; color: var(--soft); font-variant-numeric: tabular-nums; }
.story li:last-child { font-weight: 600; }
code { font: 0.85rem ui-monospace, monospace; overflow-wrap: anywhere; }
.devices { position: relative; }
.devices > input { position: absolute; left: 0; opacity: 0; pointer-events: none; }
.devices > label {
  display: inline-block; padding: 0.25rem 0.7rem; margin: 0.2rem 0.3rem 0.2rem 0; cursor: pointer;
  border: 1px solid var(--line); border-radius: 6px; background: var(--panel); font-size: 0.9rem;
}
.devices > input:checked + label { border-color: var(--mark); color: var(--mark); font-weight: 600; }
.devices > input:focus-visible + label { outline: 2px solid var(--mark); }
.devices > .device { display: none; }
@media (max-width: 30rem) { .story li { grid-template-columns: 5.2rem 1fr; gap: 0.5rem; } }
</style>`);
