import { block, defineComponent, delivered, duration, receiver, receivers, refused, secret, Secret } from '@ingot/sdk'
import type { OtelBatch } from '@ingot/telemetry'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { fakeEnv, output, runComponent, testComponent } from './index.ts'

const poll = defineComponent({
  name: 'poll',
  stability: 'experimental',
  summary: 'Reads a file again and again, and passes spans on.',
  arguments: z.strictObject({
    filename: z.string().describe('File to read.'),
    every: duration().prefault('10s').describe('Time between two reads.'),
    password: secret().optional().describe('Never shown.'),
    output: block(
      z.strictObject({
        traces: receivers('otel.traces').optional().describe('Where spans go.'),
        logs: receivers('otel.logs').optional().describe('Where log records go.'),
      }),
    ).describe('Where things go.'),
  }),
  exports: z.object({
    content: z.string().describe('What the file holds.'),
    receiver: receiver('otel.traces').describe('Takes spans.'),
  }),
  capabilities: {
    'fs.read': [{ why: 'reads the file', from: 'filename' }],
    clock: [{ why: 'waits' }],
    state: [{ why: 'counts reads' }],
  },
  async run({ args, env, signal, setExports, receive, ledger, setHealth }) {
    receive('receiver', async (batch) => (await args.output.traces?.emit(batch)) ?? delivered)
    while (!signal.aborted) {
      setExports({ content: await env.fs.readText(args.filename) })
      await env.state.set('reads', String(Number(env.state.get('reads') ?? 0) + 1))
      setHealth('healthy', `password is ${args.password?.reveal().length ?? 0} long`)
      ledger.created(0)
      try {
        await env.clock.sleep(args.every, { signal })
      } catch {
        return
      }
    }
  },
})

const batch: OtelBatch = { type: 'otel.traces', count: 3, bytes: new Uint8Array() }

testComponent(
  poll,
  {
    args: { filename: '/in', output: {} },
    env: () => fakeEnv({ files: { '/in': 'a' } }),
    send: [{ port: 'receiver', batch }],
  },
  { test },
)

test('runComponent() drives a component on virtual time and fake files', async () => {
  const env = fakeEnv({ files: { '/in': 'one' } })
  const run = await runComponent(poll, { args: { filename: '/in', password: new Secret('abc'), output: {} }, env })
  expect(run.exports).toEqual({ content: 'one' })
  expect(run.health).toEqual({ state: 'healthy', message: 'password is 3 long' })
  env.files.write('/in', 'two')
  await env.clock.advance(9_999)
  expect(run.exports).toEqual({ content: 'one' })
  await env.clock.advance(1)
  expect(run.exports).toEqual({ content: 'two' })
  await run.restart()
  expect(env.state.get('reads')).toBe('3')
  expect(await run.stop()).toBe(true)
})

test('runComponent() connects outputs, settles by script and balances', async () => {
  const env = fakeEnv({ files: { '/in': '' } })
  const run = await runComponent(poll, { args: { filename: '/in', output: { traces: output('spans') } }, env })
  expect(Object.keys(run.outputs)).toEqual(['spans', 'output.logs'])
  expect(await run.send('receiver', batch)).toEqual(delivered)
  run.outputs['spans']!.outcome = refused('full')
  expect(await run.send('receiver', batch)).toEqual(refused('full'))
  expect(run.outputs['spans']!.batches).toHaveLength(2)
  expect(run.ledger.snapshot).toMatchObject({ in: 6, out: 3, refused: 3 })
  run.ledger.balance()
  run.ledger.created(1)
  expect(() => run.ledger.balance()).toThrow('7 records came, 6 are accounted for')
  await run.stop()
})

test('runComponent() connects no receiver where an empty list is given', async () => {
  const env = fakeEnv({ files: { '/in': '' } })
  const run = await runComponent(poll, { args: { filename: '/in', output: { traces: [] } }, env })
  expect(run.outputs['output.traces']!.receivers).toBe(0)
  await run.stop()
})

test('runComponent() refuses arguments that do not parse, and keeps the old ones on update', async () => {
  const env = fakeEnv({ files: { '/in': 'one', '/other': 'two' } })
  await expect(runComponent(poll, { args: { filename: 1, output: {} }, env })).rejects.toThrow()
  const run = await runComponent(poll, { args: { filename: '/in', output: {} }, env })
  await expect(run.update({ filename: '/in', every: 'soon', output: {} })).rejects.toThrow('duration')
  await run.update({ filename: '/other', output: {} })
  expect(run.exports).toEqual({ content: 'two' })
  await run.stop()
})
