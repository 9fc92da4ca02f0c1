import { createHash } from 'node:crypto'
import { assert, property, tuple, uint8Array } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { leafBytes, newLeafSalt } from './private-leaf.ts'

const text = Buffer.from('{"subject":"@acme/secret"}')

describe('leafBytes()', () => {
  test('is the statement itself without a salt', () => {
    expect(leafBytes(text)).toBe(text)
    expect(leafBytes(text, null)).toBe(text)
  })

  test('is canonical JSON of a commitment with one', () => {
    const salt = Buffer.alloc(32, 7)
    const digest = createHash('sha256')
      .update(Buffer.concat([salt, text]))
      .digest('base64')
    expect(Buffer.from(leafBytes(text, salt.toString('base64'))).toString()).toBe(
      `{"commitment":"sha256-${digest}","type":"urn:ingot:private:v1"}`,
    )
  })

  test('is of one size and of other bytes for every salt and statement', () => {
    const pair = tuple(uint8Array({ minLength: 32, maxLength: 32 }), uint8Array({ maxLength: 200 }))
    assert(
      property(pair, pair, ([saltA, a], [saltB, b]) => {
        const [left, right] = [[saltA, a] as const, [saltB, b] as const].map(([salt, statement]) =>
          Buffer.from(leafBytes(statement, Buffer.from(salt).toString('base64'))),
        )
        const same = Buffer.from(saltA).equals(saltB) && Buffer.from(a).equals(b)
        return left!.equals(right!) === same && left!.length === right!.length
      }),
    )
  })

  test.each(['', 'AAAA', Buffer.alloc(33).toString('base64')])('refuses the salt "%s"', (salt) => {
    expect(() => leafBytes(text, salt)).toThrow('want 32')
  })
})

test('newLeafSalt() is another each time', () => {
  expect(new Set(Array.from({ length: 100 }, newLeafSalt)).size).toBe(100)
})
