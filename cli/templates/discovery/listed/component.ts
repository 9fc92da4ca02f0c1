import { defineComponent, duration, targets } from '@ingot/sdk'
import { z } from 'zod'

/** A longer list is a mistake. */
const bytesMax = 1024 * 1024

export default defineComponent({
  name: 'listed',
  stability: 'generally-available',
  summary: 'Exports the addresses in a file as targets, and follows its changes.',
  arguments: z.strictObject({
    filename: z.string().min(1).describe('File with one `host:port` on each line; `#` begins a comment.'),
    labels: z.record(z.string(), z.string()).default({}).describe('Labels of every target.'),
    refresh_interval: duration().prefault('5s').describe('Time between two looks.'),
  }),
  exports: z.object({ targets: targets().describe('The targets.') }),
  // Whoever writes `filename` in a configuration has granted reading it, and nothing else.
  capabilities: {
    'fs.read': [{ why: 'Reads the list.', from: 'filename' }],
    clock: [{ why: 'Looks again after a while.' }],
  },
  async run({ args, env, signal, setExports, setHealth }) {
    while (!signal.aborted) {
      try {
        const text = await env.fs.readText(args.filename, { bytesMax })
        setExports({ targets: addressesIn(text).map((address) => ({ ...args.labels, __address__: address })) })
        setHealth('healthy', 'the list was read')
      } catch (error) {
        // The last list stands until there is a new one.
        setHealth('unhealthy', `Cannot read ${args.filename}: ${String(error)}`)
      }
      // The signal ends the wait: then there is nothing left to do.
      await env.clock.sleep(args.refresh_interval, { signal }).catch(() => undefined)
    }
  },
})

function addressesIn(text: string) {
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim())
  return lines.filter((line) => line !== '')
}
