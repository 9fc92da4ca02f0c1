import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Receiver } from '../peers/receiver.ts'
import { freePort, until } from '../servers/process.ts'
import { startChaos, startReceiver, temporaryDir, untilBalanced } from './log-pipeline.ts'

/** Batches that a client sends one after the other; each again and again until it is acknowledged. */
const pushes = 150
const retryMs = 20

function span(i: number) {
  return {
    traceId: i.toString(16).padStart(32, '0'),
    spanId: i.toString(16).padStart(16, '0'),
    name: `span ${i}`,
    kind: 2,
    startTimeUnixNano: '1700000000000000000',
    endTimeUnixNano: '1700000001000000000',
  }
}

interface Traces {
  readonly resource_spans: readonly {
    readonly scope_spans: readonly { readonly spans: readonly { readonly name: string }[] }[]
  }[]
}

function arrived(receiver: Receiver): Set<string> {
  const spans = receiver
    .messages<Traces>('traces')
    .flatMap((message) => message.resource_spans.flatMap((one) => one.scope_spans.flatMap(({ spans: all }) => all)))
  return new Set(spans.map(({ name }) => name))
}

test(
  'what a pusher was told has been taken is there, whatever lanes have died meanwhile',
  { timeout: 60_000 },
  async () => {
    const { receiver, pushUrl } = await startReceiver()
    const address = `127.0.0.1:${await freePort()}`
    const collector = await startChaos({
      config: `
      otelcol.receiver.otlp "in" {
        http { endpoint = "${address}" }
        output { traces = [otelcol.processor.batch.some.input] }
      }
      otelcol.processor.batch "some" {
        timeout = "50ms"
        output { traces = [otelcol.exporter.otlphttp.out.input] }
      }
      otelcol.exporter.otlphttp "out" {
        client { endpoint = "${new URL(pushUrl).origin}" }
      }`,
      dir: temporaryDir(),
      flags: ['--modules=modules/otelcol'],
    })
    const push = async (i: number): Promise<boolean> => {
      const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span(i)] }] }] })
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`http://${address}/v1/traces`, { method: 'POST', headers, body }).catch(
        () => undefined,
      )
      return answer?.ok === true
    }
    const acknowledged: string[] = []
    const client = async (from: number): Promise<void> => {
      for (let i = from; i < from + pushes; i++) {
        while (!(await push(i))) await pause(retryMs)
        acknowledged.push(`span ${i}`)
        // Nothing is acknowledged before the far end has it.
        expect(arrived(receiver)).toContain(`span ${i}`)
      }
    }
    const clients = Promise.all([0, 1, 2, 3].map((n) => client(n * pushes)))
    for (let round = 0; round < 4; round++) {
      const before = acknowledged.length
      await until(() => acknowledged.length > before + 20 || acknowledged.length === 4 * pushes, 'acknowledgements')
      collector.process.child.kill('SIGUSR2')
      await until(
        async () => (await collector.live()).lanes.reduce((sum, { restarts }) => sum + restarts, 0) > round,
        `restart ${round + 1}`,
      )
    }
    await clients
    expect(arrived(receiver).size).toBe(4 * pushes)
    await untilBalanced(collector)
  },
)
