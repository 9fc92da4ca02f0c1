import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProtobufError, ProtobufReader } from './protobuf-reader.ts'
import { ProtobufWriter, varintSize } from './protobuf-writer.ts'

describe('ProtobufWriter and ProtobufReader', () => {
  test('give back unsigned numbers up to 2^53', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        const writer = new ProtobufWriter()
        writer.varint(value)
        expect(writer.length).toBe(varintSize(value))
        expect(new ProtobufReader(writer.finish()).varint()).toBe(value)
      }),
    )
  })

  test('give back signed numbers', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const writer = new ProtobufWriter()
        writer.int64(value)
        expect(new ProtobufReader(writer.finish()).int64()).toBe(value)
      }),
    )
  })

  test('write negative numbers as ten bytes of two’s complement', () => {
    const writer = new ProtobufWriter()
    writer.int64(-2)
    expect([...writer.finish()]).toEqual([0xfe, 255, 255, 255, 255, 255, 255, 255, 255, 1])
  })

  test('give back nested messages of any length', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { maxLength: 20 }),
        fc.double(),
        (texts, number) => {
          const writer = new ProtobufWriter(16)
          const outer = writer.begin(3)
          for (const text of texts) {
            const inner = writer.begin(1)
            writer.stringField(2, text.toWellFormed())
            writer.end(inner)
          }
          writer.end(outer)
          writer.doubleField(4, number)
          const reader = new ProtobufReader(writer.finish())
          reader.next()
          const found: string[] = []
          const message = reader.message()
          while (message.next()) {
            const inner = message.message()
            inner.next()
            found.push(inner.string())
          }
          expect(found).toEqual(texts.map((text) => text.toWellFormed()))
          reader.next()
          expect(reader.double()).toBe(number)
          expect(reader.next()).toBe(false)
        },
      ),
    )
  })

  test('ProtobufReader throws only its own error on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const reader = new ProtobufReader(bytes)
        try {
          while (reader.next()) reader.skip()
        } catch (error) {
          expect(error).toBeInstanceOf(ProtobufError)
        }
      }),
    )
  })

  test('ProtobufReader refuses a length beyond the buffer', () => {
    expect(() => {
      const reader = new ProtobufReader(Uint8Array.of(10, 5, 1))
      reader.next()
      reader.view()
    }).toThrow('the message ends inside it')
  })
})
