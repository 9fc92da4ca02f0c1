/** What is thrown: errors are read by the host, so they are code that runs where the host looks. */
import { cases, type HostileCase } from './hostile-case.ts'

export const errors: readonly HostileCase[] = [
  ...cases(
    { ends: 'costs the batch' },
    {
      'an error whose getters throw':
        'throw { get message() { throw 1 }, get name() { throw 2 }, get stack() { throw 3 } }',
      'an error of ten megabytes': "throw new Error('x'.repeat(1e7))",
      'an error with a name of ten megabytes': "throw Object.assign(new Error('a'), { name: 'x'.repeat(1e7) })",
      'an error with a stack of ten megabytes': "const e = new Error('a'); e.stack = 'x'.repeat(1e7); throw e",
      'a proxy as an error':
        'throw new Proxy({}, { get() { throw 1 }, has() { throw 2 }, getPrototypeOf() { throw 3 } })',
      'a revoked proxy': 'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); throw proxy',
      'a symbol': "throw Symbol('hostile')",
      'nothing at all': 'throw undefined',
      null: 'throw null',
      'a function': 'throw () => {}',
      'an error that causes itself': 'const e = new Error("a"); e.cause = e; throw e',
      'an error whose message is an object': 'throw { message: { toString() { throw 1 } } }',
      'an error of a class that lies':
        "class E extends Error { get [Symbol.toStringTag]() { throw 1 } }; throw new E('a')",
      'an error that claims to be the host’s':
        "throw Object.assign(new Error('a'), { name: 'CapabilityError', code: 'ERR_ACCESS_DENIED' })",
      'the text of a timeout': "throw new Error('Script execution timed out.')",
      'the text of a memory error': "throw new Error('Isolate was disposed during execution due to memory limit')",
      'a prepareStackTrace that throws': "Error.prepareStackTrace = () => { throw 1 }; throw new Error('a')",
      'lone surrogates and NUL': "throw new Error('\\ud800\\u0000\\uffff'.repeat(100))",
      'a terminal’s control codes': "throw new Error('\\u001b[2J\\u001b]0;owned\\u0007\\r\\nlevel=info msg=forged')",
    },
  ),
  ...cases(
    { ends: 'loses the isolate', by: ['timeout', 'deadline'], limits: { batchDeadlineMs: 400 } },
    {
      'a getter of the message that never ends': 'throw { get message() { for (;;) {} } }',
      'a getter of the stack that never ends':
        "const e = new Error('a'); Object.defineProperty(e, 'stack', { get() { for (;;) {} } }); throw e",
      'a prepareStackTrace that never ends':
        "Error.prepareStackTrace = () => { for (;;) {} }; void new Error('a').stack",
      'a proxy that never answers': 'throw new Proxy(new Error("a"), { get() { for (;;) {} }, has() { for (;;) {} } })',
    },
  ),
  ...cases(
    { ends: 'is survived', limits: { batchDeadlineMs: 400 } },
    {
      'a loose rejection whose prototype never answers':
        'Promise.reject(new Proxy(new Error(), { getPrototypeOf() { for (;;) {} }, get() { for (;;) {} } }))',
      'an aggregate of a hundred thousand errors':
        'throw new AggregateError(Array.from({ length: 1e5 }, () => new Error("a")))',
      'an error of four hundred megabytes': "throw new Error('x'.repeat(4e8))",
      'a loose rejection of a hundred megabytes': "Promise.reject(new Error('x'.repeat(1e8)))",
    },
  ),
]
