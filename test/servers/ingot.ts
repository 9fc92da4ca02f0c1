import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ComponentSnapshot, LiveAnswer } from './live.ts'
import { freePort, ServerProcess } from './process.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface CollectorOptions {
  /** Configuration text, written to `config.alloy` in {@link CollectorOptions.dir}. */
  readonly config: string
  /** Default: a new folder. Give the same one again to start where a killed collector stopped. */
  readonly dir?: string
  /** Runs another file or folder instead. */
  readonly path?: string
  readonly flags?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** Another program that starts a collector, with its first arguments. Default: `ingot run`. */
  readonly program?: readonly string[]
}

/** The collector as users start it: `ingot run <file>` in a process of its own. */
export class Collector {
  readonly dir: string
  readonly configPath: string
  readonly address: string
  readonly process: ServerProcess

  private constructor(dir: string, address: string, process: ServerProcess) {
    this.dir = dir
    this.configPath = join(dir, 'config.alloy')
    this.address = address
    this.process = process
  }

  /** Starts and waits until it is ready. */
  static async start(options: CollectorOptions): Promise<Collector> {
    const collector = await Collector.launch(options)
    await collector.process.untilAnswers(`http://${collector.address}/-/ready`)
    return collector
  }

  /** Starts without waiting: for configurations that must not come up. */
  static async launch({
    config,
    dir = mkdtempSync(join(tmpdir(), 'ingot-test-')),
    path = join(dir, 'config.alloy'),
    flags = [],
    env = {},
    program = [join(root, 'cli/src/main.ts'), 'run'],
  }: CollectorOptions): Promise<Collector> {
    writeFileSync(join(dir, 'config.alloy'), config)
    const address = `127.0.0.1:${await freePort()}`
    const args = [
      '--disable-warning=ExperimentalWarning',
      ...program,
      path,
      `--server.http.listen-addr=${address}`,
      `--storage.path=${join(dir, 'data')}`,
      ...flags,
    ]
    return new Collector(
      dir,
      address,
      new ServerProcess(process.execPath, args, { cwd: dir, env: { ...process.env, ...env } }),
    )
  }

  writeConfig(text: string): void {
    writeFileSync(this.configPath, text)
  }

  async reload(): Promise<{ readonly status: number; readonly text: string }> {
    const response = await fetch(`http://${this.address}/-/reload`, { method: 'POST' })
    return { status: response.status, text: await response.text() }
  }

  async live(): Promise<LiveAnswer> {
    return (await (await fetch(`http://${this.address}/api/v0/ingot/live`)).json()) as LiveAnswer
  }

  async component(id: string): Promise<ComponentSnapshot | undefined> {
    return (await this.live()).components.find((component) => component.id === id)
  }

  async metrics(): Promise<string> {
    return (await fetch(`http://${this.address}/metrics`)).text()
  }

  async get(path: string): Promise<Response> {
    return fetch(`http://${this.address}${path}`)
  }

  stop(signal?: NodeJS.Signals): Promise<void> {
    return this.process.stop(signal)
  }
}
