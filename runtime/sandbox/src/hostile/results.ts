/** What a handler gives back and sends out: of the wrong type, too large, or forged. */
import { cases, type HostileCase } from './hostile-case.ts'

export const results: readonly HostileCase[] = [
  ...cases(
    { ends: 'costs the batch' },
    {
      'an outcome with getters': 'return { get status() { return 5 }, __proto__: null }',
      'an outcome of no known status': "return { status: 'conquered' }",
      'a number as the outcome': 'return 42',
      'nothing as the outcome': 'return undefined',
      'a function as the outcome': 'return () => {}',
      'a symbol as the outcome': "return Symbol('a')",
      'a BigInt as the outcome': 'return 10n',
      'a proxy as the outcome': 'return new Proxy({}, { get() { throw 1 }, ownKeys() { throw 2 } })',
      'an outcome with toJSON': "return { toJSON() { throw new Error('a') } }",
      'an outcome nested a hundred thousand times': 'let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; return o',
      'an outcome of a megabyte': "return { status: 'dropped', reason: 'x'.repeat(1e6) }",
      'an outcome with a prototype': 'return JSON.parse(\'{"__proto__":{"status":"delivered"}}\')',
      'something that is no batch': "return args.forward_to.emit('a batch')",
      'a batch of a type that is none': "return args.forward_to.emit({ ...batch, type: 'exploits' })",
      'a batch without columns': "return args.forward_to.emit({ type: 'loki.logs', count: 5 })",
      'a batch with getters': "return args.forward_to.emit({ ...batch, get count() { throw new Error('a') } })",
      'a batch of a negative number of records': 'return args.forward_to.emit({ ...batch, count: -1 })',
      'a count of records that is negative': 'ledger.created(-1); return args.forward_to.emit(batch)',
      'a count of records that is a fraction': 'ledger.dropped(0.5, "a"); return args.forward_to.emit(batch)',
      'an arena of four times the input and more':
        'const arena = new Uint8Array(1 << 20); return args.forward_to.emit({ ...batch, arena, ends: new Uint32Array([arena.length]) }).then((o) => { throw o })',
    },
  ),
  ...cases(
    { ends: 'breaks the protocol' },
    {
      'a batch whose stream does not exist':
        'return args.forward_to.emit({ ...batch, streamIds: new Uint32Array([7]) })',
      'a batch whose time is none': 'return args.forward_to.emit({ ...batch, seconds: new Float64Array([NaN]) })',
      'a batch whose nanoseconds are too many':
        'return args.forward_to.emit({ ...batch, nanos: new Uint32Array([2e9]) })',
    },
  ),
  ...cases(
    { ends: 'is survived' },
    {
      'a batch of more records than it has': 'return args.forward_to.emit({ ...batch, count: 1e9 })',
      'a circular outcome': "const o = { status: 'delivered' }; o.self = o; return o",
      'columns of the wrong kind': "return args.forward_to.emit({ ...batch, starts: 'abc' })",
      'labels that are none': 'return args.forward_to.emit({ ...batch, streams: [{}] })',
    },
  ),
  {
    name: 'a batch for another kind of receiver',
    code: "return args.forward_to.emit({ type: 'prometheus.metrics', count: 0, table: [], series: new Uint32Array(0), values: new Float64Array(0), timestamps: new Float64Array(0), streams: [] }).then((o) => { if (o.status !== 'delivered') throw o; return o })",
    ends: 'costs the batch',
  },
]
