/** Pollution: of the isolate's own prototypes, which the driver shares, and of what the host reads from it. */
import { cases, type HostileCase } from './hostile-case.ts'

/** Whether the collector's own prototypes have changed is asked after every case. */
export const prototypes: readonly HostileCase[] = [
  ...cases(
    { ends: 'is survived' },
    {
      'Object.prototype':
        "Object.prototype.polluted = 1; Object.prototype.status = 'delivered'; return args.forward_to.emit(batch)",
      'Array.prototype': 'Array.prototype[0] = 1; Array.prototype.map = () => []; return args.forward_to.emit(batch)',
      'Uint8Array.prototype':
        'Uint8Array.prototype.set = () => {}; Uint8Array.prototype.subarray = () => new Uint8Array(9); return args.forward_to.emit(batch)',
      'DataView.prototype': 'DataView.prototype.setUint32 = () => {}; return args.forward_to.emit(batch)',
      'JSON.stringify': 'JSON.stringify = () => \'{"status":"delivered"}\'; throw new Error(\'a\')',
      'JSON.parse': 'JSON.parse = () => ({ status: "delivered" }); return args.forward_to.emit(batch)',
      'Map.prototype': 'Map.prototype.get = Map.prototype.set = () => undefined; return args.forward_to.emit(batch)',
      'Promise itself': 'globalThis.Promise = class { then() {} }; return args.forward_to.emit(batch)',
      'Symbol.hasInstance':
        'Object.defineProperty(Function.prototype, Symbol.hasInstance, { value: () => true }); return args.forward_to.emit(batch)',
      'String.prototype.slice': "String.prototype.slice = () => 'x'.repeat(1e6); throw new Error('a')",
      'Object.freeze': 'Object.freeze = (o) => o; Object.entries = () => []; return args.forward_to.emit(batch)',
      'health that is no state':
        'setHealth({ toString() { return "healthy" } }, { toString() { return "a" } }); return report("ok")',
      'toString of everything': 'Object.prototype.toString = () => { throw 1 }; throw { a: 1 }',
    },
  ),
  ...cases(
    { ends: 'has no effect' },
    {
      'exports with a __proto__ of their own':
        'setExports(JSON.parse(\'{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}\')); return report("ok")',
      'log fields with a __proto__ of their own':
        'env.log.warn("a", JSON.parse(\'{"__proto__":{"polluted":1},"constructor":1}\')); return report("ok")',
      'labels of a metric with a __proto__ of their own':
        'try { env.metrics.counter("a", "b", JSON.parse(\'{"__proto__":"x","constructor":"y"}\')).add() } catch {} return report("ok")',
      'reasons of drops that are properties of objects':
        'for (const name of ["__proto__", "constructor", "toString"]) ledger.dropped(0, name); return report("ok")',
    },
  ).map((one) => ({ ...one, says: 'ok' })),
]
