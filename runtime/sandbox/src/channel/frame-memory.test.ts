import { expect, test } from 'vitest'
import { FrameMemory } from './frame-memory.ts'

const MiB = 1024 * 1024

test('FrameMemory lends what it was given, at the length that is asked for', () => {
  const memory = new FrameMemory()
  const first = memory.take(MiB)
  memory.give(first)
  const again = memory.take(MiB - 1_000)
  expect([again.buffer === first.buffer, again.length, again.byteOffset]).toEqual([true, MiB - 1_000, 0])
  expect(memory.take(MiB).buffer).not.toBe(first.buffer)
})

test('FrameMemory lends no block that is much too large, and none for small frames', () => {
  const memory = new FrameMemory()
  const large = memory.take(4 * MiB)
  memory.give(large)
  expect(memory.take(100_000).buffer).not.toBe(large.buffer)
  const small = memory.take(100)
  memory.give(small)
  expect(small.buffer.byteLength).toBe(100)
  expect(memory.take(100).buffer).not.toBe(small.buffer)
})

test('FrameMemory keeps a bounded amount and frees the rest at once', () => {
  const memory = new FrameMemory()
  const frames = Array.from({ length: 12 }, () => memory.take(MiB))
  for (const frame of frames) memory.give(frame)
  expect(frames.filter(({ buffer }) => !buffer.detached).length).toBe(8)
})
