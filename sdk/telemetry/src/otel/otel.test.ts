import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProtobufWriter } from '../protobuf/protobuf-writer.ts'
import type { OtelSignal } from './batch.ts'
import { checkOtelRequest } from './check.ts'
import { mergeOtel } from './merge.ts'
import { OtelFormatError } from './otel-format-error.ts'
import { readOtelRequest } from './otel-request.ts'
import { recordsOf, resourcesOf, scopesOf } from './slices.ts'
import { splitOtel } from './split.ts'
import { decode, encode, recordTexts, requestName, requests, signals } from './testdata/oracle.ts'

const requestBytes = (signal: OtelSignal) => requests(signal).map((value) => encode(requestName[signal], value))

describe.each(signals)('%s', (signal) => {
  test('checkOtelRequest() counts the records that protobufjs finds', () => {
    fc.assert(
      fc.property(requestBytes(signal), (bytes) => {
        expect(checkOtelRequest(bytes, signal)).toBe(recordTexts(signal, bytes).length)
      }),
    )
  })

  test('mergeOtel() gives the records of all batches in their order', () => {
    fc.assert(
      fc.property(fc.array(requestBytes(signal), { minLength: 1, maxLength: 4 }), (requests) => {
        const merged = mergeOtel(requests.map((bytes) => readOtelRequest(bytes, signal)))
        expect(recordTexts(signal, merged.bytes)).toEqual(requests.flatMap((bytes) => recordTexts(signal, bytes)))
        expect(merged.count).toBe(checkOtelRequest(merged.bytes, signal))
      }),
    )
  })

  test('splitOtel() keeps records, order and surroundings, and every size', () => {
    fc.assert(
      fc.property(
        requestBytes(signal),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 7 }),
        (bytes, max, first) => {
          const batch = readOtelRequest(bytes, signal)
          const pieces = splitOtel(batch, max, first)
          expect(pieces.flatMap((piece) => recordTexts(signal, piece.bytes))).toEqual(recordTexts(signal, bytes))
          for (const [i, piece] of pieces.entries()) {
            expect(checkOtelRequest(piece.bytes, signal)).toBe(piece.count)
            if (i < pieces.length - 1) expect(piece.count).toBe(i === 0 ? first : max)
            else expect(piece.count).toBeLessThanOrEqual(Math.max(max, first))
          }
        },
      ),
    )
  })

  test('slices lead to every record message', () => {
    fc.assert(
      fc.property(requestBytes(signal), (bytes) => {
        let found = 0
        for (const resource of resourcesOf(bytes)) {
          for (const scope of scopesOf(bytes, resource)) for (const _ of recordsOf(bytes, scope)) found++
        }
        const groups = Object.values(decode(requestName[signal], bytes)).flat() as Record<string, unknown>[]
        const scopes = groups.flatMap(
          (group) => group['scopeSpans'] ?? group['scopeLogs'] ?? group['scopeMetrics'] ?? [],
        )
        const records = (scopes as Record<string, unknown>[]).flatMap(
          (each) => each['spans'] ?? each['logRecords'] ?? each['metrics'] ?? [],
        )
        expect(found).toBe(records.length)
      }),
    )
  })

  test('checkOtelRequest() fails with its own error on changed bytes, or accepts what can be split and decoded', () => {
    const change = fc.tuple(fc.nat(), fc.nat({ max: 255 }))
    fc.assert(
      fc.property(
        requestBytes(signal),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.nat(),
        (bytes, changes, cut) => {
          const changed = bytes.slice(0, bytes.length - (cut % 3))
          for (const [at, byte] of changes) if (changed.length > 0) changed[at % changed.length] = byte
          let count = 0
          try {
            count = checkOtelRequest(changed, signal)
          } catch (error) {
            expect(error).toBeInstanceOf(OtelFormatError)
            return
          }
          const pieces = splitOtel({ type: signal, count, bytes: changed }, 2)
          expect(pieces.reduce((sum, piece) => sum + piece.count, 0)).toBe(count)
          for (const piece of pieces) expect(checkOtelRequest(piece.bytes, signal)).toBe(piece.count)
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('checkOtelRequest()', () => {
  test('fails on random bytes with its own error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.constantFrom(...signals), (bytes, signal) => {
        try {
          checkOtelRequest(bytes, signal)
        } catch (error) {
          expect(error).toBeInstanceOf(OtelFormatError)
        }
      }),
      { numRuns: 5000 },
    )
  })

  test('names the field, the byte, what it found and what it wanted', () => {
    const bytes = encode('ExportTraceServiceRequest', {
      resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'abc' }] }] }],
    })
    bytes[bytes.length - 4] = 9
    expect(() => checkOtelRequest(bytes, 'otel.traces')).toThrow(
      'Cannot read OTLP request: Span.name at byte 6: found a length of 9, want at most 3 bytes',
    )
  })

  test('refuses values that nest without end', () => {
    const wrap = (field: number, content: Uint8Array) => {
      const writer = new ProtobufWriter()
      writer.bytesField(field, content)
      return writer.finish()
    }
    let value: Uint8Array = wrap(1, Uint8Array.of(65))
    for (let i = 0; i < 60; i++) value = wrap(5, wrap(1, value))
    const bytes = wrap(1, wrap(2, wrap(2, wrap(5, value))))
    expect(() => checkOtelRequest(bytes, 'otel.logs')).toThrow('want at most 100 levels')
  })

  test('refuses a known field of another wire type', () => {
    const bytes = encode('ExportTraceServiceRequest', { resourceSpans: [{ scopeSpans: [{ spans: [{ kind: 1 }] }] }] })
    bytes[bytes.length - 2] = (5 << 3) | 0
    expect(() => checkOtelRequest(bytes, 'otel.traces')).toThrow(
      'Span.name at byte 6: found wire type 0, want wire type 2',
    )
  })

  test('reads attributes of every length alike', () => {
    const around = (attribute: Uint8Array) => {
      const writer = new ProtobufWriter()
      const marks = [writer.begin(1), writer.begin(1)]
      writer.bytesField(1, attribute)
      for (const mark of marks.toReversed()) writer.end(mark)
      return writer.finish()
    }
    for (let length = 0; length < 300; length++) {
      const value = 'x'.repeat(length)
      for (const attribute of [
        { key: 'k', value: { stringValue: value } },
        { key: value, value: { intValue: '-1' } },
      ]) {
        expect(checkOtelRequest(around(encode('KeyValue', attribute)), 'otel.traces')).toBe(0)
      }
      // One byte of length where the content is longer than one byte can say.
      const wrong = Uint8Array.of(0x0a, 1, 0x61, 0x12, length + 2, 0x0a, length, ...new Uint8Array(length))
      const check = () => checkOtelRequest(around(wrong), 'otel.traces')
      if (length < 126) expect(check()).toBe(0)
      else expect(check).toThrow(OtelFormatError)
    }
  })

  test('passes over unknown fields', () => {
    const known = encode('ExportTraceServiceRequest', { resourceSpans: [{ schemaUrl: 'x' }] })
    const unknown = Uint8Array.of(((900 << 3) & 0x7f) | 0x80, (900 << 3) >> 7, 5)
    expect(checkOtelRequest(new Uint8Array([...known, ...unknown]), 'otel.traces')).toBe(0)
  })
})
