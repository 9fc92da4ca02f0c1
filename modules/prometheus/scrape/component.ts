import { httpClientGrants, proxyVariables } from '@ingot/kits'
import { defineComponent } from '@ingot/sdk'
import { scrapeArguments } from './arguments.ts'
import { ScrapePool } from './scrape-pool.ts'

const grants = httpClientGrants()

export default defineComponent({
  name: 'prometheus.scrape',
  stability: 'generally-available',
  summary: 'Scrapes Prometheus metrics from targets and forwards their samples.',
  docs: `Targets are scraped at \`scrape_interval\`, spread over it. The text format and OpenMetrics are read. Each scrape adds
\`up\` and the \`scrape_*\` series, and writes a staleness marker for each series that has ended.

A scrape whose samples are refused is offered again until the next one is due.`,
  arguments: scrapeArguments,
  capabilities: {
    'http.request': [{ why: 'Scrapes the targets.', from: 'targets.__address__' }, ...grants['http.request']],
    'fs.read': grants['fs.read'],
    'env.read': [proxyVariables],
    clock: [{ why: 'Scrapes at intervals.' }],
    random: [{ why: 'Spreads the waits between attempts.' }],
    peers: [{ why: 'Shares targets out between instances.' }],
  },
  scaling: 'replicate',
  settles: 'with delivery',
  async run(context) {
    const pool = new ScrapePool(context)
    context.onUpdate((args) => pool.update(args))
    context.debugInfo(() => pool.debugInfo())
    await pool.run()
  },
})
