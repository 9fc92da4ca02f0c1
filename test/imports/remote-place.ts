import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import {
  loadConfiguration,
  type LoadResult,
  validateConfiguration,
  type ValidateInput,
} from '../../runtime/engine/src/control/load-configuration.ts'
import { RemoteImports } from '../../runtime/engine/src/control/imports/remote-imports.ts'
import { alloyDistribution } from '../compat/conformance/alloy-distribution.ts'
import { listen } from '../servers/git.ts'

const distribution = alloyDistribution()
/** For conditions that a poll brings about, however loaded the machine is. */
export const waitMs = 20_000

export type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** A web server whose answer can change. */
export class Web {
  answer: Answer
  readonly requests: IncomingMessage[] = []
  url = ''
  readonly #server = createServer((request, response) => {
    this.requests.push(request)
    this.answer(request, response)
  })

  private constructor(answer: Answer) {
    this.answer = answer
  }

  static async start(text: string | Answer): Promise<Web> {
    const web = new Web(typeof text === 'string' ? Web.text(text) : text)
    web.url = `http://127.0.0.1:${await listen(web.#server)}/lib/shared.alloy`
    onTestFinished(() => web.stop())
    return web
  }

  static text(text: string, status = 200): Answer {
    return (_request, response) => void response.writeHead(status).end(text)
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    if (this.#server.listening) await new Promise((closed) => this.#server.close(closed))
  }
}

/** A folder with a configuration, its cache and its data. */
export class Place {
  readonly dir = mkdtempSync(join(tmpdir(), 'ingot-remote-'))
  readonly configPath = join(this.dir, 'main.alloy')

  constructor(config: string) {
    onTestFinished(() => rmSync(this.dir, { recursive: true, force: true }))
    this.write(config)
  }

  write(config: string): void {
    writeFileSync(this.configPath, config)
  }

  input(more: Partial<ValidateInput> = {}): ValidateInput {
    const { configPath, dir } = this
    const stabilityLevel = 'generally-available'
    return { configPath, distribution, cacheDir: join(dir, 'cache'), stabilityLevel, color: false, ...more }
  }

  async check(more: Partial<ValidateInput> = {}): Promise<{ errors: number; printed: string; lockDisagrees: boolean }> {
    return validateConfiguration(this.input(more))
  }

  /** Loads as a collector does, over and over. */
  running(frozen = false): Running {
    return new Running(this, frozen)
  }
}

export class Running {
  readonly changed: string[] = []
  readonly log: string[] = []
  readonly remotes: RemoteImports
  readonly #place: Place
  readonly #frozen: boolean

  constructor(place: Place, frozen: boolean) {
    this.#place = place
    this.#frozen = frozen
    this.remotes = new RemoteImports({
      cacheDir: join(place.dir, 'cache'),
      storageDir: join(place.dir, 'data'),
      onChange: (id) => this.changed.push(id),
      log: (level, message, fields) => this.log.push(`${level} ${message} ${JSON.stringify(fields)}`),
    })
    onTestFinished(() => this.remotes.close())
  }

  async load(): Promise<LoadResult> {
    const result = await loadConfiguration({
      ...this.#place.input({ frozen: this.#frozen }),
      storageDir: join(this.#place.dir, 'data'),
      lanes: 1,
      lanesStarted: false,
      sandboxAll: false,
      liveExports: () => undefined,
      remotes: this.remotes,
    })
    if (result.configuration) this.remotes.use(result.configuration.remoteImports)
    return result
  }

  get health(): readonly string[] {
    return this.remotes.health().map(({ id, state }) => `${id} ${state}`)
  }
}

export const declares = (name: string) => `declare "${name}" { }\n`
export const http = (url: string, name: string, more = '') => `
import.http "lib" {
  url            = "${url}"
  poll_frequency = "20ms"
  ${more}
}
lib.${name} "x" { }
`
export const git = (repository: string, name: string, more = '') => `
import.git "lib" {
  repository     = "${repository}"
  path           = "lib.alloy"
  pull_frequency = "50ms"
  ${more}
}
lib.${name} "x" { }
`
export const nodesOf = ({ validated }: LoadResult) =>
  [...validated.graph.nodes.keys()].filter((id) => id.startsWith('lib.'))
