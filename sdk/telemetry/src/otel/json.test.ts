import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readOtelJson } from './json-reader.ts'
import { decodeOtelMessage, writeOtelJson } from './json-writer.ts'
import { OtelFormatError } from './otel-format-error.ts'
import { readOtelRequest } from './otel-request.ts'
import { decode, encode, requestName, requests, signals } from './testdata/oracle.ts'

/** OTLP/JSON of a request, from the plain object that the oracle encodes. */
function toJson(value: unknown, name = ''): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString(name.endsWith('Id') ? 'hex' : 'base64')
  if (Object.is(value, -0)) return '-0'
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (Array.isArray(value)) return value.map((each) => toJson(each, name))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, toJson(each, key)]))
}

describe.each(signals)('%s', (signal) => {
  const name = requestName[signal]

  test('readOtelJson() gives the protobuf of the same request', () => {
    fc.assert(
      fc.property(requests(signal), (value) => {
        const batch = readOtelJson(JSON.stringify(toJson(value)), signal)
        const bytes = encode(name, value)
        expect(decode(name, batch.bytes)).toEqual(decode(name, bytes))
        expect(batch.count).toBe(readOtelRequest(bytes, signal).count)
      }),
    )
  })

  test('writeOtelJson() gives what readOtelJson() reads back', () => {
    fc.assert(
      fc.property(requests(signal), (value) => {
        const batch = readOtelRequest(encode(name, value), signal)
        const again = readOtelJson(writeOtelJson(batch), signal)
        expect(decode(name, again.bytes)).toEqual(decode(name, batch.bytes))
      }),
    )
  })

  test('readOtelJson() fails on any other JSON with its own error, or reads it', () => {
    fc.assert(
      fc.property(requests(signal), fc.jsonValue(), fc.nat(), (value, other, at) => {
        // Puts any value in the place of some other.
        let places = 0
        const text = JSON.stringify(toJson(value), (_key, each: unknown) => (places++ === at % 40 ? other : each))
        try {
          readOtelJson(text, signal)
        } catch (error) {
          expect(error).toBeInstanceOf(OtelFormatError)
        }
      }),
      { numRuns: 500 },
    )
  })
})

const trace = {
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
      scopeSpans: [
        {
          scope: { name: 'lib', version: '1' },
          spans: [
            {
              traceId: '5b8efff798038103d269b633813fc60c',
              spanId: 'eee19b7ec3c1b174',
              name: 'I am a span',
              kind: 2,
              startTimeUnixNano: '1544712660000000000',
              attributes: [
                { key: 'n', value: { intValue: '-9223372036854775808' } },
                { key: 'b', value: { bytesValue: '+/8=' } },
                { key: 'd', value: { doubleValue: 'NaN' } },
                { key: 'l', value: { arrayValue: { values: [{ boolValue: false }] } } },
              ],
              status: { code: 1 },
              flags: 257,
            },
          ],
        },
      ],
    },
  ],
}

describe('OTLP/JSON', () => {
  test('keeps names, ids, enums and large integers as the specification writes them', () => {
    expect(JSON.parse(writeOtelJson(readOtelJson(JSON.stringify(trace), 'otel.traces')))).toEqual(trace)
  })

  test('takes 64-bit integers as numbers with all of their digits, and ids in capitals', () => {
    const text =
      '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5B8EFFF798038103D269B633813FC60C","endTimeUnixNano":1544712660300000001}]}]}]}'
    expect(JSON.parse(writeOtelJson(readOtelJson(text, 'otel.traces')))).toEqual({
      resourceSpans: [
        {
          scopeSpans: [
            { spans: [{ traceId: '5b8efff798038103d269b633813fc60c', endTimeUnixNano: '1544712660300000001' }] },
          ],
        },
      ],
    })
  })

  test('ignores names that OTLP does not have, and null', () => {
    const text = '{"resource_spans":[1],"other":{"x":1},"resourceSpans":[{"schemaUrl":null,"extra":[{}]}]}'
    expect(writeOtelJson(readOtelJson(text, 'otel.traces'))).toBe('{"resourceSpans":[{}]}')
  })

  test.each([
    ['[]', 'request is a list, want an object'],
    ['{"resourceLogs":{}}', 'resourceLogs is an object, want a list'],
    [
      '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityNumber":"INFO"}]}]}]}',
      'resourceLogs[0].scopeLogs[0].logRecords[0].severityNumber is INFO, want an integer from -2147483648 to 2147483647',
    ],
    [
      '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"traceId":"xyz"}]}]}]}',
      'logRecords[0].traceId is xyz, want 32 hexadecimal digits',
    ],
    ['{"resourceLogs":[{"schemaUrl":5}]}', 'resourceLogs[0].schemaUrl is 5, want a text'],
    ['{', 'found text that is not JSON'],
  ])('says what is wrong in %s', (text, message) => {
    expect(() => readOtelJson(text, 'otel.logs')).toThrow(message)
  })

  test('refuses values that nest without end', () => {
    const body = `${'{"arrayValue":{"values":['.repeat(5000)}{"intValue":"1"}${']}}'.repeat(5000)}`
    const text = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${body}}]}]}]}`
    expect(() => readOtelJson(text, 'otel.logs')).toThrow('want at most 100 levels')
  })

  test('decodeOtelMessage() reads one message alone', () => {
    const bytes = encode('Resource', { attributes: [{ key: 'a', value: { intValue: '5' } }] })
    expect(decodeOtelMessage('Resource', bytes)).toEqual({ attributes: [{ key: 'a', value: { intValue: '5' } }] })
  })
})
