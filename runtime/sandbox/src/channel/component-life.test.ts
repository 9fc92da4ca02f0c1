import { expect, test } from 'vitest'
import { ComponentLife } from './component-life.ts'
import { IsolateLostError } from './isolate-lost-error.ts'

function life(start: (attempt: number, of: ComponentLife) => Promise<void>) {
  const counts = { attempts: 0, ready: 0, failed: 0 }
  const made: ComponentLife = new ComponentLife({
    start: () => start(++counts.attempts, made),
    onReady: () => counts.ready++,
    onFailed: () => counts.failed++,
  })
  return { made, counts }
}

test('ComponentLife brings up again what was lost while it started', async () => {
  const { made, counts } = life(async (attempt) => {
    if (attempt < 3) throw new IsolateLostError('killed')
  })
  await made.bringUp()
  expect([made.ready, counts]).toEqual([true, { attempts: 3, ready: 1, failed: 0 }])
})

test('ComponentLife brings up again what was lost as soon as it had started', async () => {
  const { made, counts } = life(async (attempt, of) => {
    if (attempt === 1) of.isolateLost()
  })
  await made.bringUp()
  expect([made.ready, counts]).toEqual([true, { attempts: 2, ready: 1, failed: 0 }])
})

test('ComponentLife gives up when it is stopped on the way, and for any other error', async () => {
  const stopped = life(async (_attempt, of) => of.stop())
  await stopped.made.bringUp()
  expect([stopped.made.ready, stopped.counts.attempts]).toEqual([false, 1])
  const broken = life(async () => {
    throw new Error('no such export')
  })
  await expect(broken.made.bringUp()).rejects.toThrow('no such export')
  expect(broken.counts).toEqual({ attempts: 1, ready: 0, failed: 1 })
})
