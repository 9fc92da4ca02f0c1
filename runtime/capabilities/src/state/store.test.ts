import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../test-env.ts'
import { StateStore, type Lane } from './store.ts'

const alone: Lane = { index: 0, count: 1 }

async function contentOf(directory: string, lane: Lane): Promise<Record<string, string>> {
  const store = await StateStore.open(directory, lane)
  const content = Object.fromEntries(store.keys().map((key) => [key, store.get(key)!]))
  await store.close()
  return content
}

test('StateStore shows a change at once and after it was opened again', async () => {
  const directory = temporaryDirectory()
  const store = await StateStore.open(directory, alone)
  const written = store.put('a', '1')
  expect(store.get('a')).toBe('1')
  await written
  await Promise.all([store.put('b', 'ü'), store.put('', ''), store.put('a', '2')])
  await store.put('b', undefined)
  await store.close()
  expect(await contentOf(directory, alone)).toEqual({ a: '2', '': '' })
})

test('StateStore keeps what is whole of a log that is cut at any byte', async () => {
  const directory = temporaryDirectory()
  const store = await StateStore.open(directory, alone)
  const sizes: number[] = []
  for (let i = 0; i < 4; i++) {
    await store.put(`key${i}`, 'v'.repeat(i))
    sizes.push(statSync(join(directory, 'state.0.log')).size)
  }
  await store.close()
  const log = readFileSync(join(directory, 'state.0.log'))
  for (let cut = log.length; cut >= 0; cut--) {
    writeFileSync(join(directory, 'state.0.log'), log.subarray(0, cut))
    expect(Object.keys(await contentOf(directory, alone))).toHaveLength(sizes.filter((size) => size <= cut).length)
  }
})

test('StateStore goes on after a damaged record, sets it aside and counts it', async () => {
  const directory = temporaryDirectory()
  const path = join(directory, 'state.0.log')
  const store = await StateStore.open(directory, alone)
  await store.put('a', '1')
  const middle = statSync(path).size
  await store.put('b', '2')
  await store.put('c', '3')
  await store.close()
  const log = readFileSync(path)
  log[middle + 20]! ^= 0x10
  writeFileSync(path, log)
  const again = await StateStore.open(directory, alone)
  expect([...again.keys()].sort()).toEqual(['a', 'c'])
  expect(again.unreadable).toBe(1)
  expect(existsSync(`${path}.unreadable`)).toBe(true)
  await again.put('b', '4')
  await again.close()
  expect(await contentOf(directory, alone)).toEqual({ a: '1', b: '4', c: '3' })
})

test('StateStore of each lane sees the keys of all', async () => {
  const directory = temporaryDirectory()
  const lanes = [0, 1].map((index) => ({ index, count: 2 }))
  const [first, second] = await Promise.all(lanes.map((lane) => StateStore.open(directory, lane)))
  await Promise.all([first!.put('a', '1'), second!.put('b', '2')])
  await Promise.all([first!.close(), second!.close()])
  expect(await contentOf(directory, lanes[0]!)).toEqual({ a: '1', b: '2' })
  expect(readdirSync(directory).sort()).toEqual(['state.0.log', 'state.1.log'])
})

test('StateStore takes over the logs of lanes that no longer run, all lanes opening at once', async () => {
  const directory = temporaryDirectory()
  for (let index = 0; index < 8; index++) {
    const store = await StateStore.open(directory, { index, count: 8 })
    await store.put(`key${index}`, String(index))
    await store.close()
  }
  const stores = await Promise.all([0, 1, 2].map((index) => StateStore.open(directory, { index, count: 3 })))
  for (const store of stores) expect([...store.keys()].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((i) => `key${i}`))
  expect(readdirSync(directory).sort()).toEqual(['state.0.log', 'state.1.log', 'state.2.log'])
  await Promise.all(stores.map((store) => store.close()))
})

test('StateStore lets the newest write win across lanes, deletions included', async () => {
  const directory = temporaryDirectory()
  const two = await StateStore.open(directory, { index: 1, count: 2 })
  await two.put('moved', 'old')
  await two.put('gone', 'old')
  await two.close()
  const one = await StateStore.open(directory, { index: 0, count: 2 })
  await one.put('moved', 'new')
  await one.put('gone', undefined)
  await one.close()
  for (const index of [0, 1]) expect(await contentOf(directory, { index, count: 2 })).toEqual({ moved: 'new' })
  expect(await contentOf(directory, alone)).toEqual({ moved: 'new' })
  expect(await contentOf(directory, alone)).toEqual({ moved: 'new' })
})

test('StateStore keeps its log short', async () => {
  const directory = temporaryDirectory()
  const store = await StateStore.open(directory, alone)
  const value = 'x'.repeat(1000)
  for (let round = 0; round < 30; round++) {
    await Promise.all(Array.from({ length: 100 }, (_, i) => store.put(`key${i}`, `${round}${value}`)))
  }
  await store.put('key0', undefined)
  await store.close()
  expect(statSync(join(directory, 'state.0.log')).size).toBeLessThan(1.3e6)
  const content = await contentOf(directory, alone)
  expect(Object.keys(content)).toHaveLength(99)
  expect(new Set(Object.values(content))).toEqual(new Set([`29${value}`]))
})

test('StateStore ignores what a killed rewrite left', async () => {
  const directory = temporaryDirectory()
  const store = await StateStore.open(directory, alone)
  await store.put('a', '1')
  await store.close()
  appendFileSync(join(directory, 'state.0.log.new'), 'half a log')
  truncateSync(join(directory, 'state.0.log.new'), 4)
  expect(await contentOf(directory, alone)).toEqual({ a: '1' })
})

test('StateStore stays durable when its log cannot be rewritten', async () => {
  const directory = temporaryDirectory()
  mkdirSync(join(directory, 'state.0.log.new'))
  const store = await StateStore.open(directory, alone)
  for (let i = 0; i < 3; i++) await store.put('large', `${i}${'x'.repeat(600_000)}`)
  await store.put('small', '1')
  await store.close()
  expect(Object.keys(await contentOf(directory, alone))).toEqual(['large', 'small'])
})
