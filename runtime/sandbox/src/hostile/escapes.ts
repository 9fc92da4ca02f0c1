/** Ways out of an isolate that have worked elsewhere: each reports what it found. */
import { cases, type HostileCase } from './hostile-case.ts'

const powers =
  "['process', 'require', 'module', 'Buffer', 'fetch', 'setTimeout', 'ivm', 'Deno', 'window', 'WebAssembly']"
/** What a global of another world would have. */
const look = (world: string) =>
  `const world = ${world}; return report(${powers}.filter((name) => name in world).join() || 'nothing')`

export const escapes: readonly HostileCase[] = [
  ...cases(
    { ends: 'has no effect', says: 'nothing' },
    {
      'what lies in its global object': look('globalThis'),
      'the constructor of a function': look("(() => {}).constructor('return this')()"),
      'the constructor of an async function': look("(await (async () => {}).constructor('return this')())"),
      'the constructor of a generator': look(
        "(function* () {}).constructor('return this')().next().value ?? globalThis",
      ),
      'the constructor of its arguments': look("args.constructor.constructor('return this')()"),
      'the constructor of the batch': look("batch.constructor.constructor('return this')()"),
      'the constructor of the arena': look("batch.arena.constructor.constructor('return this')()"),
      'the constructor of the labels': look("batch.streams[0].constructor.constructor('return this')()"),
      'the constructor of env': look("env.constructor.constructor('return this')()"),
      'the constructor of a function of env': look("env.log.info.constructor('return this')()"),
      'the constructor of a function of the host': look("env.text.decode.constructor.constructor('return this')()"),
      'the constructor of an emit': look("args.forward_to.emit.constructor('return this')()"),
      'the constructor of what an emit resolves to': look(
        "(await args.forward_to.emit(batch)).constructor.constructor('return this')()",
      ),
      'the constructor of an error of the host': `let error; try { env.codec.unsnappy(new Uint8Array([255, 255, 255, 255, 255]), 1) } catch (e) { error = e }
         ${look("error.constructor.constructor('return this')()")}`,
      'eval of this': look("(0, eval)('this')"),
      'the caller of its handler': `let caller; try { caller = report.caller } catch {} ${look('(caller ?? {})')}`,
    },
  ),
  ...cases(
    { ends: 'has no effect' },
    {
      'import() of a built-in':
        "try { await import('node:fs'); return report('loaded') } catch { return report('refused') }",
      'import() of itself':
        "try { await import('module.mjs'); return report('loaded') } catch { return report('refused') }",
      'import() of a URL of data':
        "try { await import('data:text/javascript,export default 1'); return report('loaded') } catch { return report('refused') }",
      'import() inside of eval':
        "try { await (0, eval)(\"import('node:child_process')\"); return report('loaded') } catch { return report('refused') }",
      'import() inside of a Function':
        "try { await new Function(\"return import('node:net')\")(); return report('loaded') } catch { return report('refused') }",
    },
  ).map((one) => ({ ...one, says: 'refused' })),
  {
    name: 'import.meta',
    code: 'return report(JSON.stringify(Object.getOwnPropertyNames(import.meta)))',
    ends: 'has no effect',
    says: '[]',
  },
  {
    name: 'the stack of an error of its own',
    code: "return report(/\\/|node:|runner\\.cjs/.test(new Error('a').stack) ? new Error('a').stack : 'no path')",
    ends: 'has no effect',
    says: 'no path',
  },
  {
    name: 'the stack of an error of the host',
    code: `try { env.codec.unsnappy(new Uint8Array([255, 255, 255, 255, 255]), 1) } catch (e) {
      return report(/\\/|node:|runner\\.cjs/.test(e.stack + e.message) ? e.stack : 'no path') }
      return report('no error')`,
    ends: 'has no effect',
    says: 'no path',
  },
  {
    name: 'the call sites of a stack',
    code: `Error.prepareStackTrace = (_, sites) => sites
      const seen = new Error('a').stack.map((site) => [site.getThis?.(), site.getFunction?.()].map((one) => typeof one === 'object' && one && 'process' in one))
      Error.prepareStackTrace = undefined
      return report(seen.flat().some(Boolean) ? 'a world' : 'nothing')`,
    ends: 'has no effect',
    says: 'nothing',
  },
  {
    name: 'names and lengths of functions of the host',
    code: `const names = []
      for (const part of Object.values(env)) for (const [key, value] of Object.entries(part)) if (typeof value === 'function' && /bridge|ivm|callback/i.test(value.name + String(value).slice(0, 0))) names.push(key)
      return report(names.join() || 'nothing')`,
    ends: 'has no effect',
    says: 'nothing',
  },
  {
    name: 'a then on Object.prototype that collects what the host awaits',
    before: 'const caught = []',
    code: `Object.defineProperty(Object.prototype, 'then', { configurable: true, get() { caught.push(Object.prototype.toString.call(this)); return undefined } })
      await args.forward_to.emit(batch).catch(() => {})
      delete Object.prototype.then
      return report(caught.some((kind) => /Reference|ExternalCopy|Isolate|Context|Callback/.test(kind)) ? caught.join() : 'nothing')`,
    ends: 'has no effect',
    says: 'nothing',
  },
  {
    name: 'what the host’s calls are handed when builtins are replaced',
    before: 'const caught = []',
    code: `const push = Array.prototype.push
      Function.prototype.call = function () { push.apply(caught, arguments) }
      Reflect.apply = (...all) => { push.apply(caught, all) }
      JSON.parse = (text) => { push.call ; caught[caught.length] = text; return {} }
      Map.prototype.get = function (key) { caught[caught.length] = this; return undefined }
      try { await args.forward_to.emit(batch) } catch {}
      throw new Error('seen ' + caught.filter((one) => typeof one === 'object' && one && 'process' in one).length + ' worlds')`,
    ends: 'is survived',
  },
  {
    name: 'time zone and locale of the host',
    code: 'const o = Intl.DateTimeFormat().resolvedOptions(); return report([o.timeZone, new Date(0).getTimezoneOffset(), o.locale].join())',
    ends: 'has no effect',
    says: 'UTC,0,en-US',
  },
  {
    name: 'a clock without the capability',
    code: 'const before = Date.now(); let n = 0; while (Date.now() === before && n < 1e6) n++; return report(n === 1e6 ? "it stands still" : "it runs")',
    ends: 'has no effect',
    says: 'it stands still',
  },
  {
    name: 'the native Date behind its own',
    code: `const found = [Date.prototype.constructor, new Date().constructor, Object.getPrototypeOf(new Date()).constructor, Reflect.construct(Date, []).constructor]
      return report(found.every((one) => one === Date) ? 'its own' : 'the native one')`,
    ends: 'has no effect',
    says: 'its own',
  },
  {
    name: 'observing the garbage collector',
    code: 'return report([typeof WeakRef, typeof FinalizationRegistry, typeof gc].join())',
    ends: 'has no effect',
    says: 'undefined,undefined,undefined',
  },
]
