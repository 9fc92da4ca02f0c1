import { Labels, lineBytes, LogsBatchBuilder, type LogsBatch } from '@ingot/telemetry'
import { refused } from '@ingot/sdk'
import { fakeEnv, runComponent, testComponent } from '@ingot/testing'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import processComponent from './component.ts'

const now = Date.UTC(2026, 10, 22, 18, 0, 0)

function batchOf(lines: readonly string[], labels: Record<string, string> = { app: 'web' }): LogsBatch {
  const builder = new LogsBatchBuilder()
  const set = Labels.from(Object.entries(labels))
  lines.forEach((line, i) => {
    const bytes = Buffer.from(line)
    builder.append(builder.stream(set), bytes, 0, bytes.length, now / 1000 - i, i)
  })
  return builder.build()
}

interface Seen {
  readonly line: string
  readonly labels: Record<string, string>
  readonly time: string
  readonly metadata: Record<string, string>
}

function seen(batches: readonly LogsBatch[]): Seen[] {
  return batches.flatMap((batch) =>
    Array.from({ length: batch.count }, (_, i) => ({
      line: Buffer.from(lineBytes(batch, i)).toString(),
      labels: batch.streams[batch.streamIds[i]!]!.toObject(),
      time: `${new Date(batch.seconds[i]! * 1000).toISOString().slice(0, 19)}.${String(batch.nanos[i]).padStart(9, '0')}`,
      metadata: batch.metadata?.[i]?.toObject() ?? {},
    })),
  )
}

type Stage = readonly [name: string, value: object]
const blocks = (stages: readonly Stage[]) => stages.map(([name, value]) => ({ name, value }))

/** What comes out of the stages, and what the ledger says. */
async function through(stages: readonly Stage[], lines: readonly string[], labels?: Record<string, string>) {
  const run = await runComponent(processComponent, { args: { stage: blocks(stages) }, env: fakeEnv({ now }) })
  await run.send('receiver', batchOf(lines, labels))
  run.ledger.balance()
  await run.stop()
  return {
    entries: seen((run.outputs['forward_to']?.batches ?? []) as LogsBatch[]),
    dropped: run.ledger.snapshot.dropped,
  }
}

const rejected = (stages: readonly Stage[]) => runComponent(processComponent, { args: { stage: blocks(stages) } })

testComponent(
  processComponent,
  {
    args: { stage: blocks([['static_labels', { values: { a: 'b' } }]]) },
    send: [{ port: 'receiver', batch: batchOf(['one']) }],
  },
  { test },
)

test('loki.process without stages passes entries on, lines untouched', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 10 }), async (lines) => {
      expect((await through([], lines)).entries.map(({ line }) => line)).toEqual(lines)
    }),
    { numRuns: 20 },
  )
})

test('stage.json reads fields, paths and JMESPath expressions; stage.labels makes them labels', async () => {
  const line = '{"level":"warn","n":1.50,"big":1e21,"ok":true,"no":null,"deep":{"a":[{"b":"x"}]},"log":"inner"}'
  const expressions = { level: '', n: '', big: '', ok: '', no: '', first: 'deep.a[0].b', deep: '', missing: '' }
  const values = Object.fromEntries(Object.keys(expressions).map((name) => [name, '']))
  const { entries } = await through(
    [
      ['json', { expressions }],
      ['labels', { values }],
    ],
    [line, 'not json'],
  )
  expect(entries[0]!.labels).toEqual({
    app: 'web',
    level: 'warn',
    n: '1.5',
    big: '1000000000000000000000',
    ok: 'true',
    first: 'x',
    deep: '{"a":[{"b":"x"}]}',
  })
  expect(entries[1]!.labels).toEqual({ app: 'web' })
  const malformed = await through([['json', { expressions: { a: '' }, drop_malformed: true }]], ['{}', '{'])
  expect(malformed.dropped).toEqual({ malformed_json: 1 })
  await expect(rejected([['json', { expressions: { a: '[[' } }]])).resolves.toMatchObject({
    exit: { error: expect.anything() },
  })
})

test('stage.json reads a source, and fields by pattern', async () => {
  const stages: Stage[] = [
    ['json', { expressions: { log: '' } }],
    ['json', { source: 'log', regex: '^k' }],
    ['labels', { values: { ka: '', kb: '', other: '' } }],
  ]
  const { entries } = await through(stages, [JSON.stringify({ log: '{"ka":"1","kb":"2","other":"3"}' })])
  expect(entries[0]!.labels).toEqual({ app: 'web', ka: '1', kb: '2' })
})

test('stage.regex extracts its named groups, and makes them labels when told so', async () => {
  const expression = '^(?P<ip>\\S+) (?:x|y) [(](?P<n>\\d+)[)]( opt)?(?P<rest>.*)$'
  const first = await through(
    [
      ['regex', { expression }],
      ['labels', { values: { ip: '', n: '', r: 'rest' } }],
    ],
    ['1.2.3.4 y (42) opt end', 'no'],
  )
  expect(first.entries.map(({ labels }) => labels)).toEqual([
    { app: 'web', ip: '1.2.3.4', n: '42', r: ' end' },
    { app: 'web' },
  ])
  const second = await through(
    [['regex', { expression: '(?P<word>\\w+)', source: 'app', labels_from_groups: true }]],
    ['x'],
  )
  expect(second.entries[0]!.labels).toEqual({ app: 'web', word: 'web' })
})

test('stage.logfmt reads what a direct model reads', async () => {
  const value = fc.oneof(fc.stringMatching(/^[a-z0-9./:-]{0,8}$/), fc.string({ maxLength: 8 }))
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c_d', 'level'), value), { selector: ([key]) => key }),
      async (pairs) => {
        const line = pairs
          .map(([key, text]) => `${key}=${/^[a-z0-9./:-]*$/.test(text) ? text : JSON.stringify(text)}`)
          .join(' ')
        const { entries } = await through(
          [
            ['logfmt', { mapping: { a: '', b: '', x: 'c_d', level: '' } }],
            ['labels', { values: { a: '', b: '', x: '', level: '' } }],
          ],
          [line],
        )
        const want = Object.fromEntries(
          pairs.filter(([, text]) => text !== '').map(([key, text]) => [key === 'c_d' ? 'x' : key, text]),
        )
        expect(entries[0]!.labels).toEqual({ app: 'web', ...want })
      },
    ),
    { numRuns: 50 },
  )
  const { entries } = await through(
    [
      ['logfmt', { mapping: { flag: '', msg: '' } }],
      ['output', { source: 'msg' }],
    ],
    ['flag msg="a \\"b\\"" tail'],
  )
  expect(entries[0]!.line).toBe('a "b"')
})

test('stage.timestamp reads Go layouts, named formats and Unix times', async () => {
  const cases: readonly (readonly [format: string, text: string, want: string, more?: object])[] = [
    ['RFC3339', '2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000000000'],
    ['RFC3339Nano', '2026-01-02T03:04:05.123456789+02:00', '2026-01-02T01:04:05.123456789'],
    ['RFC3339', '2024-02-29T23:59:59.5-01:30', '2024-03-01T01:29:59.500000000'],
    ['Unix', '1700000000', '2023-11-14T22:13:20.000000000'],
    ['Unix', '1700000000.25', '2023-11-14T22:13:20.250000000'],
    ['UnixMs', '1700000000123', '2023-11-14T22:13:20.123000000'],
    ['UnixNs', '1700000000123456789', '2023-11-14T22:13:20.123456789'],
    ['ANSIC', 'Mon Jan  2 15:04:05 2006', '2006-01-02T15:04:05.000000000'],
    ['RFC1123Z', 'Mon, 02 Jan 2006 15:04:05 -0700', '2006-01-02T22:04:05.000000000'],
    ['RFC850', 'Monday, 02-Jan-06 15:04:05 UTC', '2006-01-02T15:04:05.000000000'],
    ['02/Jan/2006:15:04:05 -0700', '22/Nov/2026:18:21:11 +0100', '2026-11-22T17:21:11.000000000'],
    ['2006-01-02 15:04:05,000', '2026-11-22 18:21:11,042', '2026-11-22T18:21:11.042000000'],
    ['2006-01-02 15:04:05.999', '2026-11-22 18:21:11', '2026-11-22T18:21:11.000000000'],
    ['2006-01-02 15:04:05', '2026-11-22 18:21:11.5', '2026-11-22T18:21:11.500000000'],
    ['1/2/06 3:04PM', '7/4/26 1:05PM', '2026-07-04T13:05:00.000000000'],
    ['Jan _2 15:04:05', 'Jul  4 01:02:03', '2026-07-04T01:02:03.000000000'],
    ['2006-01-02 15:04:05', '2026-07-01 12:00:00', '2026-07-01T10:00:00.000000000', { location: 'Europe/Berlin' }],
    ['2006-01-02 15:04:05', '2026-12-01 12:00:00', '2026-12-01T17:00:00.000000000', { location: 'America/New_York' }],
    ['2006-002', '2026-032', '2026-02-01T00:00:00.000000000'],
  ]
  for (const [format, text, want, more] of cases) {
    const { entries } = await through(
      [
        ['json', { expressions: { t: '' } }],
        ['timestamp', { source: 't', format, ...more }],
      ],
      [JSON.stringify({ t: text })],
    )
    expect([format, text, entries[0]!.time]).toEqual([format, text, want])
  }
})

test('stage.timestamp reads every RFC 3339 time as Date does', async () => {
  const dates = fc.date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T00:00:00Z'),
    noInvalidDate: true,
  })
  await fc.assert(
    fc.asyncProperty(fc.array(dates, { minLength: 1 }), async (times) => {
      const lines = times.map((time) => JSON.stringify({ t: time.toISOString() }))
      const stages: Stage[] = [
        ['json', { expressions: { t: '' } }],
        ['timestamp', { source: 't', format: 'RFC3339Nano', action_on_duplicate_timestamp: 'keep' }],
      ]
      const { entries } = await through(stages, lines)
      expect(entries.map(({ time }) => time)).toEqual(times.map((time) => `${time.toISOString().slice(0, 23)}000000`))
    }),
    { numRuns: 20 },
  )
})

test('stage.timestamp fudges what it cannot read and what is repeated, or leaves it', async () => {
  const lines = ['2026-01-02T00:00:00Z', 'x', '2026-01-02T00:00:00Z', '2026-01-02T00:00:01Z', '2026-13-02T00:00:00Z']
  const stages = (more: object): Stage[] => [
    ['regex', { expression: '^(?P<t>.*)$' }],
    ['timestamp', { source: 't', format: 'RFC3339', ...more }],
  ]
  const times = async (more: object) => (await through(stages(more), lines)).entries.map(({ time }) => time.slice(11))
  expect(await times({})).toEqual([
    '00:00:00.000000000',
    '00:00:00.000000001',
    '00:00:00.000000002',
    '00:00:01.000000000',
    '00:00:01.000000001',
  ])
  expect(await times({ action_on_failure: 'skip', action_on_duplicate_timestamp: 'keep' })).toEqual([
    '00:00:00.000000000',
    '17:59:59.000000001',
    '00:00:00.000000000',
    '00:00:01.000000000',
    '17:59:56.000000004',
  ])
})

test('stage.output replaces the line, by bytes of the line where it can', async () => {
  for (const message of ['inner', 'grüße 😀', 'tab\there', '']) {
    const { entries } = await through(
      [
        ['json', { expressions: { m: '' } }],
        ['output', { source: 'm' }],
      ],
      [JSON.stringify({ a: 'é', m: message }), 'x'],
    )
    expect(entries.map(({ line }) => line)).toEqual([message, 'x'])
  }
})

test('stage.docker takes line, stream and time', async () => {
  const { entries } = await through(
    [['docker', {}]],
    ['{"log":"hello\\n","stream":"stderr","time":"2026-01-02T03:04:05.5Z"}', 'plain'],
  )
  expect(entries[0]).toMatchObject({
    line: 'hello\n',
    labels: { app: 'web', stream: 'stderr' },
    time: '2026-01-02T03:04:05.500000000',
  })
  expect(entries[1]).toMatchObject({ line: 'plain', labels: { app: 'web' } })
})

test('stage.drop drops when all its conditions hold, under its reason', async () => {
  const lines = ['short', 'a much longer line', 'secret thing']
  const kept = async (value: object) =>
    (
      await through(
        [
          ['regex', { expression: '^(?P<first>\\w+) (?P<second>\\w+)' }],
          ['drop', value],
        ],
        lines,
      )
    ).entries.map(({ line }) => line)
  expect(await kept({ expression: 'much|secret' })).toEqual(['short'])
  expect(await kept({ longer_than: '12B' })).toEqual(['short', 'secret thing'])
  expect(await kept({ longer_than: '12B', expression: 'secret' })).toEqual(lines)
  expect(await kept({ source: 'first' })).toEqual(['short'])
  expect(await kept({ source: 'first', value: 'secret' })).toEqual(lines.slice(0, 2))
  expect(await kept({ source: 'first,second', expression: '^a;much$' })).toEqual(['short', 'secret thing'])
  expect(await kept({ source: 'first,second', separator: '-', expression: '^a-much$' })).toEqual([
    'short',
    'secret thing',
  ])
  expect(await kept({ older_than: '1500ms' })).toEqual(lines.slice(0, 2))
  const { dropped } = await through([['drop', { expression: '.', drop_counter_reason: 'all' }]], lines)
  expect(dropped).toEqual({ all: 3 })
  await expect(rejected([['drop', {}]])).rejects.toThrow('at least one of')
})

test('stage.match applies nested stages to what its selector matches, or drops it', async () => {
  const lines = ['GET error 1', 'GET fine 2', 'POST error 3']
  const inner = blocks([['static_labels', { values: { hit: 'yes' } }]])
  const hits = async (selector: string) =>
    (await through([['match', { selector, stage: inner }]], lines)).entries
      .filter(({ labels }) => labels['hit'])
      .map(({ line }) => line.at(-1))
  expect(await hits('{app="web"}')).toEqual(['1', '2', '3'])
  expect(await hits('{app=~"w.*", nope=""} |= "error"')).toEqual(['1', '3'])
  expect(await hits('{app!="web"}')).toEqual([])
  expect(await hits('{app!~"we"} |~ "GET|POST" != `fine` !~ "3$"')).toEqual(['1'])
  expect(await hits('{app="web"} |= "fine" or "POST"')).toEqual(['2', '3'])
  const { entries, dropped } = await through([['match', { selector: '{app="web"} |= "error"', action: 'drop' }]], lines)
  expect(entries.map(({ line }) => line)).toEqual(['GET fine 2'])
  expect(dropped).toEqual({ match_stage: 2 })
  await expect(rejected([['match', { selector: '{app=', stage: inner }]])).rejects.toThrow('found the end, want')
  await expect(rejected([['match', { selector: '{app="web"}' }]])).rejects.toThrow(
    'which \\"action\\" \\"keep\\" needs',
  )
})

test('label, tenant and metadata stages change what they say', async () => {
  const stages: Stage[] = [
    ['static_labels', { values: { env: 'prod', gone: 'x' } }],
    ['label_drop', { values: ['gone'] }],
    ['tenant', { label: 'env' }],
    ['regex', { expression: '(?P<user>\\w+)' }],
    ['structured_metadata', { values: { user: '', who: 'user' } }],
    ['structured_metadata_drop', { values: ['who'] }],
    ['label_keep', { values: ['env', '__tenant_id__'] }],
  ]
  const { entries } = await through(stages, ['alice'])
  expect(entries[0]).toMatchObject({ labels: { env: 'prod', __tenant_id__: 'prod' }, metadata: { user: 'alice' } })
})

test('stage.decolorize removes colours, stage.sampling keeps its share', async () => {
  expect((await through([['decolorize', {}]], ['\u001b[31mred\u001b[0m'])).entries[0]!.line).toBe('red')
  expect((await through([['sampling', { rate: 0.4 }]], ['a', 'b'])).dropped).toEqual({ sampling_stage: 2 })
})

test('a stage that is not available is rejected', async () => {
  await expect(rejected([['template', { source: 'a', template: 'b' }]])).rejects.toThrow()
})

test('loki.process counts no drop of a batch that is refused, and goes on with new stages after an update', async () => {
  const run = await runComponent(processComponent, { args: { stage: blocks([['drop', { expression: 'b' }]]) } })
  run.outputs['forward_to']!.outcome = refused('full')
  expect((await run.send('receiver', batchOf(['a', 'b']))).status).toBe('refused')
  expect(run.ledger.snapshot.dropped).toEqual({})
  run.ledger.balance()
  await run.update({ stage: blocks([['drop', { expression: 'a' }]]) })
  run.outputs['forward_to']!.outcome = { status: 'delivered' }
  expect((await run.send('receiver', batchOf(['a', 'b']))).status).toBe('delivered')
  expect(seen(run.outputs['forward_to']!.batches.slice(-1) as LogsBatch[])[0]!.line).toBe('b')
  run.ledger.balance()
  await run.stop()
})
