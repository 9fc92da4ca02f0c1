import { delivered, dropped, refused } from '@ingot/sdk'
import { expect, test } from 'vitest'
import { EdgeCells } from '../ledger/edge-cells.ts'
import { LedgerCells } from '../ledger/ledger-cells.ts'
import { logsBatch } from '../testing/logs-batch.ts'
import { ManualLink } from '../testing/manual-link.ts'
import { Edge } from './edge.ts'
import { defaultEdgePolicy } from './edge-policy.ts'
import { WiredOutput } from './output.ts'

function outputTo(count: number) {
  const ledger = new LedgerCells()
  const output = new WiredOutput(ledger)
  const links = Array.from({ length: count }, () => new ManualLink())
  const { signal } = new AbortController()
  output.rewire(
    links.map(
      (link) =>
        new Edge({ port: 'receiver', policy: defaultEdgePolicy, cells: new EdgeCells(), link: () => link, signal }),
    ),
  )
  return { output, links, ledger }
}

test('an output without receivers delivers at once and counts what went out', async () => {
  const { output, ledger } = outputTo(0)
  expect(output.receivers).toBe(0)
  expect(await output.emit(logsBatch('a', 'b'))).toEqual(delivered)
  expect(ledger.snapshot().out).toBe(2)
})

test('an output with one receiver gives a refusal back and counts nothing', async () => {
  const { output, links, ledger } = outputTo(1)
  const outcome = output.emit(logsBatch('a'))
  await links[0]!.settle(refused('busy'))
  expect(await outcome).toEqual(refused('busy'))
  expect(ledger.snapshot().out).toBe(0)
})

test('an output with several receivers settles when the last has, and sends again only to the one that refused', async () => {
  const { output, links, ledger } = outputTo(2)
  const outcome = output.emit(logsBatch('a'))
  await links[0]!.settle(delivered)
  await links[1]!.settle(refused('busy', 1))
  await expect.poll(() => links[1]!.received.length).toBe(2)
  await links[1]!.settle(dropped('late'))
  expect(await outcome).toEqual(dropped('late'))
  expect(links[0]!.received).toHaveLength(1)
  expect(ledger.snapshot().out).toBe(1)
})

test('an output that is rewired sends to its new receivers', async () => {
  const { output, ledger } = outputTo(2)
  output.rewire([])
  expect(await output.emit(logsBatch('a'))).toEqual(delivered)
  expect(ledger.snapshot().out).toBe(1)
})

test('an empty batch goes nowhere', async () => {
  const { output, links } = outputTo(1)
  expect(await output.emit(logsBatch())).toEqual(delivered)
  expect(links[0]!.received).toEqual([])
})
