/** Modules that are hostile before their first batch: at the top level, and in `run`. */
import type { HostileCase } from './hostile-case.ts'

/** `code` is the whole module. */
export const loading: readonly HostileCase[] = [
  { name: 'a loop at the top level', code: 'for (;;) {}', ends: 'loses the isolate' },
  {
    name: 'a loop in run',
    code: 'export default { arguments: { parse: (v) => v }, run() { for (;;) {} } }',
    ends: 'loses the isolate',
  },
  {
    name: 'a loop in the check of arguments',
    code: 'export default { arguments: { parse() { for (;;) {} } }, run() {} }',
    ends: 'loses the isolate',
  },
  {
    name: 'a bomb at the top level',
    code: 'const all = []; for (;;) all.push({ a: all.length }); export default {}',
    ends: 'loses the isolate',
  },
  { name: 'text that is no code', code: '}{', ends: 'does not start', says: /Unexpected token/ },
  {
    name: 'an import of a built-in',
    code: "import fs from 'node:fs'; export default {}",
    ends: 'does not start',
    says: /no imports/,
  },
  {
    name: 'an import of itself',
    code: "import 'module.mjs'; export default {}",
    ends: 'does not start',
    says: /no imports/,
  },
  { name: 'nothing by default', code: 'export const a = 1', ends: 'does not start', says: /default export/ },
  {
    name: 'a default export with getters',
    code: 'export default { get run() { throw new Error("gotcha") } }',
    ends: 'does not start',
    says: /gotcha/,
  },
  {
    name: 'a proxy by default',
    code: 'export default new Proxy({}, { get() { throw new Error("gotcha") } })',
    ends: 'does not start',
    says: /gotcha/,
  },
  {
    name: 'an error at the top level',
    code: "throw new Error('x'.repeat(1e6)); export default {}",
    ends: 'does not start',
    says: /^.{0,600}$/,
  },
  {
    name: 'a top-level await that never ends',
    code: 'await new Promise(() => {}); export default {}',
    ends: 'does not start',
    says: /./,
  },
  {
    name: 'a check of arguments that throws what is none',
    code: 'export default { arguments: { parse() { throw null } }, run() {} }',
    ends: 'does not start',
    says: /./,
  },
  {
    name: 'code of more than a megabyte',
    code: `/*${' '.repeat(1_100_000)}*/`,
    ends: 'does not start',
    says: /at most 1048576 are allowed/,
  },
]
