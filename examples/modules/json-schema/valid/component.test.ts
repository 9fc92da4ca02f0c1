import { linesOf, logsBatch, runComponent, testComponent } from '@ingot/testing'
import { expect, test } from 'vitest'
import valid from './component.ts'

const schema = JSON.stringify({
  type: 'object',
  required: ['order'],
  properties: { order: { type: 'integer' }, total: { $ref: '#/$defs/amount' } },
  $defs: { amount: { type: 'number', minimum: 0 } },
})
const send = [{ port: 'receiver', batch: logsBatch(['{"order":1}']) }]

testComponent(valid, { args: { schema }, send }, { test })

test('valid keeps what fits the schema and says why it drops the rest', async () => {
  const running = await runComponent(valid, { args: { schema } })
  const lines = ['{"order":1,"total":2.5}', '{"order":"1"}', '{"order":2,"total":-1}', 'order 3', '{"order":4}']
  await running.send('receiver', logsBatch(lines))
  expect(linesOf(...running.output().batches)).toEqual([lines[0], lines[4]])
  expect(running.ledger.snapshot.dropped).toEqual({ not_json: 1, not_valid: 2 })
  await running.stop()
})

test.each(['{', '3', 'null'])('valid refuses %s as a schema', async (text) => {
  await expect(runComponent(valid, { args: { schema: text } })).rejects.toThrow('want a JSON Schema, as JSON')
})
