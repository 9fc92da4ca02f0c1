import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, type TestContext, vi } from 'vitest'
import { alloyDistribution } from '../compat/conformance/alloy-distribution.ts'
import { GitOrigin, listen, serveGitOverHttp } from '../servers/git.ts'
import { requireServer } from '../servers/index.ts'
import {
  loadConfiguration,
  type LoadResult,
  validateConfiguration,
  type ValidateInput,
} from '../../runtime/engine/src/control/load-configuration.ts'
import { lockConfiguration } from '../../runtime/engine/src/control/lock-configuration.ts'
import { RemoteImports } from '../../runtime/engine/src/control/imports/remote-imports.ts'

const distribution = alloyDistribution()
/** For conditions that a poll brings about, however loaded the machine is. */
const waitMs = 20_000

type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** A web server whose answer can change. */
class Web {
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
class Place {
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

class Running {
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

const declares = (name: string) => `declare "${name}" { }\n`
const http = (url: string, name: string, more = '') => `
import.http "lib" {
  url            = "${url}"
  poll_frequency = "20ms"
  ${more}
}
lib.${name} "x" { }
`
const git = (repository: string, name: string, more = '') => `
import.git "lib" {
  repository     = "${repository}"
  path           = "lib.alloy"
  pull_frequency = "50ms"
  ${more}
}
lib.${name} "x" { }
`
const nodesOf = ({ validated }: LoadResult) => [...validated.graph.nodes.keys()].filter((id) => id.startsWith('lib.'))

test('import.http brings what the server has, with the given method, headers, body and credentials', async () => {
  const web = await Web.start((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () =>
      response.end(declares(`${request.method!.toLowerCase()}_${Buffer.concat(pieces).toString()}`)),
    )
  })
  const more = `method = "POST"
  body = "given"
  headers = { "X-Tenant" = "one" }
  client {
    bearer_token = "t0ken"
  }`
  const place = new Place(http(web.url, 'post_given', more))
  expect(await place.check()).toMatchObject({ errors: 0 })
  expect(web.requests[0]!.headers).toMatchObject({ 'x-tenant': 'one', authorization: 'Bearer t0ken' })
})

test.for([
  ['a status that is no success', Web.text('nothing', 404), 'the server answered with status 404, want 200'],
  [
    'a connection that breaks',
    (_: unknown, response: ServerResponse) => response.destroy(),
    'Cannot GET http://127.0.0.1',
  ],
  ['an answer that does not come', () => undefined, 'no answer within 200 ms'],
  [
    'more than a configuration has',
    Web.text('x'.repeat(16 * 2 ** 20 + 1)),
    'the response has more than 16777216 bytes',
  ],
  [
    'bytes that are no text',
    (_: unknown, response: ServerResponse) => response.end(Buffer.from([0xff, 0xfe, 0xfd])),
    'invalid-encoding',
  ],
  ['text that does not parse', Web.text('declare "a" {'), 'unclosed-block'],
  ['a component at the top', Web.text('local.file "a" { filename = "x" }'), 'misplaced-block'],
  ['an import.file', Web.text('import.file "a" { filename = "x" }'), 'misplaced-block'],
] as [string, Answer, string][])('import.http is an error for %s', async ([, answer, said]) => {
  const web = await Web.start(answer)
  const more = 'poll_timeout = "200ms"\nclient {\n bearer_token = "t0ken"\n}'
  const place = new Place(http(`${web.url}?key=k3y`, 'a', more))
  const { errors, printed } = await place.check()
  expect(errors).toBeGreaterThan(0)
  expect(printed).toContain(said)
  expect(printed.replaceAll(/^.*\|.*$/gm, '')).not.toMatch(/t0ken|k3y/)
})

test('import.http follows a redirect, unless it is told not to', async () => {
  const web = await Web.start((request, response) =>
    request.url === '/there' ? response.end(declares('a')) : response.writeHead(302, { location: '/there' }).end(),
  )
  expect(await new Place(http(web.url, 'a')).check()).toMatchObject({ errors: 0 })
  const { printed } = await new Place(http(web.url, 'a', 'client {\n follow_redirects = false\n}')).check()
  expect(printed).toContain('the server answered with status 302')
})

test('import.http notices other content, and keeps the last good one while the server fails', async () => {
  const web = await Web.start(declares('one'))
  const place = new Place(http(web.url, 'one'))
  const running = place.running()
  expect((await running.load()).errors).toBe(0)
  expect(running.health).toEqual(['import.http.lib healthy'])
  web.answer = Web.text('down', 500)
  await vi.waitFor(() => expect(running.health).toEqual(['import.http.lib unhealthy']), waitMs)
  const again = await running.load()
  expect(again.errors).toBe(0)
  expect(nodesOf(again)).toEqual(['lib.one.x'])
  expect(running.changed).toEqual([])
  expect(running.log.join()).toContain('the server answered with status 500')
  web.answer = Web.text(declares('one') + declares('two'))
  await vi.waitFor(() => expect(running.changed).toContain('import.http.lib'), waitMs)
  place.write(http(web.url, 'two'))
  const changed = await running.load()
  expect(nodesOf(changed)).toEqual(['lib.two.x'])
  expect(running.health).toEqual(['import.http.lib healthy'])
})

test('module_path in what a web server brings is the address without its last part', async () => {
  const web = await Web.start('declare "a" {\n local.file "f" {\n filename = module_path\n }\n}')
  const url = `${web.url.replace('//', '//user:pa55@')}?key=k3y`
  const { validated } = await new Place(http(url, 'a')).running().load()
  const { frames } = validated
  expect(frames.get('lib.a.x/local.file.f')?.value).toMatchObject({ filename: web.url.replace('shared.alloy', '') })
})

test('import.http is asked once, however often the configuration is loaded', async () => {
  const web = await Web.start(declares('one'))
  const place = new Place(http(web.url, 'one').replace('20ms', '1h'))
  const running = place.running()
  for (let i = 0; i < 3; i++) await running.load()
  expect(web.requests).toHaveLength(1)
})

test('import.git follows a branch, and nested imports are read from its work tree', async (context) => {
  requireServer('git', context)
  const inner = 'import.file "inner" {\n filename = file.path_join(module_path, "parts/inner.alloy")\n}\n'
  const origin = GitOrigin.make({
    'lib.alloy': `${inner}declare "a" {\n inner.b "y" { }\n}\n`,
    'parts/inner.alloy': declares('b'),
  })
  const place = new Place(git(origin.path, 'a'))
  const running = place.running()
  expect(nodesOf(await running.load())).toEqual(['lib.a.x', 'lib.a.x/inner.b.y'])
  expect(readdirSync(join(place.dir, 'data', 'import.git.lib'))).toContain('repo')
  origin.commit({ 'lib.alloy': `${inner}declare "a" {\n inner.c "z" { }\n}\n`, 'parts/inner.alloy': declares('c') })
  await vi.waitFor(() => expect(running.changed).toContain('import.git.lib'), waitMs)
  expect(nodesOf(await running.load())).toEqual(['lib.a.x', 'lib.a.x/inner.c.z'])
})

test('import.git starts from its last good clone when the repository is gone, and recovers', async (context) => {
  requireServer('git', context)
  const origin = GitOrigin.make({ 'lib.alloy': declares('a') })
  const server = await serveGitOverHttp(origin)
  const place = new Place(git(server.url, 'a'))
  const first = place.running()
  expect((await first.load()).errors).toBe(0)
  await server.stop()
  await vi.waitFor(() => expect(first.health).toEqual(['import.git.lib unhealthy']), waitMs)
  await first.remotes.close()
  const second = place.running()
  const loaded = await second.load()
  expect(loaded).toMatchObject({ errors: 0 })
  expect(loaded.printed).toContain('warning[failed-import]')
  expect(second.health).toEqual(['import.git.lib unhealthy'])
  await serveGitOverHttp(origin, { port: server.port })
  await vi.waitFor(() => expect(second.health).toEqual(['import.git.lib healthy']), waitMs)
  expect(second.changed).toEqual([])
})

test('import.git without a clone is an error when the repository is gone', async (context) => {
  requireServer('git', context)
  const place = new Place(git(join(tmpdir(), 'ingot-nowhere'), 'a'))
  const { errors, printed } = await place.running().load()
  expect(errors).toBe(1)
  expect(printed).toContain('error[failed-import]: Cannot load import.git "lib"')
})

test('a configuration that does not hold leaves the imports of the one that runs alone', async (context) => {
  requireServer('git', context)
  const web = await Web.start(declares('one'))
  const place = new Place(http(web.url, 'one'))
  const running = place.running()
  await running.load()
  place.write(http(`${web.url}?other`, 'unknown'))
  const loaded = await running.load()
  expect(loaded.configuration).toBeUndefined()
  web.answer = Web.text(declares('one') + declares('more'))
  await vi.waitFor(() => expect(running.changed).toContain('import.http.lib'), waitMs)
})

const both = (repository: string, url: string) =>
  `${git(repository, 'a')}${http(url, 'b').replaceAll('lib', 'web').replace('/web/', '/lib/')}`

async function locked(context: TestContext): Promise<{ place: Place; origin: GitOrigin; web: Web }> {
  requireServer('git', context)
  const origin = GitOrigin.make({ 'lib.alloy': declares('a') })
  const web = await Web.start(declares('b'))
  const place = new Place(both(origin.path, web.url))
  return { place, origin, web }
}

test('lockConfiguration() pins commits and content, keeps modules, and forgets what is no longer imported', async (context) => {
  const { place, origin, web } = await locked(context)
  const module = {
    from: 'main',
    range: '^1.0.0',
    integrity: 'sha512-x',
    manifest: 'sha256-x',
    caps: 'sha256-x',
    capSummary: [],
  }
  const before = {
    lockfileVersion: 1,
    registries: {},
    imports: { 'main.alloy#m': '@a/m@1.0.0' },
    modules: { '@a/m@1.0.0': module },
  }
  const lockPath = join(place.dir, 'ingot.lock')
  writeFileSync(lockPath, JSON.stringify(before))
  const { pinned } = await lockConfiguration(place.input())
  expect(pinned).toMatchObject([{ isNew: true }, { isNew: true }])
  const lock = JSON.parse(readFileSync(lockPath, 'utf8'))
  expect(lock).toMatchObject(before)
  expect(lock.sources).toMatchObject({
    'main.alloy#import.git.lib': { kind: 'git', revision: 'main', commit: origin.git('rev-parse', 'HEAD') },
    'main.alloy#import.http.web': { kind: 'http', url: web.url, integrity: expect.stringMatching(/^sha256-/) },
  })
  const text = readFileSync(lockPath, 'utf8')
  await lockConfiguration(place.input())
  expect(readFileSync(lockPath, 'utf8')).toBe(text)
  place.write(git(origin.path, 'a'))
  await lockConfiguration(place.input())
  expect(Object.keys(JSON.parse(readFileSync(lockPath, 'utf8')).sources)).toEqual(['main.alloy#import.git.lib'])
})

test('--frozen refuses what is not pinned, without asking for it', async (context) => {
  const { place, web } = await locked(context)
  const { errors, printed, lockDisagrees } = await place.check({ frozen: true })
  expect({ errors, lockDisagrees }).toEqual({ errors: 2, lockDisagrees: true })
  expect(printed).toContain('Cannot load import.http "web": ingot.lock does not pin it')
  expect(printed).toContain(`hint: run "ingot module lock ${place.configPath}" and review the change`)
  expect(web.requests).toEqual([])
})

test('--frozen refuses what has moved, which is a warning otherwise', async (context) => {
  const { place, origin, web } = await locked(context)
  await lockConfiguration(place.input())
  expect(await place.check({ frozen: true })).toMatchObject({ errors: 0, lockDisagrees: false })
  const was = origin.git('rev-parse', 'HEAD')
  const now = origin.commit({ 'lib.alloy': declares('a') + declares('new') })
  web.answer = Web.text(`${declares('b')}\n`)
  const { errors, printed, lockDisagrees } = await place.check({ frozen: true })
  expect({ errors, lockDisagrees }).toEqual({ errors: 2, lockDisagrees: true })
  expect(printed).toContain(`ingot.lock pins "main" to the commit ${was}, and it was found at ${now}`)
  expect(printed).toMatch(/ingot\.lock pins the content sha256-\S+, and sha256-\S+ was found/)
  const thawed = await place.check()
  expect(thawed).toMatchObject({ errors: 0, lockDisagrees: false })
  expect(thawed.printed).toContain('warning[lock-mismatch]: Should not load import.git "lib"')
  await lockConfiguration(place.input())
  expect(await place.check({ frozen: true })).toMatchObject({ errors: 0 })
})

test('--frozen refuses a configuration that names something else than what is pinned', async (context) => {
  const { place, origin, web } = await locked(context)
  await lockConfiguration(place.input())
  origin.git('tag', 'v1')
  place.write(both(origin.path, web.url).replace('pull_frequency', 'revision = "v1"\n  pull_frequency'))
  const { errors, printed } = await place.check({ frozen: true })
  expect(errors).toBe(1)
  expect(printed).toContain(`at "main", and the configuration names "lib.alloy" of "file://${origin.path}" at "v1"`)
})

test('a frozen collector starts from what is pinned while nobody answers', async (context) => {
  requireServer('git', context)
  const origin = GitOrigin.make({ 'lib.alloy': declares('a') })
  const server = await serveGitOverHttp(origin)
  const web = await Web.start(declares('b'))
  const place = new Place(both(server.url, web.url))
  await lockConfiguration(place.input())
  await web.stop()
  await server.stop()
  const running = place.running(true)
  const loaded = await running.load()
  expect(loaded).toMatchObject({ errors: 0 })
  expect(running.health).toEqual(['import.git.lib unhealthy', 'import.http.web unhealthy'])
  // As `ingot validate` does, frozen or not.
  expect(await place.check()).toMatchObject({ errors: 0 })
  rmSync(join(place.dir, 'ingot.lock'))
  expect(await place.check()).toMatchObject({ errors: 2 })
})

test('a frozen collector does not follow what moves', async (context) => {
  const { place, origin, web } = await locked(context)
  await lockConfiguration(place.input())
  const running = place.running(true)
  expect((await running.load()).errors).toBe(0)
  origin.git('commit', '--quiet', '--amend', '--message=forced')
  origin.commit({ 'lib.alloy': declares('a') + declares('moved') })
  web.answer = Web.text(declares('b') + declares('moved'))
  await vi.waitFor(
    () => expect(running.health).toEqual(['import.git.lib unhealthy', 'import.http.web unhealthy']),
    waitMs,
  )
  expect(running.log.filter((line) => line.includes('not updated: ingot.lock pins'))).toHaveLength(2)
  expect(running.changed).toEqual([])
  const loaded = await running.load()
  expect(loaded.errors).toBe(0)
  expect(nodesOf(loaded)).toEqual(['lib.a.x'])
  await lockConfiguration(place.input())
  expect((await running.load()).errors).toBe(0)
  expect(running.health).toEqual(['import.git.lib healthy', 'import.http.web healthy'])
})

test('without the network nobody is asked, and what was fetched earlier is used', async (context) => {
  const { place, web } = await locked(context)
  const offline = async () => {
    const remotes = new RemoteImports({ cacheDir: join(place.dir, 'cache'), offline: true })
    const more = {
      storageDir: '',
      lanes: 1,
      lanesStarted: false,
      sandboxAll: false,
      liveExports: () => undefined,
      remotes,
    }
    return loadConfiguration({ ...place.input(), ...more })
  }
  expect(await offline()).toMatchObject({ errors: 0 })
  expect(web.requests).toEqual([])
  await place.check()
  place.write(`${readFileSync(place.configPath, 'utf8')}lib.unknown "u" { }\nweb.unknown "u" { }\n`)
  const { errors, printed } = await offline()
  expect({ errors, requests: web.requests.length }).toEqual({ errors: 2, requests: 1 })
  expect(printed.match(/unknown-component/g)).toHaveLength(2)
})
