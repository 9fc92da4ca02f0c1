/** What never ends, or not within any time that a batch may take. */
import { cases, type HostileCase } from './hostile-case.ts'

const slow = "'a'.repeat(40) + 'b'"

export const loops: readonly HostileCase[] = [
  ...cases(
    { ends: 'loses the isolate', by: ['timeout', 'deadline'] },
    {
      'an endless loop': 'for (;;) {}',
      'a loop that catches everything': 'for (;;) { try { for (;;) {} } catch {} finally { continue } }',
      'a loop in a finally block': 'try { throw 1 } finally { for (;;) {} }',
      'a loop in a generator': 'function* forever() { for (;;) yield 1 } for (const one of forever()) void one',
      'a loop in an async generator':
        'async function* forever() { for (;;) yield 1 } for await (const one of forever()) void one',
      'a loop in a getter': 'const trap = { get value() { for (;;) {} } }; void trap.value',
      'a loop in a static block': 'class Trap { static { for (;;) {} } }',
      'a loop in a comparison of a sort': '[2, 1].sort(() => { for (;;) {} })',
      'a loop in the replacer of JSON': 'JSON.stringify({ a: 1 }, () => { for (;;) {} })',
      'a loop in toJSON': 'JSON.stringify({ toJSON() { for (;;) {} } })',
      'a loop in code from a text': "new Function('for (;;) {}')()",
      'a loop in eval': "(0, eval)('for (;;) {}')",
      'a loop in a tagged template': 'const tag = () => { for (;;) {} }; tag`a`',
      'a loop in a Proxy of the batch': 'new Proxy(batch, { get() { for (;;) {} } }).count',
      'a backtracking regular expression': `/^(a+)+$/.test(${slow})`,
      'a backtracking alternation': `/^(a|a)*$/.test(${slow})`,
      'a backtracking look-ahead': `/^(?=(a+)+$)/.test(${slow})`,
      'a backtracking back-reference': `/^(a*)*\\1$/.test(${slow})`,
      'a backtracking replacement': `(${slow}).replace(/^(a+)+$/g, 'x')`,
      'a backtracking split': `(${slow}).split(/^(a+)+$/)`,
      'recursion without an end that is caught': 'const deep = () => { try { deep() } catch { deep() } }; deep()',
    },
  ),
  ...cases(
    { ends: 'costs the batch' },
    {
      'deep recursion': 'const deep = () => deep() + 1; deep()',
      'recursion through getters': 'const self = { get a() { return this.a } }; void self.a',
      'recursion through a proxy': 'const p = new Proxy({}, { get: (t, k, r) => r[k] }); void p.a',
      'recursion in toString': 'const o = { toString() { return String(this) } }; String(o)',
      'an expression nested a hundred thousand times': "(0, eval)('('.repeat(1e5) + '1' + ')'.repeat(1e5))",
      'a regular expression nested too deep': "new RegExp('('.repeat(1e5) + ')'.repeat(1e5))",
    },
  ),
]
