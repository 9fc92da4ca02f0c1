/** Writes numbered records to state and queue, acknowledges the older ones, and says what is promised, until it is killed. */
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { FileQueue } from '../file-queue.ts'
import { StateStore } from '../store.ts'

const directory = process.argv[2]!
const lane = { index: 0, count: 1 }
const store = await StateStore.open(join(directory, 'state'), lane)
const queue = await FileQueue.open(join(directory, 'queue'), lane, { bytesMax: 1e9 })
const signal = new AbortController().signal
const filling = 'x'.repeat(20_000)

let number = Number(store.get('written') ?? 0)
// What the killed run had appended but not noted is in the queue.
const left = []
for (let records = queue.pending.records; records > 0; records--) left.push(await queue.next(signal))
for (const { data } of left) number = Math.max(number, Number(Buffer.from(data).toString().split(' ')[0]))
for (;;) {
  number++
  await Promise.all([queue.append(Buffer.from(`${number} ${filling}`), 1), store.put('written', String(number))])
  writeSync(1, `written ${number}\n`)
  left.push(await queue.next(signal))
  while (left.length > 5) {
    const { sequence, data } = left.shift()!
    queue.acknowledge(sequence)
    writeSync(1, `acknowledged ${Buffer.from(data).toString().split(' ')[0]}\n`)
  }
}
