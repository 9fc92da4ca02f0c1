import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, ServerProcess } from './process.ts'

export interface PrometheusOptions {
  readonly path: string
  /** An empty folder for its configuration and data. */
  readonly dir: string
  /** Targets that it scrapes itself, `host:port`. */
  readonly targets?: readonly string[]
  readonly scrapeInterval?: string
}

/** A real Prometheus that takes remote writes. */
export class Prometheus {
  readonly address: string
  readonly process: ServerProcess

  constructor(address: string, process: ServerProcess) {
    this.address = address
    this.process = process
  }

  static async start({ path, dir, targets = [], scrapeInterval = '1s' }: PrometheusOptions): Promise<Prometheus> {
    const address = `127.0.0.1:${await freePort()}`
    const jobs =
      targets.length === 0
        ? ''
        : `scrape_configs:\n  - job_name: direct\n    static_configs:\n      - targets: ${JSON.stringify(targets)}\n`
    writeFileSync(join(dir, 'prometheus.yml'), `global:\n  scrape_interval: ${scrapeInterval}\n${jobs}`)
    const args = [
      `--config.file=${join(dir, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=${address}`,
      '--web.enable-remote-write-receiver',
    ]
    const process = new ServerProcess(path, args)
    await process.untilAnswers(`http://${address}/-/ready`)
    return new Prometheus(address, process)
  }

  get writeUrl(): string {
    return `http://${this.address}/api/v1/write`
  }

  /** An instant query's result: label sets with their value. */
  async query(
    expression: string,
  ): Promise<
    readonly { readonly metric: Readonly<Record<string, string>>; readonly value: readonly [number, string] }[]
  > {
    const response = await fetch(`http://${this.address}/api/v1/query?query=${encodeURIComponent(expression)}`)
    const body = (await response.json()) as { status: string; error?: string; data: { result: [] } }
    if (body.status !== 'success') throw new Error(`Cannot query "${expression}": ${body.error}`)
    return body.data.result
  }

  stop(): Promise<void> {
    return this.process.stop()
  }
}
