import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { servers } from '../../servers/debian.ts'
import { Collector } from '../../servers/ingot.ts'
import { freePort, ServerProcess } from '../../servers/process.ts'
import { Meter, startPart, untilArrived, type Measurement } from '../measure.ts'

/** Scrape → remote write v1 (workload M1): one target, every 5 s. */
export interface ScrapeWorkload {
  /** Only Ingot, without its peers. */
  readonly own: boolean
  readonly series: number
  readonly intervalSeconds: number
  /** How many are measured, after those that warm up. */
  readonly scrapes: number
}

/** Not measured: series are made, code is compiled. */
const warmUpScrapes = 4

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
    const program = { name, process: await start(target.address, sink.address, intervalSeconds) }
    await untilArrived(sink.address, warmUpScrapes * series, program)
    const servedBefore = await scrapesServed(target.address)
    const meter = await Meter.start(program.process.pid, sink.address)
    await untilArrived(sink.address, (warmUpScrapes + scrapes) * series, program)
    const measurement = await meter.stop(name)
    const served = (await scrapesServed(target.address)) - servedBefore
    // The first and the last scrape of them may have been on their way.
    if (served > scrapes + 2) throw new Error(`Measured ${name} in vain: ${scrapes} of ${served} scrapes arrived`)
    measurements.push(measurement)
    await program.process.stop()
    await sink.process.stop()
  }
  await target.process.stop()
  return measurements
}

async function scrapesServed(target: string): Promise<number> {
  return Number(await (await fetch(`http://${target}/scrapes`)).text())
}
