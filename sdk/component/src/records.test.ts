import { expect, test } from 'vitest'
import { z } from 'zod'
import { records } from './records.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const text = { encode: (line: string) => encoder.encode(line), decode: (bytes: Uint8Array) => decoder.decode(bytes) }
const orders = records('orders', z.strictObject({ id: z.int(), note: z.string().describe('Any text.').optional() }))

test('records() makes batches of rows and reads them again', () => {
  const rows = [{ id: 1 }, { id: 2, note: 'two\nlines – ☃' }]
  const batch = orders.batch(rows, text)
  expect(batch).toMatchObject({ type: orders.type, count: 2 })
  expect(orders.rows(batch, text)).toEqual(rows)
  expect(orders.rows(orders.batch([], text), text)).toEqual([])
})

test('records() refuses rows that do not fit, on both sides', () => {
  expect(() => orders.batch([{ id: 1.5 }], text)).toThrow('id')
  const bytes = text.encode('{"id":1,"more":2}\n')
  expect(() => orders.rows({ type: orders.type, count: 1, bytes }, text)).toThrow('more')
})

test('a type tells names and schemas apart, and nothing else', () => {
  const same = records('orders', z.strictObject({ note: z.string().optional(), id: z.int().describe('Number.') }))
  expect(same.type).toBe(orders.type)
  const other = records('orders', z.strictObject({ id: z.int(), note: z.string() }))
  expect(other.type).not.toBe(orders.type)
  expect(records('refunds', z.strictObject({ id: z.int() })).type).toMatch(/^records<refunds:[0-9a-f]{16}>$/)
  expect(() => records('Orders', z.string())).toThrow('want lower case')
})
