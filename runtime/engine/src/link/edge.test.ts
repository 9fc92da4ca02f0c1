import { delivered, dropped, refused, type Outcome } from '@ingot/sdk'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { EdgeCells } from '../ledger/edge-cells.ts'
import { linesOf, logsBatch } from '../testing/logs-batch.ts'
import { ManualLink } from '../testing/manual-link.ts'
import { Edge, mergeOutcomes } from './edge.ts'
import type { EdgePolicy } from './edge-policy.ts'
import { batchBytes, type Link } from './link.ts'

const oneBytes = batchBytes(logsBatch('line 0'))

function edgeTo(link: Link | undefined, policy: EdgePolicy['policy'], memoryBytes: number) {
  const cells = new EdgeCells()
  const abort = new AbortController()
  const edge = new Edge({
    port: 'receiver',
    policy: { policy, memoryBytes, diskBytes: 0 },
    cells,
    link: () => link,
    signal: abort.signal,
  })
  return { edge, cells, abort }
}

const send = (edge: Edge, lines: number): Promise<Outcome>[] =>
  Array.from({ length: lines }, (_, i) => edge.send(logsBatch(`line ${i}`)))

test('a blocking edge has no more under way than its bound, in order', async () => {
  const link = new ManualLink()
  const { edge, cells } = edgeTo(link, 'block', 2 * oneBytes)
  const outcomes = send(edge, 4)
  expect(link.received).toEqual([['line 0'], ['line 1']])
  await link.settle(delivered)
  expect(link.received).toHaveLength(3)
  while (link.underWay > 0) await link.settle(delivered)
  expect(await Promise.all(outcomes)).toEqual([delivered, delivered, delivered, delivered])
  expect(cells.snapshot()).toMatchObject({ in: 4, delivered: 4, batches: 4, bytes: 4 * oneBytes, queued: 0 })
})

test('a batch larger than the bound goes alone', async () => {
  const link = new ManualLink()
  const { edge } = edgeTo(link, 'block', 1)
  void send(edge, 2)
  expect(link.received).toHaveLength(1)
  await link.settle(delivered)
  expect(link.received).toHaveLength(2)
})

test('drop_oldest gives up the oldest waiting batch, never what is under way or came last', async () => {
  const link = new ManualLink()
  const { edge, cells } = edgeTo(link, 'drop_oldest', 2 * oneBytes)
  const outcomes = send(edge, 7)
  while (link.underWay > 0) await link.settle(delivered)
  expect((await Promise.all(outcomes)).map(({ status }) => status)).toEqual([
    'delivered',
    'delivered',
    'dropped',
    'dropped',
    'dropped',
    'delivered',
    'delivered',
  ])
  expect(await outcomes[2]).toEqual(dropped('edge_overflow'))
  expect(cells.snapshot()).toMatchObject({ in: 7, delivered: 4, dropped: 3, queued: 0 })
})

test('a refusal goes back to the sender and is counted', async () => {
  const link = new ManualLink()
  const { edge, cells } = edgeTo(link, 'block', 1000)
  const [outcome] = send(edge, 1)
  await link.settle(refused('busy', 7))
  expect(await outcome).toEqual(refused('busy', 7))
  expect(cells.snapshot()).toMatchObject({ in: 1, refused: 1, queued: 0 })
})

test('a receiver that runs nowhere refuses', async () => {
  const { edge } = edgeTo(undefined, 'block', 1000)
  expect(await edge.send(logsBatch('line'))).toMatchObject({ status: 'refused', reason: 'receiver not running' })
})

test('sendUntilSettled() tries again after a refusal, and gives the batch back once the edge is closed', async () => {
  const link = new ManualLink()
  const { edge, abort } = edgeTo(link, 'block', 1000)
  const outcome = edge.sendUntilSettled(logsBatch('again'))
  await link.settle(refused('busy', 1))
  await expect.poll(() => link.received).toEqual([['again'], ['again']])
  abort.abort()
  await link.settle(refused('busy', 1))
  expect(await outcome).toEqual(refused('busy', 1))
})

test('mergeOutcomes() is refused before dropped before delivered', () => {
  expect(mergeOutcomes([delivered, delivered])).toEqual(delivered)
  expect(mergeOutcomes([delivered, dropped('late'), delivered])).toEqual(dropped('late'))
  expect(mergeOutcomes([dropped('late'), refused('busy')])).toEqual(refused('busy'))
})

test('whatever happens to batches, an edge at rest has accounted for each of their records', async () => {
  const outcomes = fc.constantFrom<Outcome>(delivered, dropped('late'), refused('busy'))
  const batches = fc.array(fc.record({ lines: fc.integer({ min: 1, max: 5 }), outcome: outcomes }), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(
      batches,
      fc.constantFrom('block' as const, 'drop_oldest' as const),
      fc.integer({ min: 1, max: 200 }),
      async (all, policy, memoryBytes) => {
        const fates = new Map(all.map(({ outcome }, i) => [`batch ${i}`, outcome]))
        const link: Link = {
          deliver: async (_, batch) => {
            if (batch.type !== 'loki.logs') throw new Error('want logs')
            return fates.get(linesOf(batch)[0]!)!
          },
        }
        const { edge, cells } = edgeTo(link, policy, memoryBytes)
        const sent = all.map(({ lines }, i) => edge.send(logsBatch(`batch ${i}`, ...Array(lines - 1).fill('x'))))
        const settled = await Promise.all(sent)
        const counted = { delivered: 0, dropped: 0, refused: 0 }
        for (const [i, { status }] of settled.entries()) counted[status] += all[i]!.lines
        expect(cells.snapshot()).toMatchObject({ ...counted, queued: 0 })
      },
    ),
    { numRuns: 50 },
  )
})
