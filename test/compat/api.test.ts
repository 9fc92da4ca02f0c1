import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { get as httpGet } from 'node:http'
import { get as httpsGet } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeAll, afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { Collector } from '../servers/ingot.ts'
import { until } from '../servers/process.ts'

interface Answer {
  readonly fields?: readonly string[]
}
interface Endpoint {
  readonly path: string
  readonly response: Answer | readonly Answer[]
}
const reference = JSON.parse(readFileSync(new URL('reference/http.json', import.meta.url), 'utf8')) as {
  readonly endpoints: readonly Endpoint[]
}

/** Names of the fields that an endpoint's answer has, and which of them may be absent. */
function fieldsOf(path: string): { readonly required: string[]; readonly all: string[] } {
  const { response } = reference.endpoints.find((endpoint) => endpoint.path === path)!
  const fields = [response].flat().flatMap((one: Answer) => one.fields ?? [])
  const name = (field: string): string => /^\w+/.exec(field)![0]
  return { required: fields.filter((field) => !/^\w+\?/.test(field)).map(name), all: fields.map(name) }
}

function expectShape(found: object, path: string): void {
  const { required, all } = fieldsOf(path)
  expect(all.length).toBeGreaterThan(5)
  expect(Object.keys(found)).toEqual(expect.arrayContaining(required))
  expect(Object.keys(found).filter((key) => !all.includes(key))).toEqual([])
}

type Json = Readonly<Record<string, unknown>>
const list = '{ui-path-prefix}/api/v0/web/components'
const one = '{ui-path-prefix}/api/v0/web/components/{id:.+}'
const inModule = '{ui-path-prefix}/api/v0/web/modules/{moduleID:.+}/components'

function temporary(): string {
  return mkdtempSync(join(tmpdir(), 'ingot-api-'))
}

async function started(options: Parameters<typeof Collector.start>[0]): Promise<Collector> {
  const collector = await Collector.start(options)
  onTestFinished(() => collector.stop())
  return collector
}

describe('the HTTP API', () => {
  let collector: Collector
  const dir = temporary()
  const secrets = ['t0p-bearer', 'b4sic-password', 'f1le-content', 'p1ped-token']

  beforeAll(async () => {
    writeFileSync(join(dir, 'token'), 'f1le-content')
    writeFileSync(join(dir, 'plain'), 'p1ped-token')
    collector = await Collector.start({
      dir,
      config: `
        prometheus.exporter.unix "host" { }
        prometheus.exporter.self "own" { }
        local.file "token" {
          filename  = "${dir}/token"
          is_secret = true
        }
        local.file "plain" { filename = "${dir}/plain" }
        prometheus.scrape "bearer" {
          targets         = prometheus.exporter.unix.host.targets
          forward_to      = [prometheus.remote_write.out.receiver]
          bearer_token    = "t0p-bearer"
        }
        prometheus.scrape "file" {
          targets      = array.concat(prometheus.exporter.self.own.targets, [])
          forward_to   = [prometheus.remote_write.out.receiver]
          bearer_token = local.file.token.content
        }
        prometheus.scrape "plain" {
          targets      = []
          forward_to   = [prometheus.remote_write.out.receiver]
          bearer_token = local.file.plain.content
        }
        prometheus.remote_write "out" {
          endpoint {
            url = "http://127.0.0.1:9/api/v1/write"
            basic_auth {
              username = "ada"
              password = "b4sic-password"
            }
          }
        }
        declare "outer" {
          argument "sink" { }
          declare "inner" {
            argument "sink" { }
            prometheus.relabel "deep" {
              forward_to = argument.sink.value
            }
            export "receiver" { value = prometheus.relabel.deep.receiver }
          }
          inner "in" { sink = argument.sink.value }
          export "receiver" { value = inner.in.receiver }
        }
        outer "o" { sink = [prometheus.remote_write.out.receiver] }`,
    })
    await until(async () => (await collector.get('/-/healthy')).status === 200, 'all components to be healthy')
  }, 60_000)
  afterAll(() => collector.stop())

  const json = async <T = Json>(path: string): Promise<T> => (await collector.get(path)).json() as Promise<T>

  test('lists the components of the root in the shape of Alloy', async () => {
    const components = await json<Json[]>('/api/v0/web/components')
    for (const component of components) expectShape(component, list)
    expect(components.map(({ localID }) => localID)).toEqual(
      expect.arrayContaining(['prometheus.exporter.unix.host', 'prometheus.remote_write.out', 'outer.o']),
    )
    expect(components.filter(({ moduleID }) => moduleID !== '')).toEqual([])
    const scrape = components.find(({ localID }) => localID === 'prometheus.scrape.bearer')!
    expect(scrape).toMatchObject({
      name: 'prometheus.scrape',
      type: 'block',
      label: 'bearer',
      referencesTo: ['prometheus.exporter.unix.host', 'prometheus.remote_write.out'],
      referencedBy: [],
      dataFlowEdgesTo: ['prometheus.remote_write.out'],
      original: '',
      liveDebuggingEnabled: false,
      health: { state: 'healthy', message: expect.any(String) as string },
    })
    expect(new Date((scrape['health'] as { updatedTime: string }).updatedTime).getTime()).toBeGreaterThan(0)
  })

  test("shows a component's arguments and exports as bodies", async () => {
    const component = await json('/api/v0/web/components/local.file.plain')
    expectShape(component, one)
    expect(component['arguments']).toContainEqual({
      name: 'filename',
      type: 'attr',
      value: { type: 'string', value: `${dir}/plain` },
    })
    expect(component['exports']).toEqual([
      { name: 'content', type: 'attr', value: { type: 'string', value: 'p1ped-token' } },
    ])
    const write = await json<{ arguments: readonly unknown[] }>('/api/v0/web/components/prometheus.remote_write.out')
    expect(write.arguments).toMatchObject([
      {
        name: 'endpoint',
        type: 'block',
        body: [
          { name: 'url', type: 'attr', value: { type: 'string', value: 'http://127.0.0.1:9/api/v1/write' } },
          {
            name: 'basic_auth',
            type: 'block',
            body: [
              { name: 'username', value: { type: 'string', value: 'ada' } },
              { name: 'password', value: { type: 'capsule', value: '(secret)' } },
            ],
          },
        ],
      },
    ])
  })

  test('answers 404 for a component that does not exist', async () => {
    expect((await collector.get('/api/v0/web/components/nobody.here')).status).toBe(404)
    expect((await collector.get('/component/nobody.here')).status).toBe(404)
  })

  test('never shows a secret, in any component, on any page, in any log line', async () => {
    const components = await json<{ moduleID: string; localID: string }[]>('/api/v0/web/components')
    const seen: string[] = [collector.process.output, await collector.metrics()]
    for (const { localID } of components) {
      for (const path of [`/api/v0/web/components/${localID}`, `/component/${localID}`]) {
        const text = await (await collector.get(path)).text()
        // What a file says that is not marked as secret is shown where it is exported, and nowhere else.
        seen.push(localID === 'local.file.plain' ? text.replaceAll('p1ped-token', '') : text)
      }
    }
    for (const secret of secrets) expect(seen.filter((text) => text.includes(secret))).toEqual([])
    for (const id of ['prometheus.scrape.bearer', 'prometheus.scrape.file', 'prometheus.scrape.plain']) {
      const { arguments: body } = await json<{ arguments: readonly unknown[] }>(`/api/v0/web/components/${id}`)
      expect(body).toContainEqual({
        name: 'bearer_token',
        type: 'attr',
        value: { type: 'capsule', value: '(secret)' },
      })
    }
    expect((await json('/api/v0/web/components/local.file.token'))['exports']).toEqual([
      { name: 'content', type: 'attr', value: { type: 'capsule', value: '(secret)' } },
    ])
  })

  test('shows what is inside of a custom component', async () => {
    const root = await json<Json[]>('/api/v0/web/components')
    expect(root.find(({ localID }) => localID === 'outer.o')).toMatchObject({ createdModuleIDs: ['outer.o'] })
    const outer = await json<Json[]>('/api/v0/web/modules/outer.o/components')
    for (const component of outer) expectShape(component, inModule)
    expect(outer).toMatchObject([{ localID: 'inner.in', moduleID: 'outer.o' }])
    const inner = await json<Json[]>('/api/v0/web/modules/outer.o/inner.in/components')
    expect(inner).toMatchObject([
      { localID: 'prometheus.relabel.deep', moduleID: 'outer.o/inner.in', health: { state: 'healthy' } },
    ])
    const deep = await json('/api/v0/web/components/outer.o/inner.in/prometheus.relabel.deep')
    expect(deep).toMatchObject({ localID: 'prometheus.relabel.deep', moduleID: 'outer.o/inner.in' })
    expect((await collector.get('/component/outer.o/inner.in/prometheus.relabel.deep')).status).toBe(200)
    expect((await collector.get('/api/v0/web/modules/nobody.here/components')).status).toBe(500)
  })

  test('serves the metrics of exporters', async () => {
    const unix = await (await collector.get('/api/v0/component/prometheus.exporter.unix.host/metrics')).text()
    expect(unix).toMatch(/^node_load1 [\d.]+$/m)
    const self = await (await collector.get('/api/v0/component/prometheus.exporter.self.own/metrics')).text()
    expect(self).toMatch(/^alloy_config_last_load_successful 1$/m)
    expect((await collector.get('/api/v0/component/prometheus.exporter.unix.host/nothing')).status).toBe(404)
    expect((await collector.get('/api/v0/component/nobody.here/metrics')).status).toBe(404)
  })

  test('serves its own metrics', async () => {
    const response = await collector.get('/metrics')
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    const text = await response.text()
    expect(text).toMatch(/^alloy_component_controller_running_components\{health_type="healthy"\} \d+$/m)
    expect(text).toMatch(
      /^ingot_component_records_total\{component_id="prometheus.scrape.bearer",fate="created"\} \d+$/m,
    )
  })

  test('compresses for clients that take gzip, and says what may be cached', async () => {
    const raw = (path: string, headers: Record<string, string>) =>
      new Promise<{ readonly headers: Json; readonly body: Buffer }>((resolve) => {
        httpGet(`http://${collector.address}${path}`, { headers }, (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }))
        })
      })
    for (const path of ['/', '/api/v0/web/components', '/metrics', '/ui/style.css']) {
      const plain = await raw(path, {})
      const small = await raw(path, { 'accept-encoding': 'gzip' })
      expect(plain.headers['content-encoding']).toBe(undefined)
      expect(small.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' })
      expect(small.body.length).toBeLessThan(plain.body.length)
      expect(gunzipSync(small.body).length / plain.body.length).toBeCloseTo(1, 1)
    }
    const page = String((await raw('/', {})).body)
    for (const [address] of page.matchAll(/\/ui\/[\w.]+\?v=\w+/g)) {
      expect((await raw(address, {})).headers['cache-control']).toContain('immutable')
    }
    expect((await raw('/api/v0/web/components', {})).headers['cache-control']).toBe('no-store')
  })

  test('answers HEAD like GET without a body, and does not reload for it', async () => {
    const head = async (path: string): Promise<number> =>
      (await fetch(`http://${collector.address}${path}`, { method: 'HEAD' })).status
    for (const path of ['/', '/-/ready', '/metrics', '/api/v0/web/components']) expect(await head(path)).toBe(200)
    const loads = (): number => collector.process.output.split('configuration loaded').length
    const before = loads()
    expect(await head('/-/reload')).toBe(404)
    expect(loads()).toBe(before)
  })

  test('reloads on GET and POST, and says what is wrong', async () => {
    const good = readFileSync(collector.configPath, 'utf8')
    for (const method of ['GET', 'POST']) {
      const response = await fetch(`http://${collector.address}/-/reload`, { method })
      expect(response.status).toBe(200)
      expect(await response.text()).toMatch(/^config reloaded\n0 updated, 0 started, 0 stopped, \d+ untouched\n/)
    }
    collector.writeConfig(`${good}\nlocal.file "x" { filenam = "n3ver-shown" }\n`)
    const refused = await collector.reload()
    expect(refused.status).toBe(400)
    expect(refused.text).toContain('error[unknown-argument]: Cannot set "filenam" on local.file: no such argument')
    const page = await (await collector.get('/')).text()
    expect(page).toContain('The configuration could not be loaded')
    expect(page).toContain('error[unknown-argument]: Cannot set &#34;filenam&#34; on local.file')
    // A line of a configuration may hold a secret: only who reloads is shown it.
    expect(page).not.toContain('n3ver-shown')
    expect(collector.process.output).not.toContain('n3ver-shown')
    expect(await collector.metrics()).toMatch(/^alloy_config_last_load_successful 0$/m)
    collector.writeConfig(good)
    expect((await collector.reload()).status).toBe(200)
    expect(await (await collector.get('/')).text()).not.toContain('The configuration could not be loaded')
  })
})

test(
  '/-/ready answers 503 until everything has been started, and /-/healthy names what is not well',
  { timeout: 60_000 },
  async () => {
    const dir = temporary()
    const collector = await Collector.launch({
      dir,
      config: `
      local.file "late" { filename = "${dir}/missing" }
      declare "sub" {
        local.file "inner" { filename = "${dir}/missing" }
      }
      sub "s" { }
      prometheus.exporter.unix "host" { }`,
    })
    onTestFinished(() => collector.stop())
    const statuses = new Set<number>()
    while (!statuses.has(200) && collector.process.running) {
      const response = await collector.get('/-/ready').catch(() => undefined)
      if (!response) {
        await new Promise((resolve) => setTimeout(resolve, 10))
        continue
      }
      statuses.add(response.status)
      expect(await response.text()).toBe(response.status === 200 ? 'Ingot is ready.\n' : 'Ingot is not ready.\n')
    }
    expect([...statuses]).toEqual([503, 200])
    await until(async () => (await collector.get('/-/healthy')).status === 500, 'the missing file to be noticed')
    const text = await (await collector.get('/-/healthy')).text()
    expect(text).toMatch(/^unhealthy components: (?=.*\blocal\.file\.late\b)/)
    expect(text).not.toContain('inner')
    writeFileSync(join(dir, 'missing'), 'here')
    await collector.reload()
  },
)

test('--server.http.ui-path-prefix moves pages and their API, and nothing else', { timeout: 60_000 }, async () => {
  const collector = await started({
    config: 'prometheus.exporter.unix "host" { }',
    flags: ['--server.http.ui-path-prefix=/alloy/ui/'],
  })
  const status = async (path: string): Promise<number> => (await collector.get(path)).status
  for (const path of ['/alloy/ui/', '/alloy/ui', '/alloy/ui/api/v0/web/components', '/-/ready', '/metrics']) {
    expect(await status(path), path).toBe(200)
  }
  expect(await status('/api/v0/component/prometheus.exporter.unix.host/metrics')).toBe(200)
  expect(await status('/api/v0/web/components')).toBe(404)
  const page = await (await collector.get('/alloy/ui/')).text()
  for (const [, path] of page.matchAll(/(?:href|src)="(\/[^"]*)"/g)) expect(await status(path!), path!).toBe(200)
})

/** A certificate for 127.0.0.1 that nothing but this test trusts. */
function makeCertificate(dir: string, name: string): { readonly cert: string; readonly key: string } {
  const [cert, key] = [join(dir, `${name}.crt`), join(dir, `${name}.key`)]
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1']
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' })
  expect(existsSync(cert)).toBe(true)
  return { cert, key }
}

test(
  'the http block serves HTTPS with basic authentication, and takes a new certificate and password',
  { timeout: 60_000 },
  async () => {
    const dir = temporary()
    const first = makeCertificate(dir, 'first')
    const second = makeCertificate(dir, 'second')
    const config = (pair: typeof first, password: string): string => `
    http {
      tls {
        cert_file = "${pair.cert}"
        key_file  = "${pair.key}"
      }
      auth {
        basic {
          username = "ada"
          password = "${password}"
        }
        filter {
          paths                       = ["/-/ready"]
          authenticate_matching_paths = false
        }
      }
    }`
    const collector = await Collector.launch({ dir, config: config(first, 's3cret') })
    onTestFinished(() => collector.stop())
    const ask = (path: string, ca: string, auth?: string) =>
      new Promise<{ readonly status: number; readonly realm: string | undefined }>((resolve, reject) => {
        const options = { ca: readFileSync(ca), agent: false as const, ...(auth !== undefined && { auth }) }
        const request = httpsGet(`https://${collector.address}${path}`, options, (response) => {
          response.resume()
          resolve({ status: response.statusCode!, realm: response.headers['www-authenticate'] })
        })
        request.on('error', reject)
      })
    await until(async () => {
      const answer = await ask('/-/ready', first.cert).catch(() => undefined)
      return answer?.status === 200
    }, 'HTTPS to answer')
    expect(await ask('/metrics', first.cert)).toEqual({ status: 401, realm: 'Basic realm="Restricted"' })
    expect((await ask('/metrics', first.cert, 'ada:wrong')).status).toBe(401)
    expect((await ask('/metrics', first.cert, 'ada:s3cret')).status).toBe(200)
    await expect(ask('/-/ready', second.cert)).rejects.toThrow(/self-signed certificate/)

    collector.writeConfig(config(second, 'an0ther'))
    collector.process.child.kill('SIGHUP')
    await until(async () => (await ask('/-/ready', second.cert).catch(() => undefined))?.status === 200, 'the new one')
    expect((await ask('/metrics', second.cert, 'ada:s3cret')).status).toBe(401)
    expect((await ask('/metrics', second.cert, 'ada:an0ther')).status).toBe(200)

    collector.writeConfig(config({ ...second, key: '/nowhere.key' }, 'an0ther'))
    collector.process.child.kill('SIGHUP')
    await until(() => collector.process.output.includes('Cannot serve HTTPS'), 'the missing key in the log')
    expect((await ask('/metrics', second.cert, 'ada:an0ther')).status).toBe(200)
    expect(collector.process.output).not.toMatch(/s3cret|an0ther/)
  },
)

test('a certificate that cannot be read is one line, and nothing runs', { timeout: 60_000 }, async () => {
  const collector = await Collector.launch({
    config: 'http {\n  tls {\n    cert_file = "/nowhere.crt"\n    key_file = "/nowhere.key"\n  }\n}',
  })
  await until(() => !collector.process.running, 'the program to end')
  expect(collector.process.child.exitCode).toBe(1)
  expect(collector.process.output).toMatch(/^error\[command\]: Cannot serve HTTPS: .*\n$/m)
  expect(collector.process.output).not.toContain('    at ')
})
