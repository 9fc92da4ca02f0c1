import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { FrameReader, FrameTooLargeError } from './frame-reader.ts'
import { encodeHeader, type Frame } from './frame.ts'

const u16 = fc.integer({ min: 0, max: 0xffff })
const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
const frames = fc.array(
  fc.record({
    kind: fc.integer({ min: 0, max: 255 }),
    flag: fc.integer({ min: 0, max: 255 }),
    index: u16,
    id: u32,
    owner: u32,
    at: fc.double({ noNaN: true }),
    payload: fc.uint8Array({ maxLength: 300 }),
  }),
  { maxLength: 10 },
)

test('FrameReader gives the same frames however the stream is cut', () => {
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), (sent, cuts) => {
      const stream = Buffer.concat(sent.flatMap((frame) => [encodeHeader(frame, frame.payload.length), frame.payload]))
      const received: Frame[] = []
      const reader = new FrameReader(300, (frame) => received.push(frame))
      for (let at = 0, i = 0; at < stream.length; i++) {
        const end = at + cuts[i % cuts.length]!
        reader.push(stream.subarray(at, end))
        at = end
      }
      expect(received.map((frame) => ({ ...frame, payload: [...frame.payload] }))).toEqual(
        sent.map((frame) => ({ ...frame, payload: [...frame.payload] })),
      )
      // Columns are viewed in place, and nothing else may lie in the same memory.
      expect(
        received.every(({ payload }) => payload.byteOffset === 0 && payload.length === payload.buffer.byteLength),
      ).toBe(true)
    }),
  )
})

test('FrameReader refuses a frame that is larger than its bound before it arrives', () => {
  const reader = new FrameReader(10, () => {})
  expect(() => reader.push(encodeHeader({ kind: 1 }, 11))).toThrow(FrameTooLargeError)
})
