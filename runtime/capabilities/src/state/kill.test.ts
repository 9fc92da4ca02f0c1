import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../test-env.ts'
import { FileQueue } from './file-queue.ts'
import { StateStore } from './store.ts'

const lane = { index: 0, count: 1 }

/** Runs the writer until it has promised `promises` records, kills it at once, and gives what it had promised. */
async function runAndKill(directory: string, promises: number): Promise<{ written: number; acknowledged: number }> {
  const writer = spawn(process.execPath, [join(import.meta.dirname, 'testdata', 'writer.ts'), directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const promised = { written: 0, acknowledged: 0 }
  for await (const line of createInterface({ input: writer.stdout })) {
    const [what, number] = line.split(' ')
    if (what === 'written') promised.written = Math.max(promised.written, Number(number))
    else promised.acknowledged = Math.max(promised.acknowledged, Number(number))
    if (promised.written >= promises) writer.kill('SIGKILL')
  }
  return promised
}

test('state and queue hold everything they promised before the process was killed', async () => {
  const directory = temporaryDirectory()
  for (let run = 1; run <= 3; run++) {
    const { written, acknowledged } = await runAndKill(directory, 100 * run)
    const store = await StateStore.open(join(directory, 'state'), lane)
    expect(Number(store.get('written'))).toBeGreaterThanOrEqual(written)
    expect(store.unreadable).toBe(0)
    await store.close()
    const queue = await FileQueue.open(join(directory, 'queue'), lane, { bytesMax: 1e9 })
    expect(queue.unreadable).toBe(0)
    const numbers: number[] = []
    for (let left = queue.pending.records; left > 0; left--) {
      const { data } = await queue.next(new AbortController().signal)
      numbers.push(Number(Buffer.from(data).toString().split(' ')[0]))
    }
    await queue.close()
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(numbers.every((number) => number > acknowledged)).toBe(true)
    expect(numbers.at(-1)).toBeGreaterThanOrEqual(written)
    expect(numbers[0]).toBeLessThanOrEqual(acknowledged + 8)
    expect(numbers).toHaveLength(numbers.at(-1)! - numbers[0]! + 1)
  }
})
