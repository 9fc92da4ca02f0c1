import { linesOf, logsBatch, runComponent, testComponent } from '@ingot/testing'
import { expect, test } from 'vitest'
import toJson from './component.ts'

const args = {
  schema: `syntax = "proto3";
    enum Level { INFO = 0; ERROR = 1; }
    message Access { string path = 1; uint64 bytes = 2; Level level = 3; map<string, double> took = 4; bytes trace = 5; }`,
  message: 'Access',
}

/** `path: "/ü", bytes: 2^60, level: ERROR, took: { db: 0.5 }, trace: 01 02`. */
const message = Buffer.from('0a032fc3bc1080808080808080801018012a020102220d0a02646211000000000000e03f', 'hex')
const line = message.toString('base64')

testComponent(toJson, { args, send: [{ port: 'receiver', batch: logsBatch([line]) }] }, { test })

test('to_json reads what the schema describes, and drops the rest', async () => {
  const running = await runComponent(toJson, { args })
  await running.send('receiver', logsBatch([line, 'no base64!', '/////w==']))
  expect(linesOf(...running.output().batches).map((each) => JSON.parse(each) as unknown)).toEqual([
    { path: '/ü', bytes: '1152921504606846976', level: 'ERROR', took: { db: 0.5 }, trace: 'AQI=' },
  ])
  expect(running.ledger.snapshot.dropped).toEqual({ not_a_message: 2 })
  await running.stop()
})

test.each([
  [{ ...args, schema: 'message {' }, /illegal type name/],
  [{ ...args, message: 'Nothing' }, /no such type/i],
])('to_json ends with the reason when it cannot use %j', async (wrong, reason) => {
  const running = await runComponent(toJson, { args: wrong })
  expect(running.exit?.error?.message).toMatch(reason)
  await running.stop()
})
