import { delivered, dropped, refused, type Clock, type Outcome } from '@ingot/sdk'
import type { OtelBatch } from '@ingot/telemetry'
import { ProtobufWriter, recordsOf, resourcesOf, scopesOf } from '@ingot/telemetry'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OtelBatcher, type BatcherOptions } from './batcher.ts'

/** Logs whose bodies are the numbers from `first`, so that each can be recognized. */
function logs(first: number, count: number): OtelBatch {
  const writer = new ProtobufWriter()
  const resource = writer.begin(1)
  const scope = writer.begin(2)
  for (let i = 0; i < count; i++) {
    const record = writer.begin(2)
    writer.uintField(7, first + i)
    writer.end(record)
  }
  writer.end(scope)
  writer.end(resource)
  return { type: 'otel.logs', count, bytes: writer.finish() }
}

function numbersIn({ bytes }: OtelBatch): number[] {
  const numbers: number[] = []
  for (const resource of resourcesOf(bytes)) {
    for (const scope of scopesOf(bytes, resource)) {
      for (const record of recordsOf(bytes, scope)) {
        let value = 0
        for (let i = record.end - 1; i > record.start; i--) value = value * 128 + (bytes[i]! & 0x7f)
        numbers.push(value)
      }
    }
  }
  return numbers
}

/** Time that goes on only when somebody waits for it and nothing else is left to do. */
function jumpingClock(): Clock {
  let now = 0
  return {
    now: () => now,
    monotonic: () => now,
    sleep: (ms, options) =>
      new Promise((resolve, reject) => {
        const aborted = () => reject(Object.assign(new Error('stopped'), { name: 'CapabilityError', code: 'aborted' }))
        if (options?.signal?.aborted) return aborted()
        options?.signal?.addEventListener('abort', aborted)
        setImmediate(() => {
          now += ms
          resolve()
        })
      }),
  }
}

function batcher(options: Partial<BatcherOptions>) {
  const emitted: OtelBatch[] = []
  const lost: [number, string][] = []
  const made = new OtelBatcher({
    timeoutMs: 100,
    sizeMin: 10,
    sizeMax: 0,
    bytesMax: 1e6,
    clock: jumpingClock(),
    onDropped: (records, reason) => lost.push([records, reason]),
    ...options,
    emit: async (batch, trigger) => {
      emitted.push(batch)
      return options.emit ? options.emit(batch, trigger) : delivered
    },
  })
  return { batcher: made, emitted, lost }
}

describe('OtelBatcher', () => {
  test('sends when enough records wait', async () => {
    const triggers: string[] = []
    const { batcher: one, emitted } = batcher({
      emit: async (_, trigger) => {
        triggers.push(trigger)
        return delivered
      },
    })
    await Promise.all([one.add(logs(0, 6)), one.add(logs(6, 6))])
    expect(emitted.map(numbersIn)).toEqual([[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]])
    expect(triggers).toEqual(['size'])
  })

  test('sends what is too little when its time is over', async () => {
    const { batcher: one, emitted } = batcher({})
    expect(await one.add(logs(0, 3))).toEqual(delivered)
    expect(emitted.map(numbersIn)).toEqual([[0, 1, 2]])
  })

  test('cuts what is larger than the largest batch, and waits with the rest', async () => {
    const { batcher: one, emitted } = batcher({ sizeMax: 10 })
    await Promise.all([one.add(logs(0, 8)), one.add(logs(8, 15))])
    expect(emitted.map((batch) => numbersIn(batch).length)).toEqual([10, 10, 3])
    expect(emitted.flatMap(numbersIn)).toEqual(Array.from({ length: 23 }, (_, i) => i))
  })

  test('sends at once with a timeout of 0', async () => {
    const { batcher: one, emitted } = batcher({ timeoutMs: 0 })
    await Promise.all([one.add(logs(0, 1)), one.add(logs(1, 1))])
    expect(emitted).toHaveLength(2)
  })

  test('settles with the outcome of the batch that the records went out in', async () => {
    const { batcher: one } = batcher({ emit: async () => refused('full', 7) })
    expect(await Promise.all([one.add(logs(0, 5)), one.add(logs(5, 5))])).toEqual([
      refused('full', 7),
      refused('full', 7),
    ])
  })

  test('keeps records of a batch that was refused in part and sends them again', async () => {
    let turn = 0
    const { batcher: one, emitted } = batcher({
      sizeMax: 10,
      emit: async () => (++turn === 2 ? refused('full', 50) : delivered),
    })
    expect(await one.add(logs(0, 20))).toEqual(delivered)
    expect(emitted.map((batch) => numbersIn(batch)[0])).toEqual([0, 10, 10])
  })

  test('sends what waits when it stops, and refuses what comes then', async () => {
    const { batcher: one, emitted } = batcher({ timeoutMs: 1e9 })
    const outcome = one.add(logs(0, 3))
    await one.stop()
    expect(await outcome).toEqual(delivered)
    expect(emitted).toHaveLength(1)
    expect(await one.add(logs(3, 3))).toEqual(refused('stopped'))
  })

  test('waits when it holds too many bytes', async () => {
    let release: (outcome: Outcome) => void = () => {}
    const { batcher: one, emitted } = batcher({
      bytesMax: 30,
      sizeMin: 1,
      emit: () => new Promise((resolve) => (release = resolve)),
    })
    const first = one.add(logs(0, 8))
    const second = one.add(logs(8, 8))
    await new Promise(setImmediate)
    expect(emitted).toHaveLength(1)
    release(delivered)
    expect(await first).toEqual(delivered)
    await new Promise(setImmediate)
    expect(emitted).toHaveLength(2)
    release(delivered)
    expect(await second).toEqual(delivered)
  })

  test('gives every record exactly one fate, and every sender the fate of its records', async () => {
    const step = fc.record({ count: fc.integer({ min: 0, max: 25 }), pause: fc.boolean() })
    const fates = fc.array(fc.constantFrom('delivered', 'dropped', 'refused'), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 12 }),
        fates,
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 0, max: 15 }),
        async (steps, script, sizeMin, room) => {
          const gone = new Map<number, string>()
          const queue = [...script]
          const { batcher: one, lost } = batcher({
            sizeMin,
            sizeMax: room === 0 ? 0 : sizeMin + room,
            emit: async (batch) => {
              const fate = queue.shift() ?? 'delivered'
              if (fate === 'refused') return refused('full', 10)
              for (const n of numbersIn(batch)) {
                expect(gone.has(n)).toBe(false)
                gone.set(n, fate)
              }
              return fate === 'delivered' ? delivered : dropped('bad')
            },
          })
          let first = 0
          const sent: { first: number; count: number; outcome: Promise<Outcome> }[] = []
          for (const { count, pause } of steps) {
            sent.push({ first, count, outcome: one.add(logs(first, count)) })
            first += count
            if (pause) await new Promise(setImmediate)
          }
          for (const { first: start, count, outcome } of sent) {
            const { status } = await outcome
            const own = Array.from({ length: count }, (_, i) => gone.get(start + i))
            if (status === 'delivered') expect(own.every((fate) => fate === 'delivered')).toBe(true)
            if (status === 'dropped') expect(own.includes('dropped') && !own.includes(undefined)).toBe(true)
            if (status === 'refused') expect(own.every((fate) => fate === undefined)).toBe(true)
          }
          expect(lost).toEqual([])
          await one.stop()
        },
      ),
      { numRuns: 300 },
    )
  })
})
