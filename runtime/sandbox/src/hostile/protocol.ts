/**
 * What a compromised runner writes to its lane. `code` runs in Node.js, in place of the runner, when the first batch has
 * come: `world` has the frames, `id` and `payload` are the delivery's.
 */
import { cases, type HostileCase } from './hostile-case.ts'

/** An emit of the delivered batch with some of its bytes changed. */
const forged = (change: string) => `const bytes = Buffer.from(payload); ${change}
  world.send(world.from.emit, bytes, { id: 1, owner: id }); world.settle(id); world.endTurn()`
const fine = 'world.settle(id); world.endTurn()'
/** A call that an honest isolate cannot make, and the code of its answer. */
const ask = (
  message: string,
  kind: 'call' | 'syncCall' = 'call',
) => `const answer = new Promise((resolve) => { world.answered = resolve })
  world.send(world.from.${kind}, world.value(${message}), { id: 5, owner: id })
  const bytes = await answer
  world.say(JSON.parse(bytes.toString('utf8', 4, 4 + bytes.readUInt32LE(0))).error?.code ?? 'answered'); ${fine}`

export const protocol: readonly HostileCase[] = [
  ...cases(
    { ends: 'breaks the protocol' },
    {
      'a frame of no kind': 'world.send(200)',
      'a frame of kind zero': 'world.send(0)',
      'a frame that only the lane may send': 'world.send(world.to.deliver, payload, { id })',
      'a frame larger than any': 'world.send(world.from.emit, undefined, { length: 0xffffffff })',
      'a frame one byte larger than any': 'world.send(world.from.emit, undefined, { length: 16 * 2 ** 20 + 1 })',
      'the end of a turn twice': 'world.settle(id); world.endTurn(); world.endTurn()',
      'a word when it has no turn': 'world.settle(id); world.endTurn(); world.say("still here")',
      'an emit when it has no turn':
        'world.settle(id); world.endTurn(); world.send(world.from.emit, payload, { id: 1 })',
      'its token again': 'world.send(world.from.hello, Buffer.from(world.assignment.token))',
      'a log line that is not JSON': 'world.send(world.from.log, Buffer.from("{{{"))',
      'a log line that is a number': 'world.send(world.from.log, Buffer.from("5"))',
      'a log line of a megabyte': 'world.json(world.from.log, { level: "info", message: "x".repeat(1e6) })',
      'a log line that is not UTF-8': 'world.send(world.from.log, Buffer.from([0xff, 0xfe, 0x00]))',
      'an outcome that is not JSON': 'world.send(world.from.settled, Buffer.from("nothing"), { id })',
      'an outcome of a megabyte': 'world.settle(id, { status: "dropped", reason: "x".repeat(1e6) })',
      'a negative count': 'world.json(world.from.ledger, { created: -1 })',
      'a count that is a fraction': 'world.json(world.from.ledger, { created: 0.5 })',
      'a count that is not finite': 'world.send(world.from.ledger, Buffer.from(\'{"created":1e999}\'))',
      'a count that is a text': 'world.json(world.from.ledger, { queued: "many" })',
      'drops that are a text': 'world.json(world.from.ledger, { dropped: "many" })',
      'a metric of no kind': 'world.json(world.from.metric, { kind: "summary", name: "a", help: "a", value: 1 })',
      'a metric whose name is a line':
        'world.json(world.from.metric, { kind: "counter", name: "a 1\\nforged", help: "a", value: 1 })',
      'a metric whose label is a line':
        'world.json(world.from.metric, { kind: "counter", name: "a", help: "a", labels: { "x=\\"y\\"} 1\\nforged{z": "1" }, value: 1 })',
      'exports that are a list': 'world.send(world.from.exports, world.value([1]))',
      'exports that are cut off': 'world.send(world.from.exports, Buffer.from([255, 255, 255, 0, 1]))',
      'exports of more than a megabyte': 'world.send(world.from.exports, world.value({ text: "x".repeat(2 ** 20) }))',
      'exports of a million values': 'world.send(world.from.exports, world.value({ all: Array(4e5).fill(0) }))',
      'exports that are all brackets': 'world.send(world.from.exports, world.value({ all: Array(3e5).fill([]) }))',
      'exports nested two thousand times':
        'let o = {}; for (let i = 0; i < 2000; i++) o = { o }; world.send(world.from.exports, world.value(o))',
      'exports with a callback':
        'world.send(world.from.exports, world.value({ f: { $: "mark", v: { kind: "callback", id: 1 } } }))',
      'exports with an object of the lane':
        'world.send(world.from.exports, world.value({ f: { $: "mark", v: { kind: "object", id: 1, type: "fs.open", values: {} } } }))',
      'exports with bytes from outside of the frame':
        'world.send(world.from.exports, world.value({ b: { $: "bytes", v: [-4096, 8192] } }))',
      'exports with an unknown tag': 'world.send(world.from.exports, world.value({ $: "code", v: "process.exit()" }))',
      'exports with a number of half a million digits':
        'world.send(world.from.exports, world.value({ n: { $: "bigint", v: "9".repeat(5e5) } }))',
      'health that is no pair': 'world.send(world.from.health, world.value(null))',
      'health of a megabyte': 'world.send(world.from.health, world.value(["unhealthy", "x".repeat(1e6)]))',
      'an end that is cut off': 'world.send(world.from.exited, Buffer.from([1]))',
      'the loss of an isolate that is not JSON': 'world.send(world.from.lost, Buffer.from("{"))',
      'a batch that is none': 'world.send(world.from.emit, Buffer.from("ILF1"), { id: 1, owner: id })',
      'a batch of nothing': 'world.send(world.from.emit, Buffer.alloc(0), { id: 1, owner: id })',
      'a batch of zeros': 'world.send(world.from.emit, Buffer.alloc(4096), { id: 1, owner: id })',
      'a batch of random bytes':
        'world.send(world.from.emit, world.require("node:crypto").randomBytes(4096), { id: 1, owner: id })',
      'a batch for an output that it does not have':
        'world.send(world.from.emit, payload, { id: 1, owner: id, index: 7 })',
      'a batch with another magic word': forged('bytes[0] ^= 1'),
      'a batch of one line more than it has': forged('bytes[4] += 1'),
      'a batch of four billion lines': forged('bytes.writeUInt32LE(0xffffffff, 4)'),
      'a batch of four billion streams': forged('bytes.writeUInt32LE(0xffffffff, 8)'),
      'a batch of four billion entries of metadata': forged('bytes.writeUInt32LE(0xffffffff, 12)'),
      'a batch whose labels are longer than it is': forged('bytes.writeUInt32LE(0x7fffffff, 16)'),
      'a batch whose arena is longer than it is': forged('bytes.writeUInt32LE(0x7fffffff, 20)'),
      'a batch whose time is none': forged('bytes.writeDoubleLE(NaN, 24)'),
      'a batch whose nanoseconds are too many': forged('bytes.writeUInt32LE(2e9, 32)'),
      'a batch whose line begins after its end': forged('bytes.writeUInt32LE(0xffff, 36)'),
      'a batch whose line ends outside of it': forged('bytes.writeUInt32LE(0x7fffffff, 40)'),
      'a batch whose line is of no stream': forged('bytes.writeUInt32LE(9, 44)'),
      'a batch whose label is longer than it is': forged('bytes.writeUInt32LE(0x7fffffff, 52)'),
      'a batch that is cut off': 'world.send(world.from.emit, payload.subarray(0, -1), { id: 1, owner: id })',
      'a batch with a byte too many':
        'world.send(world.from.emit, Buffer.concat([payload, Buffer.from([0])]), { id: 1, owner: id })',
      'a batch of OTLP that is none':
        'world.send(world.from.emit, Buffer.from([8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]), { id: 1, owner: id })',
      'a batch of metrics that is none':
        'world.send(world.from.emit, Buffer.concat([Buffer.from("IFM1"), Buffer.alloc(64, 255)]), { id: 1, owner: id })',
      'a flood of log lines': 'for (let i = 0; i < 30000; i++) world.say(i)',
      'a flood of counts': 'for (let i = 0; i < 30000; i++) world.json(world.from.ledger, { created: 0 })',
      'a flood of metrics':
        'for (let i = 0; i < 30000; i++) world.json(world.from.metric, { kind: "counter", name: "a", help: "a", value: 1 })',
      'a flood of aborts': 'for (let i = 0; i < 30000; i++) world.send(world.from.abort, undefined, { id: i })',
      'a flood of settlements': 'for (let i = 0; i < 30000; i++) world.settle(1e6 + i)',
    },
  ),
  ...cases(
    { ends: 'is survived', by: ['deadline'], limits: { batchDeadlineMs: 400 } },
    {
      'a frame byte by byte, for ever':
        'world.send(world.from.emit, undefined, { length: 1e6 }); while (!world.socket.destroyed) { world.write(Buffer.from([1])); await world.sleep(20) }',
      'half a frame': 'world.write(world.frame(world.from.log, Buffer.alloc(100)).subarray(0, 50))',
      'half a header': 'world.write(Buffer.from([1, 0, 0]))',
      'nothing at all': 'await world.sleep(1e6)',
      'a frame of sixteen megabytes that never ends':
        'world.send(world.from.emit, Buffer.alloc(1024), { length: 16 * 2 ** 20 })',
    },
  ),
  ...cases(
    { ends: 'is survived', by: ['crash', 'killed', 'exited'] },
    {
      'the end of the connection': 'world.socket.end()',
      'the end of the connection in the middle of a frame':
        'world.write(Buffer.from([9, 0, 0, 0, 71])); world.socket.end()',
      'its own end': 'world.process.exit(3)',
      'its own abortion': 'world.process.abort()',
    },
  ),
  ...cases(
    { ends: 'has no effect' },
    {
      'a settlement again and again': `world.settle(id); world.settle(id, { status: 'dropped', reason: 'a' }); world.settle(id); world.endTurn()`,
      'settlements of batches that never were': `for (let i = 1000; i < 1100; i++) world.settle(i); ${fine}`,
      'answers that nobody waits for': `for (let i = 1000; i < 1100; i++) { world.send(world.from.reply, world.value({}), { id: i }); world.send(world.from.invoked, world.value({}), { id: i }) } ${fine}`,
      'aborts of calls that never were': `for (let i = 0; i < 100; i++) world.send(world.from.abort, undefined, { id: i }); ${fine}`,
      'a valid frame byte by byte': `for (const byte of world.frame(world.from.settled, Buffer.from('{"status":"delivered"}'), { id, owner: id })) world.write(Buffer.from([byte])); world.endTurn()`,
      'a second connection with its token': `const again = world.require('node:net').connect(world.assignment.socketPath); again.on('error', () => {})
        again.write(world.frame(world.from.hello, Buffer.from(world.assignment.token))); await new Promise((resolve) => again.on('close', resolve)); ${fine}`,
      'a __proto__ of its own in every message': `world.send(world.from.log, Buffer.from('{"level":"info","message":"a","fields":{"__proto__":{"polluted":1}},"__proto__":{"polluted":1}}'))
        world.send(world.from.exports, (() => { const json = Buffer.from('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'); const n = Buffer.alloc(4); n.writeUInt32LE(json.length); return Buffer.concat([n, json]) })())
        world.send(world.from.ledger, Buffer.from('{"dropped":{"__proto__":0,"constructor":0}}')); ${fine}`,
      'a secret that it was not given': `world.send(world.from.exports, world.value({ stolen: { $: 'mark', v: { kind: 'secret', name: 'secret:["other"]' } } })); ${fine}`,
    },
  ),
  ...cases(
    { ends: 'has no effect', says: 'denied' },
    {
      'a call of a property that env does not have': ask("{ target: 'process', method: 'exit', args: [] }"),
      'a call of a property of every object': ask("{ target: 'constructor', method: 'constructor', args: [] }"),
      'a call of the prototype of every object': ask("{ target: '__proto__', method: 'toString', args: [] }"),
      'a call of a method that the table does not list': ask("{ target: 'clock', method: 'constructor', args: [] }"),
      'a call of a capability that is not granted': ask("{ target: 'fs', method: 'read', args: ['/etc/passwd'] }"),
      'a call without a target': ask('{}'),
      'a call that is a list': ask('[]'),
      'a call that names a list': ask("{ target: ['fs'], method: ['read'], args: [] }"),
      'a call with a secret that it was not given': ask(
        "{ target: 'clock', method: 'sleep', args: [{ $: 'mark', v: { kind: 'secret', name: 'other' } }] }",
      ),
      'a wait that stops its clock': ask("{ target: 'clock', method: 'sleep', args: [1e9] }", 'syncCall'),
    },
  ),
  ...cases(
    { ends: 'has no effect' },
    {
      'a call of an object that it does not hold': ask("{ target: 7, method: 'read', args: [] }"),
      'arguments of a megabyte': ask("{ target: 'clock', method: 'sleep', args: ['x'.repeat(2 ** 20)] }"),
      'an object of the lane as an argument': ask(
        "{ target: 'clock', method: 'sleep', args: [{ $: 'mark', v: { kind: 'object', id: 1, type: 'a', values: 1 } }] }",
      ),
      'arguments that are cut off': `const answer = new Promise((resolve) => { world.answered = resolve }); world.send(world.from.call, Buffer.from([9, 9]), { id: 5 })
         const bytes = await answer; world.say(JSON.parse(bytes.toString('utf8', 4)).error.code); ${fine}`,
      'more calls than may be open': `const codes = []; world.answered = (bytes) => codes.push(JSON.parse(bytes.toString('utf8', 4)).error?.code)
        for (let i = 0; i < 1000; i++) world.send(world.from.call, world.value({ target: 'clock', method: 'sleep', args: [1e6] }), { id: 10 + i })
        while (codes.length < 744) await world.sleep(1)
        world.say([...new Set(codes)].join()); ${fine}`,
    },
  ).map((one, i) => ({ ...one, says: ['not_found', 'too_large', 'invalid', 'io', 'full'][i]! })),
]
