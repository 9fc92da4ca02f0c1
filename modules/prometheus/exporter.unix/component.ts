import { ExpositionWriter, mountExporter } from '@ingot/kits'
import { defineComponent, targets } from '@ingot/sdk'
import { z } from 'zod'
import { unixArguments, wantedCollectors, type UnixArguments } from './arguments.ts'
import { collectors, type CollectorName, type Host } from './collectors.ts'

export default defineComponent({
  name: 'prometheus.exporter.unix',
  stability: 'generally-available',
  summary: 'Exposes hardware and kernel figures of a Unix host as a target.',
  docs: `The collectors are \`cpu\`, \`diskstats\`, \`filesystem\`, \`loadavg\`, \`meminfo\`, \`netdev\`, \`stat\` and \`uname\`, with the
metric names of node_exporter. A collector that fails is told by \`node_scrape_collector_success\`; the others go on.`,
  arguments: unixArguments,
  exports: z.object({ targets: targets().describe('The target to scrape.') }),
  capabilities: {
    'fs.read': [
      { why: 'Reads kernel figures.', from: 'procfs_path' },
      { why: 'Reads figures of devices.', from: 'sysfs_path' },
      { why: 'Reads names of disks.', from: 'udev_data_path' },
      { why: 'Asks file systems for their space.', from: 'rootfs_path' },
    ],
    'host.stats': [{ why: 'Names the host and its kernel.' }],
    'http.serve': [{ why: 'Serves the metrics at an internal address.' }],
    clock: [{ why: 'Bounds how long a file system may take, and times the collectors.' }],
  },
  run({ args, env, signal, setExports }) {
    const names = wantedCollectors(args)
    const target = mountExporter(env.server, 'unix', env.host.hostname, () => collect(names, env, args))
    setExports({ targets: [target] })
    return new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  },
})

async function collect(names: readonly CollectorName[], host: Host, args: UnixArguments): Promise<string> {
  const out = new ExpositionWriter()
  for (const name of names) {
    const started = host.clock.monotonic()
    let success = 1
    try {
      await collectors[name](out, host, args)
    } catch {
      success = 0
    }
    const seconds = (host.clock.monotonic() - started) / 1000
    out.gauge('node_scrape_collector_duration_seconds', 'node_exporter: Duration of a collector scrape.', seconds, {
      collector: name,
    })
    out.gauge('node_scrape_collector_success', 'node_exporter: Whether a collector succeeded.', success, {
      collector: name,
    })
  }
  return out.toString()
}
