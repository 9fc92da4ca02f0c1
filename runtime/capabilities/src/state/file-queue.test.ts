import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isCapabilityError } from '@ingot/sdk'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../test-env.ts'
import { FileQueue } from './file-queue.ts'
import type { Lane } from './store.ts'

const alone: Lane = { index: 0, count: 1 }
const options = { bytesMax: 1e9 }
const never = new AbortController().signal

async function takeAll(queue: FileQueue): Promise<{ sequence: number; text: string; count: number }[]> {
  const taken = []
  for (let left = queue.pending.records; left > 0; left--) {
    const { sequence, data, count } = await queue.next(never)
    taken.push({ sequence, text: Buffer.from(data).toString(), count })
  }
  return taken
}

const texts = (taken: readonly { text: string }[]) => taken.map(({ text }) => text)

test('FileQueue hands records out in order, across a restart, until they are acknowledged', async () => {
  const directory = temporaryDirectory()
  const first = await FileQueue.open(directory, alone, options)
  await Promise.all(['a', 'b', 'c', 'd'].map((text, i) => first.append(Buffer.from(text), i + 1)))
  expect(first.pending).toEqual({ bytes: 4, records: 4, count: 10 })
  const taken = await takeAll(first)
  expect(texts(taken)).toEqual(['a', 'b', 'c', 'd'])
  first.acknowledge(taken[2]!.sequence)
  first.acknowledge(taken[0]!.sequence)
  first.acknowledge(taken[0]!.sequence)
  expect(first.pending).toEqual({ bytes: 2, records: 2, count: 6 })
  await first.close()
  const second = await FileQueue.open(directory, alone, options)
  expect(second.pending).toEqual({ bytes: 2, records: 2, count: 6 })
  const rest = await takeAll(second)
  expect(texts(rest)).toEqual(['b', 'd'])
  for (const { sequence } of rest) second.acknowledge(sequence)
  await second.close()
  expect(readdirSync(join(directory, '0'))).toEqual([])
})

test('FileQueue.next() waits for a record, and until its signal fires', async () => {
  const queue = await FileQueue.open(temporaryDirectory(), alone, options)
  const waiting = queue.next(never)
  await queue.append(Buffer.from('x'), 1)
  expect(Buffer.from((await waiting).data).toString()).toBe('x')
  const abort = new AbortController()
  const aborted = queue.next(abort.signal)
  abort.abort()
  await expect(aborted).rejects.toSatisfy((error) => isCapabilityError(error, 'aborted'))
  const closed = expect(queue.next(never)).rejects.toSatisfy((error) => isCapabilityError(error, 'aborted'))
  await queue.close()
  await closed
})

test('FileQueue refuses records beyond its bound and takes them again when others are acknowledged', async () => {
  const queue = await FileQueue.open(temporaryDirectory(), alone, { bytesMax: 10 })
  await expect(queue.append(new Uint8Array(11), 1)).rejects.toSatisfy((error) => isCapabilityError(error, 'too_large'))
  const results = await Promise.allSettled([6, 4, 1].map((length) => queue.append(new Uint8Array(length), 1)))
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
  const [first] = await takeAll(queue)
  queue.acknowledge(first!.sequence)
  await queue.append(new Uint8Array(6), 1)
  await queue.close()
})

test('FileQueue gives the disk back as records are acknowledged', async () => {
  const directory = temporaryDirectory()
  const queue = await FileQueue.open(directory, alone, options)
  const data = Buffer.alloc(1024 * 1024, 'x')
  for (let i = 0; i < 20; i++) await queue.append(data, 1)
  expect(readdirSync(join(directory, '0')).length).toBe(3)
  for (const { sequence } of await takeAll(queue)) queue.acknowledge(sequence)
  await queue.close()
  expect(readdirSync(join(directory, '0'))).toEqual([])
})

test('FileQueue adopts what former lanes left, and removes their folders', async () => {
  const directory = temporaryDirectory()
  for (let index = 0; index < 5; index++) {
    const queue = await FileQueue.open(directory, { index, count: 5 }, options)
    await queue.append(Buffer.from(`lane ${index}`), 1)
    await queue.close()
  }
  const found: string[] = []
  for (const index of [0, 1]) {
    const queue = await FileQueue.open(directory, { index, count: 2 }, options)
    for (const { sequence, text } of await takeAll(queue)) {
      found.push(`${index}: ${text}`)
      queue.acknowledge(sequence)
    }
    await queue.append(Buffer.from('more'), 1)
    await queue.close()
  }
  expect(found).toEqual(['0: lane 2', '0: lane 4', '0: lane 0', '1: lane 3', '1: lane 1'])
  expect(readdirSync(directory)).toEqual(['0', '1'])
})

test('FileQueue keeps every whole record of a segment that is cut at any byte', async () => {
  const directory = temporaryDirectory()
  const queue = await FileQueue.open(directory, alone, options)
  for (const text of ['first', 'second', 'third']) await queue.append(Buffer.from(text), 1)
  await queue.close()
  const [name] = readdirSync(join(directory, '0'))
  const bytes = readFileSync(join(directory, '0', name!))
  for (let cut = 0; cut <= bytes.length; cut++) {
    const copy = temporaryDirectory()
    const first = await FileQueue.open(copy, alone, options)
    writeFileSync(join(copy, '0', name!), bytes.subarray(0, cut))
    await first.close()
    const again = await FileQueue.open(copy, alone, options)
    const whole = [29, 59, 88].filter((end) => end <= cut).length
    expect(texts(await takeAll(again))).toEqual(['first', 'second', 'third'].slice(0, whole))
    await again.append(Buffer.from('new'), 1)
    expect(Buffer.from((await again.next(never)).data).toString()).toBe('new')
    await again.close()
  }
})

test('FileQueue sets a damaged record aside, counts it, and goes on', async () => {
  const directory = temporaryDirectory()
  const queue = await FileQueue.open(directory, alone, options)
  for (const text of ['first', 'second', 'third']) await queue.append(Buffer.from(text), 1)
  await queue.close()
  const [name] = readdirSync(join(directory, '0'))
  const path = join(directory, '0', name!)
  const bytes = readFileSync(path)
  bytes[50]! ^= 4
  writeFileSync(path, bytes)
  for (let i = 0; i < 2; i++) {
    const again = await FileQueue.open(directory, alone, options)
    expect(again.unreadable).toBe(1)
    expect(texts(await takeAll(again))).toEqual(['first', 'third'])
    await again.close()
  }
  expect(existsSync(`${path}.unreadable`)).toBe(true)
})

test('FileQueue ignores a cut-off acknowledgement', async () => {
  const directory = temporaryDirectory()
  const queue = await FileQueue.open(directory, alone, options)
  for (const text of ['a', 'b', 'c']) await queue.append(Buffer.from(text), 1)
  const taken = await takeAll(queue)
  queue.acknowledge(taken[0]!.sequence)
  queue.acknowledge(taken[1]!.sequence)
  await queue.close()
  const name = readdirSync(join(directory, '0')).find((one) => one.endsWith('.ack'))!
  const path = join(directory, '0', name)
  writeFileSync(path, readFileSync(path).subarray(0, 13))
  const again = await FileQueue.open(directory, alone, options)
  const rest = await takeAll(again)
  expect(texts(rest)).toEqual(['b', 'c'])
  again.acknowledge(rest[1]!.sequence)
  await again.close()
  const last = await FileQueue.open(directory, alone, options)
  expect(texts(await takeAll(last))).toEqual(['b'])
  await last.close()
})

test('FileQueue promises nothing while the disk is full, and goes on when it is not', async () => {
  const directory = temporaryDirectory()
  const queue = await FileQueue.open(directory, alone, options)
  symlinkSync('/dev/full', join(directory, '0', '0000000000000001.seg'))
  await expect(queue.append(Buffer.from('a'), 1)).rejects.toThrow('ENOSPC')
  expect(queue.pending.records).toBe(0)
  await queue.append(Buffer.from('b'), 1)
  expect(texts(await takeAll(queue))).toEqual(['b'])
  await queue.close()
})
