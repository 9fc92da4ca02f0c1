/** Layout of the registry's pages; colours, type and spacing come from the theme. */
export const siteCss = `
.wrap { max-width: 72rem; margin: 0 auto; padding: 0 var(--space-5); }
.top { border-bottom: 1px solid var(--line); background: var(--surface); }
.top .wrap { display: flex; align-items: center; gap: var(--space-5); min-height: 3.75rem; flex-wrap: wrap; padding-block: var(--space-2); }
.brand { display: flex; align-items: center; gap: var(--space-2); font-weight: 700; letter-spacing: -0.01em; color: var(--ink); text-decoration: none; }
.brand svg { width: 1.75rem; height: 1.75rem; }
.brand .faint { font-weight: 500; }
.search { display: flex; gap: var(--space-2); flex: 1 1 16rem; max-width: 34rem; margin-left: auto; }
.search input { flex: 1; min-width: 0; }
.hero { padding: var(--space-7) 0 var(--space-6); display: grid; gap: var(--space-4); }
.hero p { max-width: 42rem; font-size: var(--text-l); }
.hero .search { margin: var(--space-2) 0 0; max-width: 42rem; }
.hero .search input { padding: var(--space-3) var(--space-4); font-size: var(--text-l); }
.count { margin-bottom: var(--space-2); }
.results { display: grid; gap: var(--space-3); margin: 0 0 var(--space-7); padding: 0; list-style: none; }
.result { position: relative; padding: var(--space-4) var(--space-5); display: grid; gap: var(--space-2); }
.result:hover { border-color: var(--line-strong); }
.result h2 { font-size: var(--text-l); }
.result h2 a { color: inherit; text-decoration: none; }
.result h2 a::after { content: ""; position: absolute; inset: 0; }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: var(--space-2) var(--space-3); }
.small { font-size: var(--text-s); }
.note { padding: var(--space-6) 0; }
.head { padding: var(--space-6) 0 var(--space-5); display: grid; gap: var(--space-3); }
.head h1 { overflow-wrap: anywhere; }
.head h1 .scope { color: var(--ink-faint); font-weight: 500; }
.head .lead { font-size: var(--text-l); max-width: 46rem; }
.columns { display: grid; grid-template-columns: minmax(0, 1fr) 19rem; gap: var(--space-6); align-items: start; padding-bottom: var(--space-7); }
.main { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--space-6); }
.main > section { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--space-4); scroll-margin-top: var(--space-4); }
.side { display: grid; gap: var(--space-5); position: sticky; top: var(--space-4); }
.side section { display: grid; gap: var(--space-2); }
.side h2 { font-size: var(--text-xs); letter-spacing: 0.05em; color: var(--ink-faint); text-transform: uppercase; }
.side dl { margin: 0; display: grid; grid-template-columns: auto minmax(0, 1fr); gap: var(--space-1) var(--space-4); font-size: var(--text-s); }
.side dt { color: var(--ink-faint); }
.side dd { margin: 0; overflow-wrap: anywhere; }
.versions { list-style: none; margin: 0; padding: 0; font-size: var(--text-s); }
.versions li { display: flex; justify-content: space-between; flex-wrap: wrap; gap: var(--space-1) var(--space-3); padding: var(--space-1) 0; border-bottom: 1px solid var(--line); }
.versions li:last-child { border: 0; }
.versions .delta { flex-basis: 100%; display: flex; flex-wrap: wrap; gap: var(--space-1); }
.versions a[aria-current] { font-weight: 700; color: var(--ink); text-decoration: none; }
.digest { font-size: var(--text-xs); overflow-wrap: anywhere; color: var(--ink-soft); }
.snippet { position: relative; }
.snippet pre { user-select: all; }
.snippet button { position: absolute; top: var(--space-2); right: var(--space-2); font-size: var(--text-xs); padding: var(--space-1) var(--space-3); }
.snippet button[hidden] { display: none; }
.prose { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--space-3); max-width: 46rem; }
.prose > * { margin: 0; }
.prose h3, .prose h4 { margin-top: var(--space-3); }
.prose ul, .prose ol { padding-left: 1.4em; }
.prose blockquote { border-left: 3px solid var(--line-strong); padding-left: var(--space-4); color: var(--ink-soft); }
.component { padding: var(--space-5); display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--space-4); scroll-margin-top: var(--space-4); }
.component h3 { font-family: var(--mono); font-size: var(--text-l); letter-spacing: 0; overflow-wrap: anywhere; }
.component h4 { font-size: var(--text-s); color: var(--ink-soft); margin-top: var(--space-3); }
.scroll { overflow-x: auto; }
.fields { min-width: 34rem; }
.fields td:nth-child(1) { width: 22%; }
.fields td:nth-child(2) { width: 24%; }
.fields td:nth-child(3) { width: 16%; }
.fields td code { white-space: normal; overflow-wrap: anywhere; }
.powers { list-style: none; margin: 0; padding: 0; display: grid; gap: var(--space-3); }
.powers li { padding: var(--space-3) var(--space-4); border-left: 3px solid var(--warn); background: var(--warn-wash); border-radius: 0 var(--radius) var(--radius) 0; }
.powers li.quiet { border-color: var(--line-strong); background: var(--sunken); }
.powers.none li { border-color: var(--good); background: var(--good-wash); }
.foot { border-top: 1px solid var(--line); padding: var(--space-5) 0; color: var(--ink-faint); font-size: var(--text-s); }
@media (max-width: 56rem) {
  .columns { grid-template-columns: minmax(0, 1fr); }
  .side { position: static; }
  .hero { padding: var(--space-6) 0 var(--space-5); }
  .top .search { flex-basis: 100%; max-width: none; }
}
`
