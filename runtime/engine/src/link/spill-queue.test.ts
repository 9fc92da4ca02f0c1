import { FileQueue } from '@ingot/capabilities'
import { delivered, dropped, refused } from '@ingot/sdk'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { EdgeCells } from '../ledger/edge-cells.ts'
import { logsBatch } from '../testing/logs-batch.ts'
import { ManualLink } from '../testing/manual-link.ts'
import { SpillQueue } from './spill-queue.ts'

function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'ingot-spill-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

async function spillTo(link: ManualLink, dir: string, { bytesMax = 2 ** 20, memoryBytes = 2 ** 20 } = {}) {
  const queue = await FileQueue.open(dir, { index: 0, count: 1 }, { bytesMax })
  const cells = new EdgeCells()
  const abort = new AbortController()
  const spill = new SpillQueue({ queue, port: 'receiver', cells, link: () => link, memoryBytes, signal: abort.signal })
  let closed = false
  const close = async () => {
    if (closed) return
    closed = true
    abort.abort()
    await spill.close()
  }
  onTestFinished(close)
  return { spill, cells, close, queue }
}

test('a batch is settled for its sender when it is on disk, and delivered from there', async () => {
  const link = new ManualLink()
  const { spill, cells, queue } = await spillTo(link, temporaryDir())
  expect(await spill.append(logsBatch('a', 'b'))).toEqual(delivered)
  await expect.poll(() => link.received).toEqual([['a', 'b']])
  expect(queue.pending.count).toBe(2)
  await link.settle(delivered)
  expect(queue.pending.count).toBe(0)
  expect(cells.snapshot()).toMatchObject({ delivered: 2 })
})

test('a refused batch is handed over again until its fate is settled', async () => {
  const link = new ManualLink()
  const { spill, cells } = await spillTo(link, temporaryDir())
  await spill.append(logsBatch('a'))
  await expect.poll(() => link.underWay).toBe(1)
  await link.settle(refused('busy', 1))
  await expect.poll(() => link.received).toEqual([['a'], ['a']])
  await link.settle(dropped('late'))
  expect(cells.snapshot()).toMatchObject({ dropped: 1, refused: 0 })
})

test('what was not settled when the queue closed is found by the next one, and counted as having come in', async () => {
  const dir = temporaryDir()
  const dead = new ManualLink()
  const first = await spillTo(dead, dir)
  await first.spill.append(logsBatch('a', 'b'))
  await first.spill.append(logsBatch('c'))
  await expect.poll(() => dead.underWay).toBe(2)
  await dead.settle(delivered)
  await first.close()
  // Too late: the books of the queue are closed, so the batch comes again.
  await dead.settle(delivered)
  const link = new ManualLink()
  const second = await spillTo(link, dir)
  expect(second.cells.snapshot()).toMatchObject({ in: 1, queued: 1 })
  await expect.poll(() => link.received).toEqual([['c']])
  await link.settle(delivered)
  expect(second.cells.snapshot()).toMatchObject({ delivered: 1, queued: 0 })
})

test('a full disk queue refuses, and takes batches again when there is room', async () => {
  const link = new ManualLink()
  const { spill } = await spillTo(link, temporaryDir(), { bytesMax: 4_096 })
  let outcome = await spill.append(logsBatch('x'.repeat(500)))
  while (outcome.status === 'delivered') outcome = await spill.append(logsBatch('x'.repeat(500)))
  expect(outcome).toMatchObject({ status: 'refused', reason: 'edge_full' })
  await expect
    .poll(async () => {
      while (link.underWay > 0) await link.settle(delivered)
      return (await spill.append(logsBatch('y'))).status
    })
    .toBe('delivered')
})

test('no more is in memory on its way than the bound, however much is on disk', async () => {
  const link = new ManualLink()
  const { spill } = await spillTo(link, temporaryDir(), { memoryBytes: 2_000 })
  for (let i = 0; i < 6; i++) await spill.append(logsBatch(`${i}`.repeat(500)))
  await expect.poll(() => link.underWay).toBeGreaterThan(1)
  expect(link.underWay).toBeLessThan(4)
  await expect
    .poll(async () => {
      if (link.underWay > 0) await link.settle(delivered)
      return link.received.length
    })
    .toBe(6)
})

test('a record that is no batch is dropped, and those behind it go on', async () => {
  const link = new ManualLink()
  const { spill, cells, queue } = await spillTo(link, temporaryDir())
  await queue.append(new Uint8Array([1, 2, 3]), 1)
  await spill.append(logsBatch('a'))
  await expect.poll(() => link.received).toEqual([['a']])
  await link.settle(delivered)
  expect(cells.snapshot()).toMatchObject({ dropped: 1, delivered: 1 })
})
