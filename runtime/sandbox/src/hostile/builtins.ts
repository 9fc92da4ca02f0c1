/** Builtins that V8 cannot interrupt: only the end of the process ends them. */
import { cases, type HostileCase } from './hostile-case.ts'

export const builtins: readonly HostileCase[] = [
  ...cases(
    { ends: 'loses the isolate', by: ['deadline', 'memory', 'timeout'], limits: { batchDeadlineMs: 400 } },
    {
      'a search through 2^53 places': 'Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)',
      'a search from the end of 2^53 places': 'Array.prototype.lastIndexOf.call({ length: 2 ** 53 - 1 }, 1)',
      'a test of 2^53 places': 'Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1)',
      'a fill of 2^53 places': 'Array.prototype.fill.call({ length: 2 ** 53 - 1 }, 1)',
      'a reversal of 2^53 places': 'Array.prototype.reverse.call({ length: 2 ** 53 - 1 })',
      'a shift of 2^53 places': 'Array.prototype.unshift.call({ length: 2 ** 53 - 2 }, 1)',
      'a huge number as text': '(3n ** (10n ** 7n)).toString()',
      'a huge power': 'let b = 3n; for (;;) b = b * b',
      'a comparison of huge texts by locale': "const a = '\\u00e4'.repeat(2e7); for (;;) a.localeCompare(a + 'b')",
      'a huge text as a number': "BigInt('9'.repeat(5e6)) * BigInt('9'.repeat(5e6)) % 7n",
    },
  ),
  ...cases(
    { ends: 'is survived', limits: { batchDeadlineMs: 400 } },
    {
      'an array from 2^32 places': 'Array.from({ length: 2 ** 32 - 1 })',
      'a sort of ten million places': 'Array.from({ length: 1e7 }, () => Math.random()).sort()',
      'a concatenation of huge sparse arrays': 'const a = []; a.length = 2 ** 31; [].concat(a, a)',
      'a copy within 2^53 places': 'Array.prototype.copyWithin.call({ length: 2 ** 53 - 1 }, 0, 1)',
      'a date far away': "for (let i = 0; i < 1e6; i++) new Date(8.64e15 - i).toLocaleString('fa-IR-u-ca-persian')",
    },
  ),
]
