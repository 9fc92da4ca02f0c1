import { delivered, dropped, refused, type Outcome } from '@ingot/sdk'
import { expect, test } from 'vitest'
import { Delivery, type Settlement } from './delivery.ts'

function delivery() {
  const surplus: number[] = []
  const settled: Settlement[] = []
  const one = new Delivery({
    id: 1,
    port: 'receiver',
    frame: new Uint8Array(10),
    count: 10,
    settle: (settlement) => settled.push(settlement),
    onSurplus: (records) => surplus.push(records),
  })
  return { one, surplus, settled }
}

const frame = (text: string) => new TextEncoder().encode(text)
const quarantined: Settlement = { outcome: dropped('quarantined'), by: 'quarantine', ledger: [] }

test('what a quarantined batch had brought out, or still does, is surplus', async () => {
  const { one, surplus, settled } = delivery()
  await one.emit(0, frame('a'), 4, async () => delivered)
  await one.emit(0, frame('b'), 3, async () => refused('busy'))
  let settle: (outcome: Outcome) => void
  const late = one.emit(0, frame('c'), 2, () => new Promise((resolve) => (settle = resolve)))
  one.settle(quarantined)
  expect(settled).toEqual([quarantined])
  expect(surplus).toEqual([4])
  settle!(delivered)
  await late
  expect(surplus).toEqual([4, 2])
})

test('what a batch has brought out that its component settled is no surplus, unless it is given back whole', async () => {
  const kept = delivery()
  await kept.one.emit(0, frame('a'), 10, async () => delivered)
  kept.one.settle({ outcome: delivered, by: 'component', ledger: [] })
  expect(kept.surplus).toEqual([])
  const back = delivery()
  await back.one.emit(0, frame('a'), 10, async () => delivered)
  back.one.settle({ outcome: refused('busy'), by: 'component', ledger: [] })
  expect(back.surplus).toEqual([10])
})

test('what is emitted again after a lost isolate is sent and counted once', async () => {
  const { one, surplus } = delivery()
  let sends = 0
  const send = async (): Promise<Outcome> => (sends++, delivered)
  await one.emit(0, frame('a'), 10, send)
  one.rewind()
  await one.emit(0, frame('a'), 10, send)
  one.settle(quarantined)
  expect([sends, surplus]).toEqual([1, [10]])
})

test('its frame is done with when it was written once, and a frame that it emitted when both fates are known', async () => {
  const { one } = delivery()
  expect(one.frameDone).toBe(false)
  one.written()
  expect(one.frameDone).toBe(true)
  let settle: (outcome: Outcome) => void
  let done = 0
  const late = one.emit(
    0,
    frame('a'),
    1,
    () => new Promise((resolve) => (settle = resolve)),
    () => done++,
  )
  one.settle({ outcome: delivered, by: 'component', ledger: [] })
  expect(done).toBe(0)
  settle!(delivered)
  await late
  expect(done).toBe(1)
  const again = delivery().one
  again.written()
  again.rewind()
  again.written()
  expect(again.frameDone).toBe(false)
})
