import { expect, test } from 'vitest'
import { CpuWindow } from './cpu-window.ts'

test('CpuWindow tells how much CPU time the last part of its window took', () => {
  const window = new CpuWindow(1_000)
  for (let at = 0; at <= 5_000; at += 100) window.add(at, at < 4_000 ? 0 : (at - 4_000) / 2)
  expect([window.used(1_000), window.used(200)]).toEqual([500, 100])
})

test('CpuWindow has nothing to tell before its first sample', () => {
  expect(new CpuWindow(1_000).used(500)).toBe(0)
})
