import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeExportResponse,
  decodeExportResponseJson,
  encodeExportResponse,
  encodeExportResponseJson,
} from './export-response.ts'
import { decodeOtelFrame, encodeOtelFrame } from './frame.ts'
import { OtelFormatError } from './otel-format-error.ts'
import { readOtelRequest } from './otel-request.ts'
import { decodeRpcStatus, encodeRpcStatus, encodeRpcStatusJson } from './rpc-status.ts'
import { decode, encode, requestName, requests, signals } from './testdata/oracle.ts'

describe('export response', () => {
  test('has no bytes for full success', () => {
    expect(encodeExportResponse({ rejected: 0, message: '' })).toHaveLength(0)
    expect(encodeExportResponseJson('otel.logs', { rejected: 0, message: '' })).toBe('{}')
  })

  test('carries partial success as protobufjs reads and writes it', () => {
    const partial = { rejected: '12', errorMessage: 'too old' }
    expect(decode('ExportResponse', encodeExportResponse({ rejected: 12, message: 'too old' }))).toEqual({
      partialSuccess: partial,
    })
    expect(decodeExportResponse(encode('ExportResponse', { partialSuccess: partial }))).toEqual({
      rejected: 12,
      message: 'too old',
    })
  })

  test.each(signals)('carries partial success of %s in JSON', (signal) => {
    const result = { rejected: 3, message: 'no' }
    expect(decodeExportResponseJson(signal, encodeExportResponseJson(signal, result))).toEqual(result)
  })

  test('names the rejected records as the signal does', () => {
    expect(encodeExportResponseJson('otel.metrics', { rejected: 1, message: '' })).toBe(
      '{"partialSuccess":{"rejectedDataPoints":"1","errorMessage":""}}',
    )
  })

  test('fails on other bytes with its own error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
        try {
          decodeExportResponse(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(OtelFormatError)
        }
      }),
    )
  })
})

test('google.rpc.Status is what protobufjs reads', () => {
  const status = { code: 14, message: 'queue full' }
  expect(decode('RpcStatus', encodeRpcStatus(status))).toEqual(status)
  expect(
    decodeRpcStatus(encode('RpcStatus', { ...status, details: [{ typeUrl: 'x', value: new Uint8Array(3) }] })),
  ).toEqual(status)
  expect(decodeRpcStatus(new TextEncoder().encode('<html>'))).toBeUndefined()
  expect(JSON.parse(encodeRpcStatusJson(status))).toEqual(status)
})

describe('frame', () => {
  test.each(signals)('gives back a batch of %s', (signal) => {
    fc.assert(
      fc.property(
        requests(signal),
        fc.option(fc.dictionary(fc.string(), fc.string(), { minKeys: 1 })),
        (value, metadata) => {
          const batch = readOtelRequest(encode(requestName[signal], value), signal, metadata ?? undefined)
          expect(decodeOtelFrame(encodeOtelFrame(batch))).toEqual(batch)
        },
      ),
    )
  })

  test('is refused with its own error when its bytes are changed, or is a valid batch', () => {
    fc.assert(
      fc.property(requests('otel.traces'), fc.nat(), fc.nat({ max: 255 }), (value, at, byte) => {
        const frame = encodeOtelFrame(
          readOtelRequest(encode('ExportTraceServiceRequest', value), 'otel.traces', { a: 'b' }),
        )
        frame[at % frame.length] = byte
        try {
          const { type, count, bytes } = decodeOtelFrame(frame)
          expect(readOtelRequest(bytes, type).count).toBe(count)
        } catch (error) {
          expect(error).toBeInstanceOf(OtelFormatError)
        }
      }),
      { numRuns: 1000 },
    )
  })
})
