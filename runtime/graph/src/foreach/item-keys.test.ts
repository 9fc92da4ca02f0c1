import { makeOptionalSecret, makeSecret, type Value } from '@ingot/syntax'
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { itemKeys } from './item-keys.ts'

const keys = (items: readonly Value[], options = {}) => itemKeys(items, { field: '', hash: false, ...options })
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

describe('itemKeys()', () => {
  test('cleans texts, letters and digits of all scripts kept', () => {
    expect(keys(['10.0.0.1:80', 'größe-2', '', '😀'])).toEqual([
      'foreach_10_0_0_1_80_1',
      'foreach_größe_2_1',
      'foreach__1',
      'foreach___1',
    ])
  })

  test('prints numbers and booleans; a float with its six digits', () => {
    expect(keys([1n, -2n, true, 3.14, -0.5])).toEqual([
      'foreach_1_1',
      'foreach_-2_1',
      'foreach_true_1',
      'foreach_3_140000_1',
      'foreach_-0_500000_1',
    ])
  })

  test('counts items that have the same name', () => {
    expect(keys(['a b', 'a', 'a_b', 1n, '1'])).toEqual([
      'foreach_a_b_1',
      'foreach_a_1',
      'foreach_a_b_2',
      'foreach_1_1',
      'foreach_1_2',
    ])
  })

  test('hashes everything else, and texts where it is told to', () => {
    expect(keys([{ a: 1n }, [], null])).toEqual([
      `foreach_${sha256('map[string]interface {}{"a":1}')}_1`,
      `foreach_${sha256('[]interface {}{}')}_1`,
      `foreach_${sha256('<nil>')}_1`,
    ])
    expect(keys(['a', 1n], { hash: true })).toEqual([`foreach_${sha256('a')}_1`, 'foreach_1_1'])
  })

  test('takes the field that tells items apart, and the whole item where there is none', () => {
    const items = [{ name: 'x', a: 1n }, { a: 1n }, 'plain', { name: 2n }]
    expect(keys(items, { field: 'name' })).toEqual([
      'foreach_x_1',
      `foreach_${sha256('map[string]interface {}{"a":1}')}_1`,
      'foreach_plain_1',
      'foreach_2_1',
    ])
  })

  test('says nothing of secrets, not even by a hash', () => {
    const [first, second] = keys([makeSecret('one'), makeSecret('two')])
    expect(first!.replace(/_1$/, '')).toBe(second!.replace(/_2$/, ''))
    expect(keys([makeOptionalSecret('open', false)])).toEqual(['foreach_open_1'])
  })
})
