/** Packages of the ecosystem inside of modules: what they do in an isolate is what they do in Node.js. */
import { linesOf, logsBatch } from '@ingot/testing'
import type { LogsBatch } from '@ingot/telemetry'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Rooms, type BothRooms } from './both-rooms.ts'

let rooms: Rooms
beforeAll(async () => {
  rooms = await Rooms.open()
})
afterAll(() => rooms.close())

/** The runner's result, once it is known to be the lane's. */
function same({ component, runner, lane }: BothRooms) {
  expect(component.capabilities).toEqual({})
  expect(runner.outcomes).toEqual(lane.outcomes)
  expect(runner.ledger).toEqual(lane.ledger)
  expect(linesOf(...runner.emitted)).toEqual(linesOf(...lane.emitted))
  return { lines: linesOf(...runner.emitted), ledger: runner.ledger, batches: runner.emitted as readonly LogsBatch[] }
}

test('a date library reads times with their zones in an isolate', async () => {
  const args = { expression: String.raw`^\[([^\]]+)\]`, format: 'dd/MMM/yyyy:HH:mm:ss xx' }
  const lines = ['[22/Nov/2026:10:00:00 +0100] GET /', '[29/Feb/2024:23:59:59 -0330] GET /', 'no time']
  const ran = await rooms.run('timestamp', args, [logsBatch(lines)])
  const [batch] = same(ran).batches
  expect([...batch!.seconds].map((second) => new Date(second * 1_000).toISOString())).toEqual([
    '2026-11-22T09:00:00.000Z',
    '2024-03-01T03:29:59.000Z',
    '2026-01-01T00:00:00.000Z',
  ])
  expect([...batch!.seconds]).toEqual([...(ran.lane.emitted[0] as LogsBatch).seconds])
})

test('a validator of JSON Schema checks lines in an isolate', async () => {
  const schema = JSON.stringify({
    type: 'object',
    required: ['user', 'tags'],
    properties: {
      user: { type: 'string', format: 'email' },
      tags: { type: 'array', items: { enum: ['a', 'b'] }, uniqueItems: true },
    },
    unevaluatedProperties: false,
  })
  const lines = [
    '{"user":"jo@example.org","tags":["a","b"]}',
    '{"user":"jo","tags":[]}',
    '{"user":"jo@example.org","tags":["a","a"]}',
    '{"user":"jo@example.org","tags":[],"more":1}',
    'not json',
  ]
  const { lines: kept, ledger } = same(await rooms.run('json-schema', { schema }, [logsBatch(lines)]))
  expect(kept).toEqual([lines[0]])
  expect(ledger.dropped).toEqual({ not_json: 1, not_valid: 3 })
})

test('a protobuf codec reads messages in an isolate', async () => {
  const args = {
    schema: 'syntax = "proto3"; message Access { string path = 1; sint64 delta = 2; repeated uint32 hops = 3; }',
    message: 'Access',
  }
  // path: "/ü", delta: -3, hops: [1, 300]
  const line = Buffer.from('0a032fc3bc10051a0301ac02', 'hex').toString('base64')
  const { lines, ledger } = same(await rooms.run('protobuf', args, [logsBatch([line, '?'])]))
  expect(lines).toEqual(['{"hops":[1,300],"path":"/ü","delta":"-3"}'])
  expect(ledger.dropped).toEqual({ not_a_message: 1 })
})
