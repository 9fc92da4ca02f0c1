/**
 * Bytes of others: whatever memory a module is handed is searched for what was planted in the collector's pool, in its
 * environment, and in a neighbour's batches. The text that it looks for is put together, so that it does not find itself.
 */
import { cases, type HostileCase } from './hostile-case.ts'

/** Planted wherever another tenant's bytes could be. */
export const canary = 'canary-0b5a7c'

const find = `const needle = ['canary', '0b5a7c'].join('-')
  const holds = (bytes) => { const whole = new Uint8Array(bytes.buffer); let text = ''; for (let i = 0; i < whole.length; i++) text += String.fromCharCode(whole[i]); return text.includes(needle) }`

export const leaks: readonly HostileCase[] = [
  ...cases(
    { ends: 'has no effect' },
    {
      'the buffer behind its batch': `${find}; return report(holds(batch.arena) + ' ' + (batch.arena.buffer.byteLength < 4096))`,
      'the buffers behind its columns': `${find}; return report([batch.starts, batch.ends, batch.seconds, batch.nanos, batch.streamIds].some(holds) + ' ' + (batch.starts.buffer.byteLength < 4096))`,
      'the buffer behind an encoded text': `${find}; const b = env.text.encode('abc'); return report(holds(b) + ' ' + (b.buffer.byteLength === 3))`,
      'the buffer behind a compressed text': `${find}; const b = await env.codec.gzip(env.text.encode('abc')); return report(holds(b) + ' ' + (b.buffer.byteLength < 100))`,
      'the buffer behind a snappy block': `${find}; const b = env.codec.snappy(env.text.encode('abc')); return report(holds(b) + ' ' + (b.buffer.byteLength < 100))`,
      'the buffer behind what is unpacked': `${find}; const b = env.codec.unsnappy(env.codec.snappy(env.text.encode('abc')), 100); return report(holds(b) + ' ' + (b.buffer.byteLength === 3))`,
      'memory that was never written': `${find}; let found = false; for (let i = 0; i < 100; i++) found ||= holds(new Uint8Array(1 << 16)); return report(found + ' true')`,
      'its own arguments': `${find}; return report(JSON.stringify(args).includes(needle) + ' true')`,
      'the length of its secret': `return report((args.password.reveal().length === 13) + ' ' + !args.password.reveal().includes('canary'))`,
    },
  ).map((one) => ({ ...one, says: 'false true' })),
  {
    name: 'batches that it keeps after they are settled',
    before: 'const kept = []',
    code: `kept.push(batch.arena); for (const arena of kept) arena.fill(120); return report('kept ' + kept.length)`,
    ends: 'has no effect',
    says: 'kept 1',
  },
  {
    name: 'a batch that it changes after it has emitted it',
    code: `const sent = report('as it was'); const line = batch.arena; line.fill(120); return sent`,
    ends: 'has no effect',
    says: 'as it was',
  },
  {
    name: 'another lane’s memory by way of a detached buffer',
    code: `const view = batch.arena; try { structuredClone(view.buffer, { transfer: [view.buffer] }) } catch {} return report(view.length > 0 ? 'still its own' : 'detached')`,
    ends: 'has no effect',
    says: 'still its own',
  },
]
