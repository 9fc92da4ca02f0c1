import { expect, test } from 'vitest'
import { heldRecords, LedgerCells, sumLedgers } from './ledger-cells.ts'

test('LedgerCells counts in memory that another view reads', () => {
  const lane = new LedgerCells()
  const control = new LedgerCells(lane.memory)
  lane.received(10)
  lane.created(3)
  lane.emitted(5)
  lane.sent(1)
  lane.merged(2)
  lane.refused(1)
  lane.quarantined(1)
  lane.dropped(2, 'too_old')
  lane.queued(1)
  expect(control.snapshot()).toEqual({
    in: 10,
    created: 3,
    out: 6,
    merged: 2,
    refused: 1,
    quarantined: 1,
    dropped: 2,
    queued: 1,
    reasons: { too_old: 2 },
  })
  expect(heldRecords(control.snapshot())).toBe(0)
})

test('queued() sets what is held, the other counts add up', () => {
  const ledger = new LedgerCells()
  ledger.queued(5)
  ledger.queued(2)
  ledger.received(2)
  ledger.received(2)
  expect(ledger.snapshot()).toMatchObject({ queued: 2, in: 4 })
})

test('a drop of no records leaves no reason behind', () => {
  const ledger = new LedgerCells()
  ledger.dropped(0, 'never')
  expect(ledger.snapshot().reasons).toEqual({})
})

test('reasons beyond the bound are counted together, and every drop is counted', () => {
  const ledger = new LedgerCells()
  for (let i = 0; i < 40; i++) ledger.dropped(1, `reason_${i}`)
  for (let i = 0; i < 40; i++) ledger.dropped(1, `reason_${i}`)
  const { reasons, dropped } = ledger.snapshot()
  expect(dropped).toBe(80)
  expect(Object.values(reasons).reduce((sum, count) => sum + count, 0)).toBe(80)
  expect(reasons['reason_0']).toBe(2)
  expect(reasons['other']).toBeGreaterThan(2)
})

test('a reason that is longer than its place stays one reason, also for the next instance', () => {
  const long = 'a_reason_that_is_a_good_deal_longer_than_forty_bytes'
  const first = new LedgerCells()
  first.dropped(1, long)
  const second = new LedgerCells(first.memory)
  second.dropped(2, long)
  expect(second.snapshot().reasons).toEqual({ [long.slice(0, 40)]: 3 })
})

test('closeBooks() gives what an instance held back to where it came from', () => {
  const ledger = new LedgerCells()
  ledger.received(10)
  ledger.created(5)
  ledger.emitted(4)
  ledger.queued(6)
  expect(ledger.closeBooks()).toBe(11)
  expect(ledger.snapshot()).toMatchObject({ refused: 11, queued: 0 })
  expect(heldRecords(ledger.snapshot())).toBe(0)
  expect(ledger.closeBooks()).toBe(0)
})

test('sumLedgers() adds counts and reasons of instances', () => {
  const a = new LedgerCells()
  const b = new LedgerCells()
  a.dropped(1, 'x')
  b.dropped(2, 'x')
  b.dropped(3, 'y')
  b.queued(4)
  expect(sumLedgers([a.snapshot(), b.snapshot()])).toMatchObject({ dropped: 6, queued: 4, reasons: { x: 3, y: 3 } })
})
