import { mountExporter } from '@ingot/kits'
import { defineComponent, targets } from '@ingot/sdk'
import { z } from 'zod'

export default defineComponent({
  name: 'prometheus.exporter.self',
  stability: 'generally-available',
  summary: "Exposes the collector's own metrics as a target.",
  arguments: z.strictObject({}),
  exports: z.object({ targets: targets().describe('The target to scrape.') }),
  capabilities: {
    'self.metrics': [{ why: "Reads the collector's own metrics." }],
    'http.serve': [{ why: 'Serves the metrics at an internal address.' }],
    'host.stats': [{ why: 'Names the host in the instance label.' }],
  },
  run({ env, signal, setExports }) {
    const target = mountExporter(env.server, 'self', env.host.hostname, () => env.self.scrape())
    setExports({ targets: [target] })
    return new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  },
})
