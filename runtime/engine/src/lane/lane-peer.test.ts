import { delivered, refused, type Outcome } from '@ingot/sdk'
import type { Batch } from '@ingot/telemetry'
import { MessageChannel } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { linesOf, logsBatch } from '../testing/logs-batch.ts'
import { LanePeer, type PeerHandlers } from './lane-peer.ts'

interface Arrived {
  readonly to: string
  readonly lines: readonly string[]
  readonly settle: (outcome: Outcome) => void
}

/** A lane whose batches the test settles itself. */
function lane(serve: PeerHandlers['serve'] = async () => ({ status: 404, headers: {}, body: new Uint8Array() })) {
  const arrived: Arrived[] = []
  const receive = (component: string, port: string, batch: Batch): Promise<Outcome> => {
    if (batch.type !== 'loki.logs') throw new Error('want logs')
    return new Promise((settle) => arrived.push({ to: `${component}.${port}`, lines: linesOf(batch), settle }))
  }
  return { arrived, peer: new LanePeer({ receive, serve }) }
}

function join(a: LanePeer, b: LanePeer): () => void {
  const { port1, port2 } = new MessageChannel()
  a.connect(port1)
  b.connect(port2)
  onTestFinished(() => port1.close())
  return () => port2.close()
}

test('a batch crosses as a copy, and its outcome comes back', async () => {
  const here = lane()
  const there = lane()
  join(here.peer, there.peer)
  const batch = logsBatch('a', 'b')
  const outcome = here.peer.link('loki.write.x').deliver('receiver', batch)
  await expect.poll(() => there.arrived).toMatchObject([{ to: 'loki.write.x.receiver', lines: ['a', 'b'] }])
  there.arrived[0]!.settle(refused('busy', 5))
  expect(await outcome).toEqual(refused('busy', 5))
  expect(linesOf(batch)).toEqual(['a', 'b'])
})

test('what a dead lane had not settled is sent again to the one that takes its place, and only that', async () => {
  const here = lane()
  const first = lane()
  const die = join(here.peer, first.peer)
  const link = here.peer.link('loki.write.x')
  const outcomes = ['a', 'b', 'c'].map((line) => link.deliver('receiver', logsBatch(line)))
  await expect.poll(() => first.arrived.length).toBe(3)
  first.arrived[1]!.settle(delivered)
  expect(await outcomes[1]).toEqual(delivered)
  die()
  const late = link.deliver('receiver', logsBatch('d'))
  const second = lane()
  join(here.peer, second.peer)
  await expect.poll(() => second.arrived.map(({ lines }) => lines[0])).toEqual(['a', 'c', 'd'])
  for (const { settle } of second.arrived) settle(delivered)
  expect(await Promise.all([...outcomes, late])).toEqual([delivered, delivered, delivered, delivered])
})

test('batches that were sent before the peer is there wait for it', async () => {
  const here = lane()
  const outcome = here.peer.link('loki.write.x').deliver('receiver', logsBatch('early'))
  const there = lane()
  join(here.peer, there.peer)
  await expect.poll(() => there.arrived.length).toBe(1)
  there.arrived[0]!.settle(delivered)
  expect(await outcome).toEqual(delivered)
})

test('giveBack() refuses what is under way to a component, and nothing else', async () => {
  const here = lane()
  const there = lane()
  join(here.peer, there.peer)
  const gone = here.peer.link('loki.write.gone').deliver('receiver', logsBatch('a'))
  const stays = here.peer.link('loki.write.stays').deliver('receiver', logsBatch('b'))
  await expect.poll(() => there.arrived.length).toBe(2)
  here.peer.giveBack('loki.write.gone')
  expect(await gone).toMatchObject({ status: 'refused' })
  for (const { settle } of there.arrived) settle(delivered)
  expect(await stays).toEqual(delivered)
})

test('a request is answered by the other lane', async () => {
  const here = lane()
  const there = lane(async (component, { url }) => ({
    status: 200,
    headers: { 'x-for': component },
    body: new TextEncoder().encode(url),
  }))
  join(here.peer, there.peer)
  const request = { method: 'GET', url: 'metrics', headers: {}, body: new Uint8Array(), remoteAddress: '' }
  const { status, headers, body } = await here.peer.request('prometheus.exporter.unix.x', request)
  expect([status, headers, new TextDecoder().decode(body)]).toEqual([
    200,
    { 'x-for': 'prometheus.exporter.unix.x' },
    'metrics',
  ])
})
