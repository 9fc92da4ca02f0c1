import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { servers } from '../../servers/debian.ts'
import { Collector } from '../../servers/ingot.ts'
import { freePort, ServerProcess, until } from '../../servers/process.ts'
import { Meter, sinkCount, startPart, type Measurement } from '../measure.ts'

/** Scrape → remote write v1 (workload M1): one target, every 5 s. */
export interface ScrapeWorkload {
  /** Only Ingot, without its peers. */
  readonly own: boolean
  readonly series: number
  readonly intervalSeconds: number
  /** Measured after the first two scrapes, for as many intervals. */
  readonly scrapes: number
}

type Start = (target: string, sink: string, interval: number) => Promise<ServerProcess>

const peers: Readonly<Record<string, Start>> = {
  ingot: async (target, sink, interval) => {
    const collector = await Collector.start({
      config: `
        prometheus.scrape "bench" {
          targets = [{ __address__ = "${target}" }]
          forward_to = [prometheus.remote_write.out.receiver]
          scrape_interval = "${interval}s"
          scrape_timeout = "${interval}s"
        }
        prometheus.remote_write "out" { endpoint { url = "http://${sink}/api/v1/write" } }`,
    })
    return collector.process
  },
  'prometheus (agent)': async (target, sink, interval) => {
    const dir = mkdtempSync(join(tmpdir(), 'bench-prometheus-'))
    writeFileSync(
      join(dir, 'p.yml'),
      `scrape_configs:\n- job_name: bench\n  scrape_interval: ${interval}s\n  scrape_timeout: ${interval}s\n  static_configs: [{targets: ['${target}']}]\nremote_write:\n- url: http://${sink}/api/v1/write\n`,
    )
    const address = `127.0.0.1:${await freePort()}`
    const flags = [
      '--enable-feature=agent',
      `--config.file=${join(dir, 'p.yml')}`,
      `--storage.agent.path=${join(dir, 'data')}`,
      `--web.listen-address=${address}`,
    ]
    return new ServerProcess(servers.prometheus.path, flags)
  },
  vmagent: async (target, sink, interval) => {
    const dir = mkdtempSync(join(tmpdir(), 'bench-vmagent-'))
    writeFileSync(
      join(dir, 'p.yml'),
      `scrape_configs:\n- job_name: bench\n  scrape_interval: ${interval}s\n  scrape_timeout: ${interval}s\n  static_configs: [{targets: ['${target}']}]\n`,
    )
    const flags = [
      `-promscrape.config=${join(dir, 'p.yml')}`,
      '-promscrape.maxScrapeSize=200MB',
      `-remoteWrite.url=http://${sink}/api/v1/write`,
      `-remoteWrite.tmpDataPath=${join(dir, 'data')}`,
      `-httpListenAddr=127.0.0.1:${await freePort()}`,
    ]
    return new ServerProcess(servers.vmagent.path, flags)
  },
}

/** Runs every peer on the same work, one after the other. */
export async function measureScrape({
  series,
  intervalSeconds,
  scrapes,
  own,
}: ScrapeWorkload): Promise<readonly Measurement[]> {
  const target = await startPart('target.ts', String(series))
  const measurements: Measurement[] = []
  for (const [name, start] of Object.entries(peers)) {
    if (own && name !== 'ingot') continue
    const sink = await startPart('sink.ts')
    const program = await start(target.address, sink.address, intervalSeconds)
    await until(
      async () => (await sinkCount(sink.address)).records >= 2 * series,
      `two scrapes through ${name}:\n${program.output}`,
      120_000,
    )
    const meter = await Meter.start(program.pid, sink.address)
    await new Promise((resolve) => setTimeout(resolve, scrapes * intervalSeconds * 1000))
    measurements.push(await meter.stop(name))
    await program.stop()
    await sink.process.stop()
  }
  await target.process.stop()
  return measurements
}
