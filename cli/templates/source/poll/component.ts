import { defineComponent, duration, receivers } from '@ingot/sdk'
import { Labels, linesBatch } from '@ingot/telemetry'
import { z } from 'zod'

/** An answer that is larger is no status page. */
const bodyBytesMax = 1024 * 1024
const timeoutMs = 10_000

export default defineComponent({
  name: 'poll',
  stability: 'generally-available',
  summary: 'Reads a URL at an interval and makes a log entry of each line of the answer.',
  arguments: z.strictObject({
    url: z.url().describe('What to read.'),
    interval: duration().prefault('15s').describe('Time between two requests.'),
    labels: z.record(z.string(), z.string()).default({}).describe('Labels of the entries.'),
    forward_to: receivers('loki.logs').describe('Where the entries go.'),
  }),
  // Whoever writes `url` in a configuration has granted requests to it, and to nothing else.
  capabilities: {
    'http.request': [{ why: 'Reads the URL.', from: 'url' }],
    clock: [{ why: 'Waits between two requests.' }],
  },
  settles: 'with delivery',
  async run({ args, env, ledger, signal, setHealth }) {
    const labels = Labels.from([['url', args.url], ...Object.entries(args.labels)])
    while (!signal.aborted) {
      try {
        const lines = await readLines()
        ledger.created(lines.length)
        const batch = linesBatch(lines, { text: env.text, labels, timeMs: env.clock.now() })
        const outcome = await args.forward_to.emit(batch)
        // The next answer will do as well: what was refused is not kept.
        if (outcome.status === 'refused') ledger.dropped(batch.count, 'refused')
        setHealth('healthy', 'the URL answers')
      } catch (error) {
        setHealth('unhealthy', `Cannot read ${args.url}: ${String(error)}`)
      }
      // The signal ends the wait: then there is nothing left to do.
      await env.clock.sleep(args.interval, { signal }).catch(() => undefined)
    }

    async function readLines() {
      const response = await env.http.request({ method: 'GET', url: args.url, timeoutMs, bodyBytesMax, signal })
      if (response.status !== 200) throw new Error(`found status ${response.status}, want 200`)
      return env.text.decode(response.body).split(/\r?\n/).filter(Boolean)
    }
  },
})
