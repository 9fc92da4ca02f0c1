import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Labels } from '../labels.ts'
import { encodeUtf8 } from '../utf8/utf8.ts'
import { ExpositionError } from './exposition-error.ts'
import { ExpositionParser, type ExpositionFormat } from './exposition-parser.ts'
import { SeriesArena } from './series-arena.ts'
import { isStale, staleNaN, wordsOf } from './special-values.ts'

function target() {
  const table = new SeriesArena()
  const parser = new ExpositionParser((pairs) => table.add(Labels.from(pairs)))
  const scrape = (
    text: string,
    options: { format?: ExpositionFormat; piece?: number; honorTimestamps?: boolean } = {},
  ) => {
    const bytes = encodeUtf8(text)
    const { format = 'text', piece = bytes.length, honorTimestamps = true } = options
    parser.begin({ format, honorTimestamps })
    for (let at = 0; at < bytes.length; at += piece) parser.push(bytes.slice(at, at + piece))
    parser.end()
    return rows(parser, table)
  }
  return { table, parser, scrape }
}

type Row = [string, number, number | undefined]
function rows(parser: ExpositionParser, table: SeriesArena): Row[] {
  const { samples } = parser
  return [...samples.column].map((series, i) => {
    const at = samples.explicit?.[i]
    return [
      JSON.stringify(table.labels(series).toObject()),
      samples.values[i]!,
      at === undefined || Number.isNaN(at) ? undefined : at,
    ]
  })
}

/** A reader that shares nothing with ours: lines, one regular expression, `Number`. */
function simpleReader(text: string): Row[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name, inside = '', value, time] = /^([a-zA-Z_:][\w:]*)\s*(?:\{(.*)\})?\s*(\S+)(?:\s+(\S+))?$/s.exec(
        line,
      )!
      const labels = [...inside.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)].map(
        ([, key, raw]): [string, string] => [
          key!,
          raw!.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char)),
        ],
      )
      return [
        JSON.stringify(Labels.from([['__name__', name!], ...labels]).toObject()),
        Number(value!.replace('Inf', 'Infinity')),
        time === undefined ? undefined : Number(time),
      ]
    })
}

const name = fc.stringMatching(/^[a-z_:][a-z0-9_:]{0,12}$/)
const labelName = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/)
const number = fc.oneof(
  fc.double({ noNaN: true }).map((value) => (Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf')),
  fc.integer().map(String),
  fc.integer({ min: 0, max: 1e6 }).map((value) => (value / 1000).toFixed(3)),
)
const escaped = (value: string) =>
  value.toWellFormed().replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
const series = fc
  .tuple(
    name,
    fc.uniqueArray(fc.tuple(labelName, fc.string({ unit: 'grapheme', maxLength: 12 })), {
      maxLength: 4,
      selector: ([key]) => key,
    }),
  )
  .map(([metric, labels]) =>
    labels.length === 0 ? metric : `${metric}{${labels.map(([key, value]) => `${key}="${escaped(value)}"`).join(',')}}`,
  )
const exposition = fc
  .uniqueArray(fc.tuple(series, number, fc.option(fc.nat(), { nil: undefined })), {
    maxLength: 30,
    selector: ([key]) => key,
  })
  .map((lines) =>
    lines.map(([key, value, time]) => `${key} ${value}${time === undefined ? '' : ` ${time}`}\n`).join(''),
  )

describe('ExpositionParser', () => {
  test('reads the text format as a simple reader does, scrape after scrape, in pieces of any size', () => {
    fc.assert(
      fc.property(
        fc.array(exposition, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 300 }),
        (texts, piece) => {
          const { scrape } = target()
          for (const text of [...texts, ...texts]) {
            const wanted = simpleReader(text)
            const distinct = new Set(wanted.map(([labels]) => labels))
            fc.pre(distinct.size === wanted.length)
            expect(scrape(text, { piece })).toEqual(wanted)
          }
        },
      ),
      { numRuns: 150 },
    )
  })

  test('rounds every double as Number does, to the bit', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }), (values) => {
        const { scrape } = target()
        const texts = values.map((value, i) =>
          Object.is(value, -0) ? '-0.0' : i % 2 === 0 ? String(value) : value.toExponential(),
        )
        const found = scrape(texts.map((text, i) => `m${i} ${text}\n`).join(''))
        found.forEach(([, value], i) => expect(Object.is(value, Number(texts[i]))).toBe(true))
      }),
    )
  })

  test('accepts blanks where the format allows them', () => {
    const { scrape } = target()
    const text = '\n  # a comment\nup {\ta = "b" , c="d",} \t1\t123 \nup 2\n'
    for (let i = 0; i < 2; i++) {
      expect(scrape(text)).toEqual([
        ['{"__name__":"up","a":"b","c":"d"}', 1, 123],
        ['{"__name__":"up"}', 2, undefined],
      ])
    }
    expect(scrape('up {x="y"} 3')).toEqual([['{"__name__":"up","x":"y"}', 3, undefined]])
  })

  test('reads a quoted metric name', () => {
    expect(target().scrape('{"http.requests",code="200"} 5\n')).toEqual([
      ['{"__name__":"http.requests","code":"200"}', 5, undefined],
    ])
  })

  test('reads OpenMetrics: timestamps in seconds, exemplars, metadata with units', () => {
    const { scrape, parser } = target()
    const text = `# HELP foo_seconds Some "help" with \\n a line
# TYPE foo_seconds counter
# UNIT foo_seconds seconds
foo_seconds_total{a="b"} 17.0 1520879607.789 # {trace_id="KOO5S4vxi0o",x="} #"} 0.67 1520879607.7
foo_seconds_total 18 # {} 1
foo_created 1
# EOF
`
    for (let i = 0; i < 2; i++) {
      expect(scrape(text, { format: 'openmetrics', piece: 7 })).toEqual([
        ['{"__name__":"foo_seconds_total","a":"b"}', 17, 1520879607789],
        ['{"__name__":"foo_seconds_total"}', 18, undefined],
        ['{"__name__":"foo_created"}', 1, undefined],
      ])
      expect(parser.exemplars.map(({ labels, ...rest }) => ({ ...rest, labels: labels.toObject() }))).toEqual([
        { sample: 0, labels: { trace_id: 'KOO5S4vxi0o', x: '} #' }, value: 0.67, timestampMs: 1520879607700 },
        { sample: 1, labels: {}, value: 1, timestampMs: undefined },
      ])
      expect(Object.fromEntries(parser.metadata.changed)).toEqual(
        i > 0 ? {} : { foo_seconds: { type: 'counter', help: 'Some "help" with \n a line', unit: 'seconds' } },
      )
    }
    expect(scrape(text, { format: 'openmetrics', honorTimestamps: false })[0]?.[2]).toBeUndefined()
  })

  test('tells which series have ended, and shares the column of an unchanged scrape', () => {
    const { scrape, parser } = target()
    scrape('a 1\nb 2\nc 3\n')
    const first = parser.samples.column
    expect(parser.samples.ended(false)).toEqual([])
    expect(parser.added).toBe(3)
    scrape('a 1\nb 5\nc 3\n')
    expect(parser.samples.column).toBe(first)
    expect(parser.samples.ended(false)).toEqual([])
    scrape('a 1\nd 2\nc 3 99\n')
    expect(parser.samples.ended(false)).toEqual([1])
    expect(parser.added).toBe(1)
    scrape('d 2\n')
    expect(parser.samples.ended(false)).toEqual([0])
    expect([...parser.samples.endAll()]).toEqual([3])
    expect([...parser.samples.endAll()]).toEqual([])
  })

  test('counts a second sample of a series in one scrape and leaves it out', () => {
    const { scrape, parser } = target()
    expect(scrape('a 1\na 2\n')).toHaveLength(1)
    expect(parser.duplicates).toBe(1)
    expect(parser.scraped).toBe(2)
  })

  test('keeps the bits of NaN', () => {
    const { scrape, parser } = target()
    scrape('a NaN\nb nan\n')
    const words = wordsOf(parser.samples.values)
    expect([words[1], words[0]]).toEqual([0x7ff80000, 1])
    parser.samples.addBits(0, staleNaN)
    expect(isStale(words, 2)).toBe(true)
    expect(isStale(words, 1)).toBe(false)
  })

  test('forgets ended lines when compacted, and goes on', () => {
    const { scrape, parser } = target()
    for (let i = 0; i < 5; i++) scrape(`a 1\nb{i="${i}"} 2\n# TYPE a gauge\n`)
    parser.samples.ended(false)
    expect(parser.remembered).toEqual({ keys: 7, live: 3 })
    parser.compact((id) => id + 100)
    expect(parser.remembered).toEqual({ keys: 3, live: 3 })
    parser.begin({ format: 'text', honorTimestamps: true })
    parser.push(encodeUtf8('a 1\n# TYPE a gauge\n'))
    parser.end()
    expect([...parser.samples.column]).toEqual([100])
    expect(parser.samples.ended(false)).toEqual([105])
  })

  test.each<[string, ExpositionFormat, number, string]>([
    ['a 1\nb x\n', 'text', 2, 'want a number'],
    ['a{b="c" 1\n', 'text', 1, 'not closed'],
    ['a{b=c} 1\n', 'text', 1, 'no quoted value'],
    ['a{b="c",b="d"} 1\n', 'text', 1, 'label "b" twice'],
    ['a{b="c"}1\n', 'text', 1, 'want a blank'],
    ['{b="c"} 1\n', 'text', 1, 'without a metric name'],
    ['a 1 1.5\n', 'text', 1, 'want a timestamp'],
    ['a 1 2 3\n', 'text', 1, 'after the sample'],
    ['a 0x10\n', 'text', 1, 'want a number'],
    ['a 1_000\n', 'text', 1, 'want a number'],
    ['9a 1\n', 'text', 1, 'in a name'],
    ['# TYPE a nonsense\n', 'text', 1, 'invalid metric type'],
    ['a 1\n', 'openmetrics', 1, 'does not end with'],
    ['a 1\n\n# EOF\n', 'openmetrics', 2, 'empty line'],
    ['# EOF\na 1\n', 'openmetrics', 2, 'after "# EOF"'],
    ['a 1 # x\n# EOF\n', 'openmetrics', 1, 'exemplar without'],
  ])('refuses %j in %s', (text, format, line, message) => {
    const { scrape } = target()
    let error: unknown
    try {
      scrape(text, { format })
    } catch (caught) {
      error = caught
    }
    expect(error).toBeInstanceOf(ExpositionError)
    expect((error as ExpositionError).line).toBe(line)
    expect((error as Error).message).toContain(message)
  })

  test('throws only its own error on any text', () => {
    const piece = fc.constantFrom(
      'a',
      '{',
      '}',
      '"',
      '\\',
      '=',
      ',',
      ' ',
      '\n',
      '#',
      '1',
      '.',
      'e',
      '-',
      '# EOF\n',
      '# TYPE a gauge\n',
      'b="c"',
      'NaN',
      '\u00e9',
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }),
        fc.constantFrom<ExpositionFormat>('text', 'openmetrics'),
        (pieces, format) => {
          const { scrape } = target()
          for (let i = 0; i < 2; i++) {
            try {
              scrape(pieces.join(''), { format })
            } catch (error) {
              expect(error).toBeInstanceOf(ExpositionError)
            }
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})
