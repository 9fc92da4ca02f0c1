import { expect, test } from 'vitest'
import { SerialQueue } from './serial-queue.ts'

test('SerialQueue runs work one after the other, in order', async () => {
  const queue = new SerialQueue()
  const log: string[] = []
  const work = (name: string, turns: number) => async () => {
    log.push(`${name} begins`)
    for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve))
    log.push(`${name} ends`)
    return name
  }
  const results = await Promise.all([queue.run(work('a', 3)), queue.run(work('b', 0)), queue.run(work('c', 1))])
  expect(results).toEqual(['a', 'b', 'c'])
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
})

test('SerialQueue goes on after work that failed, and tells only its own caller', async () => {
  const queue = new SerialQueue()
  const failed = queue.run(() => Promise.reject(new Error('broken')))
  const next = queue.run(async () => 'fine')
  await expect(failed).rejects.toThrow('broken')
  expect(await next).toBe('fine')
})
