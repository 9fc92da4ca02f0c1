/**
 * The visual language of Ingot's pages: colours, type, spacing, and how plain elements and a few parts look. The
 * collector's UI and the registry's pages share it, and nothing else of ours may be imported by both but this package;
 * it has a door of its own, so that nobody who reads a manifest carries it along. Pages add their layout in sheets of
 * their own and take every colour and size from here.
 */
export const themeCss = `
:root {
  color-scheme: light dark;
  --ground: #faf8f5;
  --surface: #ffffff;
  --sunken: #f3efe9;
  --line: #e5ded4;
  --line-strong: #cfc5b7;
  --ink: #1d1a16;
  --ink-soft: #5f574c;
  --ink-faint: #7a7164;
  --accent: #b4430c;
  --accent-ink: #ffffff;
  --accent-wash: #fdeee3;
  --good: #1f7a4d;
  --good-wash: #e4f4ea;
  --warn: #8a5a00;
  --warn-wash: #fdf1d7;
  --bad: #b3261e;
  --bad-wash: #fce8e6;
  --info: #2a5fa5;
  --info-wash: #e6eff9;
  --shadow: 0 1px 2px rgb(60 40 20 / 6%), 0 4px 16px rgb(60 40 20 / 5%);
  --sans: ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  --text-xs: 0.75rem;
  --text-s: 0.875rem;
  --text-m: 1rem;
  --text-l: 1.1875rem;
  --text-xl: 1.5rem;
  --text-xxl: 2.125rem;
  --space-1: 0.25rem;
  --space-2: 0.5rem;
  --space-3: 0.75rem;
  --space-4: 1rem;
  --space-5: 1.5rem;
  --space-6: 2.25rem;
  --space-7: 3.5rem;
  --radius: 8px;
  --radius-s: 5px;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14120f;
    --surface: #1c1915;
    --sunken: #24201b;
    --line: #322d26;
    --line-strong: #4a4338;
    --ink: #f1ece4;
    --ink-soft: #b5ab9c;
    --ink-faint: #958b7c;
    --accent: #ff9152;
    --accent-ink: #211104;
    --accent-wash: #3a2214;
    --good: #6fcf97;
    --good-wash: #17301f;
    --warn: #f0bd5a;
    --warn-wash: #362a10;
    --bad: #ff8a80;
    --bad-wash: #3d1d1a;
    --info: #8fbcf0;
    --info-wash: #1a2a3d;
    --shadow: 0 1px 2px rgb(0 0 0 / 40%), 0 4px 16px rgb(0 0 0 / 25%);
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0;
  background: var(--ground);
  color: var(--ink);
  font: var(--text-m) / 1.55 var(--sans);
}
h1, h2, h3, h4 { margin: 0; line-height: 1.2; letter-spacing: -0.012em; text-wrap: balance; }
h1 { font-size: var(--text-xxl); }
h2 { font-size: var(--text-xl); }
h3 { font-size: var(--text-l); }
h4 { font-size: var(--text-m); }
p { margin: 0; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 0.18em; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
code, pre, kbd { font-family: var(--mono); font-size: 0.9em; font-variant-ligatures: none; }
code { background: var(--sunken); border-radius: var(--radius-s); padding: 0.1em 0.35em; }
pre {
  margin: 0;
  padding: var(--space-4);
  overflow-x: auto;
  background: var(--sunken);
  border: 1px solid var(--line);
  border-radius: var(--radius);
  line-height: 1.5;
}
pre code { background: none; padding: 0; font-size: var(--text-s); }
table { width: 100%; border-collapse: collapse; font-size: var(--text-s); }
th { color: var(--ink-faint); font-weight: 600; font-size: var(--text-xs); letter-spacing: 0.03em; text-align: left; }
th, td { padding: var(--space-2) var(--space-3); border-bottom: 1px solid var(--line); vertical-align: top; }
th:first-child, td:first-child { padding-left: 0; }
tbody tr:last-child td { border-bottom: 0; }
input {
  font: inherit;
  color: inherit;
  background: var(--surface);
  border: 1px solid var(--line-strong);
  border-radius: var(--radius);
  padding: var(--space-2) var(--space-3);
}
button {
  font: inherit;
  font-weight: 600;
  color: var(--accent-ink);
  background: var(--accent);
  border: 0;
  border-radius: var(--radius);
  padding: var(--space-2) var(--space-4);
  cursor: pointer;
}
.card { background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); box-shadow: var(--shadow); }
.chip {
  display: inline-block;
  padding: 0.1em 0.6em;
  border-radius: 999px;
  background: var(--sunken);
  color: var(--ink-soft);
  font-size: var(--text-xs);
  font-weight: 600;
  white-space: nowrap;
}
.chip.good { background: var(--good-wash); color: var(--good); }
.chip.warn { background: var(--warn-wash); color: var(--warn); }
.chip.bad { background: var(--bad-wash); color: var(--bad); }
.chip.info { background: var(--info-wash); color: var(--info); }
.chip.accent { background: var(--accent-wash); color: var(--accent); }
.soft { color: var(--ink-soft); }
.faint { color: var(--ink-faint); }
.mono { font-family: var(--mono); font-size: 0.92em; }
.number { font-variant-numeric: tabular-nums; }
`
