import { FakeState } from '@ingot/testing'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseLegacyPositions } from './legacy-positions.ts'
import { formatPosition, parsePosition, Positions, type FilePosition } from './positions.ts'

const file: fc.Arbitrary<FilePosition> = fc.record({
  identity: fc.string(),
  offset: fc.maxSafeNat(),
  headLength: fc.integer({ min: 0, max: 256 }),
  headHash: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  finished: fc.boolean(),
})

test('parsePosition() reads what formatPosition() writes', () => {
  fc.assert(
    fc.property(fc.array(file, { maxLength: 8 }), (position) => {
      expect(parsePosition(formatPosition(position))).toEqual(position)
    }),
  )
})

test('parsePosition() rejects anything else', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(() => parsePosition(text)).toThrow('Cannot read a file position')
    }),
  )
  expect(() => parsePosition('{"files":[{"id":"1:2","offset":-1,"head":[0,0]}]}')).toThrow('Cannot read')
})

test('Positions folds writes while one is on its way, and keeps the newest', async () => {
  const state = new FakeState()
  const release: (() => void)[] = []
  const written: string[] = []
  const slow = Object.assign(Object.create(state) as FakeState, {
    set: async (key: string, value: string) => {
      await new Promise<void>((resolve) => release.push(resolve))
      written.push(value)
      await state.set(key, value)
    },
  })
  const positions = new Positions(slow)
  const at = (offset: number) => [{ identity: '1:2', offset, headLength: 0, headHash: 0, finished: false }]
  for (const offset of [1, 2, 3, 4]) positions.set('k', at(offset))
  const flushed = positions.flush()
  while (release.length > 0) {
    release.shift()!()
    await new Promise((resolve) => setImmediate(resolve))
  }
  await flushed
  expect(written).toEqual([formatPosition(at(1)), formatPosition(at(4))])
  expect(positions.get('k')).toEqual(at(4))
  expect(positions.findIdentity('1:2')?.key).toBe('k')
})

test('parseLegacyPositions() reads plain paths, quoted or not, and leaves other cursors out', () => {
  const text = `positions:\n  /var/log/a b.log: "12"\n  '/b': 7\n  "/c:d": '9'\n  journal-x: s=abc\n  cursor-y: "5"\n`
  expect([...parseLegacyPositions(text)]).toEqual([
    ['/var/log/a b.log', 12],
    ['/b', 7],
    ['/c:d', 9],
  ])
  fc.assert(fc.property(fc.string(), (any) => void parseLegacyPositions(any)))
})
