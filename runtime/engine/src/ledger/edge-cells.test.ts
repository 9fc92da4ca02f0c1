import { expect, test } from 'vitest'
import { EdgeCells } from './edge-cells.ts'

test('EdgeCells says what is queued, in memory that another view reads', () => {
  const lane = new EdgeCells()
  lane.add('in', 10)
  lane.add('delivered', 4)
  lane.add('dropped', 1)
  lane.add('refused', 2)
  expect(new EdgeCells(lane.memory).snapshot()).toMatchObject({ in: 10, queued: 3 })
})

test('closeBooks() refuses what is under way', () => {
  const cells = new EdgeCells()
  cells.add('in', 10)
  cells.add('delivered', 4)
  cells.closeBooks()
  expect(cells.snapshot()).toMatchObject({ in: 10, delivered: 4, refused: 6, queued: 0 })
})
