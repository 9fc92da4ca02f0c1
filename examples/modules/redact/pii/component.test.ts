import { runComponent, testComponent } from '@ingot/testing'
import { Labels, type LogsBatch } from '@ingot/telemetry'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import pii from './component.ts'

const utf8 = new TextEncoder()

function logs(lines: readonly string[], metadata?: LogsBatch['metadata']): LogsBatch {
  const parts = lines.map((line) => utf8.encode(line))
  const starts = new Uint32Array(parts.length)
  const ends = new Uint32Array(parts.length)
  const arena = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  parts.forEach((part, i) => {
    starts[i] = at
    arena.set(part, at)
    at += part.length
    ends[i] = at
  })
  const count = parts.length
  return {
    type: 'loki.logs',
    count,
    arena,
    starts,
    ends,
    streamIds: new Uint32Array(count),
    streams: [Labels.from([['job', 'test']])],
    seconds: new Float64Array(count),
    nanos: new Uint32Array(count),
    ...(metadata && { metadata }),
  }
}

function linesOf(batch: LogsBatch): string[] {
  return Array.from({ length: batch.count }, (_, i) =>
    new TextDecoder().decode(batch.arena.subarray(batch.starts[i], batch.ends[i])),
  )
}

async function mask(lines: readonly string[], args: object = {}): Promise<string[]> {
  const running = await runComponent(pii, { args })
  await running.send('receiver', logs(lines))
  const [batch] = running.outputs['forward_to']!.batches as LogsBatch[]
  await running.stop()
  return linesOf(batch!)
}

testComponent(pii, { args: {}, send: [{ port: 'receiver', batch: logs(['a@b.example']) }] }, { test })

test.each([
  ['a whole card number', 'card=4111111111111111;', 'card=****************;'],
  ['a card number in groups', 'card="4111 1111 1111 1111" ok', 'card="*******************" ok'],
  ['dashes and 15 digits', 'amex 3782-822463-10005.', 'amex *****************.'],
  ['a card number after a date', '2024-01-02 4111111111111111', '2024-01-02 ****************'],
  ['an e-mail address', 'from jo.doe+x@mail.example.org, ok', 'from *************************, ok'],
  ['an address in quotes', 'user="jo@example.org" ip=1', 'user="**************" ip=1'],
  ['an address after an equals sign', 'user=jo@example.org&x=1', 'user=**************&x=1'],
  ['a bearer token', 'Authorization: Bearer abc.def-123_ok=', 'Authorization: Bearer ***************'],
  ['a bearer token in small letters', 'authorization: bearer  0123456789', 'authorization: bearer  **********'],
  ['two things in one line', 'a@b.example 4111111111111111', '*********** ****************'],
  [
    'text around of other scripts',
    'grüße an müller@exämple.org 4111111111111111 ☃',
    'grüße an ******************** **************** ☃',
  ],
])('redact.pii masks %s', async (_, line, expected) => {
  expect(await mask([line])).toEqual([expected])
})

test.each([
  ['digits without a valid check digit', '4111111111111112'],
  ['a longer number', '41111111111111111111111'],
  ['digits inside of a word', 'id4111111111111111'],
  ['a time in milliseconds and nanoseconds', 'ts=1700000000006 1700000000000000006'],
  ['dates and addresses', '2024-01-02 10:20:30 10.0.0.1 550e8400-e29b-41d4-a716-446655440000'],
  ['an at sign without an address', 'user @ home, ssh git@host'],
  ['the word bearer in speech', 'the bearer of this'],
])('redact.pii leaves %s alone', async (_, line) => {
  expect(await mask([line])).toEqual([line])
})

test('redact.pii masks only the kinds that it is told to', async () => {
  const line = 'a@b.example Bearer 12345678 4111111111111111'
  expect(await mask([line], { mask: ['email'] })).toEqual(['*********** Bearer 12345678 4111111111111111'])
})

test('redact.pii does not join what stands at the end of one line and the beginning of the next', async () => {
  const lines = ['pay 4111 1111', '1111 1111 done', 'jo', '@example.org']
  expect(await mask(lines)).toEqual(lines)
})

test('redact.pii masks structured metadata and keeps the batch that it was given', async () => {
  const batch = logs(['jo@example.org'], [Labels.from([['user', 'jo@example.org']])])
  const running = await runComponent(pii, { args: {} })
  await running.send('receiver', batch)
  const [masked] = running.outputs['forward_to']!.batches as LogsBatch[]
  await running.stop()
  expect(masked!.metadata![0]!.toObject()).toEqual({ user: '**************' })
  expect(linesOf(batch)).toEqual(['jo@example.org'])
})

test('redact.pii keeps every line and its length, whatever it holds', async () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom('4111 1111 1111 1111', 'a@b.example', 'Bearer ', '@', '-', '12345678'),
  )
  const line = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''))
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 5 }), async (lines) => {
      const masked = await mask(lines)
      expect(masked.map((text) => utf8.encode(text).length)).toEqual(
        lines.map((text) => utf8.encode(text.toWellFormed()).length),
      )
    }),
    { numRuns: 50 },
  )
})
