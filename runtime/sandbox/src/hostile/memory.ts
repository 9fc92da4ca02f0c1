/** Memory: the heap, strings, buffers that the isolate's limit does not count, and texts that grow when they are read. */
import { cases, type HostileCase } from './hostile-case.ts'

/** How soft limits, resident memory and V8's own abort show. Whichever comes first. */
const by = ['memory', 'timeout', 'disposed', 'crash', 'deadline', 'killed', 'exited']

/** Full sooner than the default. */
const small = { memoryMiB: 32 }

export const memory: readonly HostileCase[] = [
  ...cases(
    { ends: 'loses the isolate', by, limits: small },
    {
      'a bomb of maps': 'const map = new Map(); for (let i = 0; ; i++) map.set(i, i)',
      'a bomb of sets of texts': "const set = new Set(); for (let i = 0; ; i++) set.add('key' + i)",
      'a bomb of objects': 'const all = []; for (;;) all.push({ a: [all.length] })',
      'a bomb of closures': 'const all = []; for (;;) { const i = all.length; all.push(() => i) }',
      'a bomb of promises': 'const all = []; for (;;) all.push(new Promise(() => {}))',
      'a bomb of symbols': 'const all = []; for (;;) all.push(Symbol(all.length))',
      'a bomb of errors': 'const all = []; for (;;) all.push(new Error(String(all.length)))',
      'a bomb of proxies': 'const all = []; for (;;) all.push(new Proxy({}, {}))',
      'a bomb of regular expressions':
        "const all = []; for (;;) all.push(new RegExp('a{' + (all.length % 1000) + '}'))",
      'a bomb of properties': "const o = {}; for (let i = 0; ; i++) o['k' + i] = i",
      'a bomb of classes': 'const all = []; for (;;) all.push(class { a = 1 })',
      'a bomb of code': "const all = []; for (;;) all.push(new Function('return ' + all.length))",
      'a bomb of small array buffers': 'const all = []; for (;;) all.push(new ArrayBuffer(64))',
      'a bomb of encoded texts':
        "const all = []; const text = 'x'.repeat(1e6); for (;;) all.push(new TextEncoder().encode(text))",
      'a bomb of clones': 'const all = []; for (;;) all.push(structuredClone({ a: [1, 2, 3, { b: all.length }] }))',
      'a growing array': 'const a = [1]; for (;;) a.push(...a.slice(0, 10000))',
      'a string bomb': "'ab'.repeat(5e7).replace(/a/g, 'cc')",
      'a spread of a huge string': "[...'.'.repeat(5e8)]",
      'a split of a huge string': "'.,'.repeat(2e8).split(',')",
      'a join of huge strings': "Array(1e8).fill('xxxxxxxx').join('')",
      'a bomb of parsed text': "JSON.parse('[' + '[],'.repeat(2e7) + '[]]')",
      'a graph whose text doubles forty times':
        'let o = {}; for (let i = 0; i < 40; i++) o = [o, o]; JSON.stringify(o)',
    },
  ),
  ...cases(
    { ends: 'is survived', limits: small },
    {
      'a bomb of array buffers': 'const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1))',
      'a bomb of typed arrays': 'const all = []; for (;;) all.push(new Float64Array(1 << 16).fill(1))',
      'a normalized huge string': "'\\u0344'.repeat(1e8).normalize('NFKD')",
      'an upper-cased huge string': "'\\u00df'.repeat(2e8).toUpperCase()",
      'a padded huge string': "'a'.padEnd(5e8, 'b').length && [...'a'.padEnd(5e8, 'b')]",
      'an array of four billion places': 'const a = []; a.length = 2 ** 32 - 1; a.fill(1)',
      'a sparse array that is sorted': 'const a = []; a[4e9] = 1; a.sort()',
      'an array of two billion places': 'Array.from({ length: 2 ** 31 })',
      'a matrix of BigInts': 'const all = []; for (let b = 3n; ; b = b * b) all.push(b)',
      'a huge formatted number':
        "new Intl.NumberFormat('en', { minimumFractionDigits: 100 }).format(1e300).repeat(1e6).split('')",
    },
  ),
  ...cases(
    { ends: 'costs the batch' },
    {
      'an array buffer of four gigabytes': 'new ArrayBuffer(2 ** 32)',
      'an array buffer of a petabyte': 'new ArrayBuffer(2 ** 50)',
      'a string of two gigabytes': "'a'.repeat(2 ** 31)",
      'an array of more places than there are': 'new Array(2 ** 32)',
      'a typed array of sixteen gigabytes': 'new Float64Array(2 ** 31)',
    },
  ),
  ...cases(
    { ends: 'has no effect' },
    {
      'a buffer that can be resized':
        'const b = new ArrayBuffer(8, { maxByteLength: 2 ** 36 }); return report([b.byteLength, b.resizable, b.resize, b.transfer].join())',
      'a hundred thousand buffers that reserve memory':
        'for (let i = 0; i < 1e5; i++) new ArrayBuffer(0, { maxByteLength: 2 ** 36 }); return report("8,,,")',
      'a resizable buffer by way of the species of a slice':
        'const b = new ArrayBuffer(8).slice(0); return report([b.byteLength, b.resizable, b.resize, b.transfer].join())',
      'a resizable buffer by way of its constructor':
        'const b = new (new ArrayBuffer(8).constructor)(8, { maxByteLength: 99 }); return report([b.byteLength, b.resizable, b.resize, b.transfer].join())',
      'a resizable buffer by way of the arena':
        'const b = new batch.arena.buffer.constructor(8, { maxByteLength: 99 }); return report([b.byteLength, b.resizable, b.resize, b.transfer].join())',
    },
  ).map((one) => ({ ...one, says: '8,,,' })),
]
