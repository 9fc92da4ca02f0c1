/** Too much of what is allowed: calls, emits, lines, metrics, exports, health. */
import { cases, type HostileCase } from './hostile-case.ts'

export const floods: readonly HostileCase[] = [
  ...cases(
    { ends: 'costs the batch' },
    {
      'a thousand emits at once': 'await Promise.all(Array.from({ length: 1000 }, () => args.forward_to.emit(batch)))',
    },
  ),
  ...cases(
    { ends: 'has no effect', says: 'ok' },
    {
      'a thousand log lines of a megabyte':
        "for (let i = 0; i < 1000; i++) env.log.info('x'.repeat(1e6)); return report('ok')",
      'log lines with ten thousand fields':
        "env.log.info('a', Object.fromEntries(Array.from({ length: 1e4 }, (_, i) => ['f' + i, i]))); return report('ok')",
      'log lines that break the line':
        "env.log.info('a\\nlevel=error msg=forged', { 'x y\\n': 'b\\nlevel=error' }); return report('ok')",
      'log lines in the name of another component':
        "env.log.info('a', { component_id: 'loki.write.main', ts: '1970', level: 'error', msg: 'forged' }); return report('ok')",
      'a series for each of three thousand values':
        "for (let i = 0; i < 3000; i++) env.metrics.counter('bomb_total', 'a', { i: String(i) }).add(); return report('ok')",
      'labels of a megabyte': "env.metrics.gauge('fat', 'a', { text: 'x'.repeat(1e4) }).set(1); return report('ok')",
      'values that are no numbers':
        "const c = env.metrics.counter('odd_total', 'a'); c.add(NaN); c.add(-5); c.add(Infinity); c.add('x'); env.metrics.gauge('odd', 'a').set(NaN); return report('ok')",
      'a hundred exports in one turn': "for (let i = 0; i < 100; i++) setExports({ i }); return report('ok')",
      'a hundred healths in one turn':
        "for (let i = 0; i < 100; i++) setHealth('unhealthy', 'x'.repeat(1e5) + i); return report('ok')",
      'five thousand reasons of drops':
        "for (let i = 0; i < 5000; i++) ledger.dropped(0, 'reason ' + i); return report('ok')",
      'a million queued records':
        "for (let i = 0; i < 1e6; i++) ledger.queued(i); ledger.queued(0); return report('ok')",
    },
  ),
  ...cases(
    { ends: 'has no effect', says: 'refused' },
    {
      'a metric whose name is a line':
        "try { env.metrics.counter('a 1\\nforged', 'b').add(); return report('taken') } catch { return report('refused') }",
      'a metric whose label is a line':
        "try { env.metrics.counter('a', 'b', { 'x=\"y\"} 1\\nforged{z': '' }).add(); return report('taken') } catch { return report('refused') }",
    },
  ),
  ...cases(
    { ends: 'is survived' },
    {
      'emits without awaiting them': 'for (let i = 0; i < 1e5; i++) args.forward_to.emit(batch)',
      'observations without an end': "const h = env.metrics.histogram('h', 'a', [1, 2]); for (;;) h.observe(1)",
      'exports of a hundred megabytes': "setExports({ text: 'x'.repeat(1e8) }); return args.forward_to.emit(batch)",
      'exports of two million values':
        'setExports({ all: Array.from({ length: 2e6 }, () => 0) }); return args.forward_to.emit(batch)',
      'exports of a hundred thousand values':
        'setExports({ all: Array.from({ length: 1e5 }, () => 0) }); return args.forward_to.emit(batch)',
      'exports nested two thousand times':
        'let o = {}; for (let i = 0; i < 2000; i++) o = { o }; setExports(o); return args.forward_to.emit(batch)',
      'exports that are no object': 'setExports(5); return args.forward_to.emit(batch)',
      'exports with a function': 'setExports({ f() {} }); return args.forward_to.emit(batch)',
      'exports that refer to themselves': 'const o = {}; o.o = o; setExports(o); return args.forward_to.emit(batch)',
      'exports with a huge number': "setExports({ n: BigInt('9'.repeat(3e5)) }); return args.forward_to.emit(batch)",
      'exports again and again': 'for (;;) setExports({ i: Math.random() })',
      'health again and again': "for (;;) setHealth('unhealthy', String(Math.random()))",
      'bombs that unpack to gigabytes':
        'let b = new Uint8Array(1 << 22); for (let i = 0; i < 6; i++) b = await env.codec.gzip(b); for (let i = 0; i < 6; i++) b = await env.codec.gunzip(b, 2 ** 40); return report(b.length)',
      'a snappy block that claims four gigabytes':
        'env.codec.unsnappy(new Uint8Array([255, 255, 255, 255, 15]), 2 ** 40)',
    },
  ),
]
