import { delivered, dropped, refused } from '@ingot/sdk'
import { expect, test, vi } from 'vitest'
import { LogShipper, type LogOutput } from './log-shipper.ts'

const to: LogOutput = {
  output: { path: ['write_to'], receivers: [{ component: 'loki.write.out', port: 'receiver', types: ['loki.logs'] }] },
  reached: new Set(['loki.write.out']),
}

function shipper() {
  const sent: { readonly id: number; readonly lines: readonly string[] }[] = []
  const ship = new LogShipper({ send: (id, _output, lines) => sent.push({ id, lines: lines.map(({ line }) => line) }) })
  return { ship, sent }
}

test('LogShipper sends one batch at a time, in order', () => {
  const { ship, sent } = shipper()
  ship.add('before any receiver', 0, undefined)
  ship.configure(to)
  for (const line of ['a', 'b', 'c']) ship.add(line, 0, undefined)
  expect(sent.map(({ lines }) => lines)).toEqual([['a']])
  ship.settled(sent[0]!.id, delivered)
  expect(sent.map(({ lines }) => lines)).toEqual([['a'], ['b', 'c']])
  ship.settled(sent[1]!.id, dropped('too_old'))
  expect(ship.counts).toEqual({ delivered: 1, dropped: 2, queued: 0 })
})

test('LogShipper leaves out what the components that its lines pass through say', () => {
  const { ship, sent } = shipper()
  ship.configure(to)
  ship.add('cannot push', 0, 'loki.write.out')
  expect(sent).toEqual([])
  expect(ship.counts.dropped).toBe(0)
})

test('LogShipper drops what its queue does not hold, and counts it', () => {
  const { ship, sent } = shipper()
  ship.configure(to)
  for (let i = 0; i < 10_011; i++) ship.add(String(i), 0, undefined)
  expect(sent).toHaveLength(1)
  expect(ship.counts).toEqual({ delivered: 0, dropped: 10, queued: 10_001 })
})

test('LogShipper sends a refused batch again, and what a lost lane held', () => {
  vi.useFakeTimers()
  const { ship, sent } = shipper()
  ship.configure(to)
  ship.add('a', 0, undefined)
  ship.settled(sent[0]!.id, refused('receiver not running'))
  vi.runAllTimers()
  ship.sendAgain()
  expect(sent.map(({ lines }) => lines)).toEqual([['a'], ['a'], ['a']])
  // The lost lane's answer would come too late to count.
  ship.settled(sent[1]!.id, delivered)
  expect(ship.counts).toEqual({ delivered: 0, dropped: 0, queued: 1 })
  ship.settled(sent[2]!.id, delivered)
  expect(ship.counts).toEqual({ delivered: 1, dropped: 0, queued: 0 })
  vi.useRealTimers()
})

test('LogShipper lets go of everything when its receivers are taken away', () => {
  const { ship, sent } = shipper()
  ship.configure(to)
  for (const line of ['a', 'b']) ship.add(line, 0, undefined)
  ship.configure(undefined)
  ship.settled(sent[0]!.id, delivered)
  expect(ship.counts).toEqual({ delivered: 0, dropped: 2, queued: 0 })
})
