import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

test.each([
  ['filenam', ['filename', 'detector'], 'filename'],
  ['forwrad_to', ['forward_to', 'format'], 'forward_to'],
  ['prometheus.scape', ['prometheus.scrape', 'prometheus.relabel'], 'prometheus.scrape'],
  ['URL', ['url'], 'url'],
  ['xyz', ['filename', 'detector'], undefined],
  ['a', ['b'], undefined],
  ['ab', ['ac', 'abc'], 'ac'],
  ['filename', ['filename'], undefined],
  ['x'.repeat(1000), ['y'.repeat(1000)], undefined],
])('nearest() to %s among %j is %s', (name, candidates, expected) => {
  expect(nearest(name, candidates)).toBe(expected)
})
