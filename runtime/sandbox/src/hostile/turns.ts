/** Promises, microtasks, and code that would go on after its turn. */
import { cases, type HostileCase } from './hostile-case.ts'

export const turns: readonly HostileCase[] = [
  ...cases(
    { ends: 'loses the isolate', by: ['timeout', 'deadline'] },
    {
      'a loop after an await': 'await null; for (;;) {}',
      'a loop after an emit': 'await args.forward_to.emit(batch); for (;;) {}',
      'a flood of microtasks': 'const again = () => Promise.resolve().then(again); await again()',
      'a flood of queueMicrotask': 'const again = () => queueMicrotask(again); again(); await new Promise(() => {})',
      'a flood of awaits': 'for (;;) await null',
      'a thenable that resolves to itself': 'const t = { then(resolve) { resolve(t) } }; await t',
      'a loop in a thenable': 'await { then() { for (;;) {} } }',
      'a loop in the species of a promise':
        'class P extends Promise { static get [Symbol.species]() { for (;;) {} } }; await new P((r) => r()).then(() => {})',
      'a loop in the background':
        'void (async () => { await null; for (;;) {} })(); return args.forward_to.emit(batch)',
      'a loop that an unhandled rejection starts': 'Promise.reject({ get message() { for (;;) {} } }); for (;;) {}',
    },
  ),
  ...cases(
    { ends: 'costs the batch', says: /waits for something that cannot happen/, limits: { batchDeadlineMs: 400 } },
    {
      'a promise that never settles': 'await new Promise(() => {})',
      'a promise that only garbage could settle': 'let resolve; await new Promise((r) => { resolve = r })',
      'an outcome that never comes': 'return new Promise(() => {})',
    },
  ),
  ...cases(
    { ends: 'costs the batch' },
    {
      'a rejection that nobody handles': "Promise.reject(new Error('loose')); throw new Error('caught')",
      'ten thousand rejections that nobody handles':
        "for (let i = 0; i < 1e4; i++) Promise.reject(new Error('loose')); throw new Error('caught')",
    },
  ),
  {
    name: 'a replaced then',
    code: 'Promise.prototype.then = () => { throw 1 }; return args.forward_to.emit(batch)',
    ends: 'is survived',
  },
  {
    name: 'code that counts on after the batch is settled',
    before: 'let ticks = 0',
    code: `const seen = ticks
      void (async () => { for (let i = 0; i < 1000; i++) { await null; ticks++ } })()
      await report('ticks before: ' + seen)
      return { status: 'delivered' }`,
    ends: 'has no effect',
    says: 'ticks before: 0',
  },
  {
    name: 'a wait that blocks its thread',
    code: "return report(typeof Atomics + ' ' + typeof SharedArrayBuffer + ' ' + typeof setTimeout + ' ' + typeof WebAssembly)",
    ends: 'has no effect',
    says: 'undefined undefined undefined undefined',
  },
]
