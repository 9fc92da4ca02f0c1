import { expect, test } from 'vitest'
import { HealthBoard } from './health.ts'

test('HealthBoard says unknown before anything is known', () => {
  expect(new HealthBoard().current).toMatchObject({ state: 'unknown', message: 'not evaluated yet' })
})

test('HealthBoard shows the worst of what its sources say', () => {
  const board = new HealthBoard()
  board.set('run 0', 'healthy', 'started')
  board.set('run 1', 'unhealthy', 'lane 1 is gone')
  expect(board.current).toMatchObject({ state: 'unhealthy', message: 'lane 1 is gone' })
  board.set('reported 0', 'exited', 'ended')
  expect(board.current).toMatchObject({ state: 'exited', message: 'ended' })
})

test('HealthBoard recovers when a source recovers or is cleared', () => {
  const board = new HealthBoard()
  board.set('run 0', 'healthy', 'started')
  board.set('reported 0', 'unhealthy', 'cannot send')
  board.set('evaluation', 'unhealthy', 'bad value')
  board.clear('evaluation')
  expect(board.at('evaluation')).toBeUndefined()
  expect(board.current.message).toBe('cannot send')
  board.set('reported 0', 'healthy', 'sending')
  expect(board.current.state).toBe('healthy')
})
