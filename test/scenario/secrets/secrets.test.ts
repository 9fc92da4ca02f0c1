/** Secrets by every way into a collector, and whether anything that comes out of it shows one. */
import { execFile, execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { EditorClient, positionAt } from '../../servers/editor-client.ts'
import type { Collector } from '../../servers/ingot.ts'
import { until } from '../../servers/process.ts'
import { TestRegistry } from '../../servers/registry.ts'
import { startIngot, startReceiver, temporaryDir } from '../log-pipeline.ts'
import { Canaries } from './canaries.ts'
import { childrenOf, outputsOf } from './outputs.ts'

/** The editor is asked about one name in this many: what it says of the others is alike. */
const askedEvery = 6

const main = fileURLToPath(new URL('../../../cli/src/main.ts', import.meta.url))
const keeperDir = fileURLToPath(new URL('../testdata/keeper-module', import.meta.url))

/** What the collector is to keep to itself, the servers that it tells it to, and its configuration. */
async function prepare() {
  const canaries = new Canaries()
  const dir = temporaryDir()
  const text = Object.fromEntries(
    [
      'literal',
      'env',
      'file',
      'joined',
      'header',
      'basic',
      'admin',
      'userinfo',
      'echoed',
      'token',
      'oauth2',
      'sandboxed',
      'module',
    ].map((name) => [name, canaries.make(name)]),
  ) as Readonly<Record<string, string>>
  writeFileSync(join(dir, 'token'), text['file']!)
  writeFileSync(join(dir, 'module.alloy'), `declare "inner" { }\n// ${text['module']}\n`)
  const registry = await TestRegistry.start(join(dir, 'registry'))
  onTestFinished(() => registry.stop())
  await registry.publish(keeperDir)
  await registry.pin(dir, '@acme/keeper', 'keeper')
  const pair = certificate(dir)
  canaries.watch('key', readFileSync(pair.key, 'utf8'))
  const seen: string[] = []
  const echo = await listen(createServer((request, response) => answerWithCredentials(request, response, seen)))
  const tls = await listen(
    createTlsServer({ cert: readFileSync(pair.cert), key: readFileSync(pair.key) }, (_, response) => response.end()),
  )
  const { receiver, pushUrl } = await startReceiver()
  const config = configuration({ dir, text, echo, tls, pushUrl, pair, registry: registry.url })
  return { canaries, dir, text, config, echo, receiver, seen }
}

/** An endpoint that refuses everything and says back what it was sent. */
function answerWithCredentials(request: IncomingMessage, response: ServerResponse, seen: string[]): void {
  const { authorization = '', 'x-canary': header = '' } = request.headers
  seen.push(`${authorization} ${String(header)}`)
  request.resume()
  response.writeHead(400, { 'x-echo': authorization }).end(`refused: ${authorization} ${String(header)} ${request.url}`)
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

function certificate(dir: string): { readonly cert: string; readonly key: string } {
  const [cert, key] = [join(dir, 'tls.crt'), join(dir, 'tls.key')]
  const kind = ['-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=canary']
  execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  return { cert, key }
}

interface Setting {
  readonly dir: string
  readonly text: Readonly<Record<string, string>>
  readonly echo: string
  readonly tls: string
  readonly pushUrl: string
  readonly pair: { readonly cert: string; readonly key: string }
  readonly registry: string
}

function configuration({ dir, text, echo, tls, pushUrl, pair, registry }: Setting): string {
  const write = (label: string, url: string, body: string): string => `
prometheus.remote_write "${label}" {
  endpoint {
    url = "${url}"
    ${body}
    queue_config { min_backoff = "100ms" }
  }
}`
  const labels = [
    'literal',
    'file',
    'joined',
    'header',
    'basic',
    'userinfo',
    'unreachable',
    'bad_certificate',
    'oauth2',
    'newline',
  ]
  return `
logging {
  level    = "debug"
  write_to = [loki.write.log.receiver]
}
http {
  auth {
    basic {
      username = "admin"
      password = local.file.admin.content
    }
    filter {
      paths                       = ["/-/ready"]
      authenticate_matching_paths = false
    }
  }
}
local.file "admin" {
  filename  = "${dir}/admin"
  is_secret = true
}
local.file "token" {
  filename  = "${dir}/token"
  is_secret = true
}
local.file "module" {
  filename  = "${dir}/module.alloy"
  is_secret = true
}
import.string "secret" { content = local.file.module.content }
loki.write "log" {
  endpoint { url = "${pushUrl}" }
}
prometheus.exporter.self "it" { }
prometheus.scrape "it" {
  targets         = prometheus.exporter.self.it.targets
  forward_to      = [${labels.map((label) => `prometheus.remote_write.${label}.receiver`).join(', ')}]
  scrape_interval = "1s"
  scrape_timeout  = "1s"
}
prometheus.scrape "refused" {
  targets         = [{__address__ = "${echo}"}, {__address__ = "127.0.0.1:1"}]
  forward_to      = [prometheus.remote_write.literal.receiver]
  scrape_interval = "1s"
  scrape_timeout  = "1s"
  http_headers    = {"X-Canary" = [local.file.token.content, "${text['header']}"]}
  basic_auth {
    username = "scraper"
    password = sys.env("INGOT_TEST_CANARY")
  }
}
${write('literal', `http://${echo}/literal`, `bearer_token = "${text['literal']}"`)}
${write('file', `http://${echo}/file`, 'bearer_token = local.file.token.content')}
${write(
  'joined',
  `http://${echo}/joined`,
  `authorization {
      type        = "Token"
      credentials = "${text['joined']}" + local.file.token.content
    }`,
)}
${write('header', `http://${echo}/header`, `http_headers = {"X-Canary" = ["${text['header']}"]}`)}
${write(
  'basic',
  `http://${echo}/basic`,
  `basic_auth {
      username = "writer"
      password = "${text['basic']}"
    }`,
)}
${write('userinfo', `http://writer:${encodeURIComponent(text['userinfo']!)}@${echo}/userinfo`, '')}
${write('unreachable', `http://writer:${encodeURIComponent(text['userinfo']!)}@127.0.0.1:1/unreachable`, `bearer_token = sys.env("INGOT_TEST_CANARY")`)}
${write('newline', `http://${echo}/newline`, `bearer_token = "first\\n" + local.file.token.content`)}
${write(
  'bad_certificate',
  `https://${tls}/write`,
  `bearer_token = local.file.token.content
    tls_config {
      cert_file = "${pair.cert}"
      key_pem   = \`${readFileSync(pair.key, 'utf8')}\`
    }`,
)}
${write(
  'oauth2',
  `http://${echo}/oauth2`,
  `oauth2 {
      client_id     = "id"
      client_secret = "${text['oauth2']}"
      token_url     = "http://${echo}/token"
    }`,
)}
foreach "tokens" {
  collection = [local.file.token.content]
  var        = "token"
  template {
    prometheus.scrape "it" {
      targets      = [{__address__ = "${echo}"}]
      forward_to   = []
      bearer_token = token
    }
  }
}
registry "acme" {
  url    = "${registry}"
  scopes = ["@acme"]
  auth { bearer_token = "${text['token']}" }
}
import.module "keeper" {
  module  = "@acme/keeper"
  version = "^1.0.0"
}
keeper.keep "it" {
  url      = "http://${echo}/sandboxed"
  password = "${text['sandboxed']}"
}
`
}

/** Reloads that fail, each with a secret in the middle of the mistake. */
const mistakes = [
  'loki.write "m" { endpoint { bearer_token = "SPELLED" + 5 } }',
  'loki.write "m" { endpoint { bearer_token = "SPELLED" url = 5 } }',
  'loki.write "m" { endpoint { bearer_token = "SPELLED } }',
  'loki.write "m" { endpoint { bearer_token = `SPELLED`, url = 5 // it was "SPELLED"',
  'prometheus.scrape "m" { scrape_interval = 5 /* bearer_token = "SPELLED" */ }',
  'local.file "m" { filename = local.file.token.content }',
  'local.file "m" { filename = 12 + local.file.token.content }',
  'local.file "m" { filename = string.to_upper(local.file.token.content) }',
  'local.file "m" { filename = local.file.token.content.field }',
  'local.file "m" { filename = [1][local.file.token.content] }',
  'local.file "m" { filename = encoding.from_json(convert.nonsensitive(local.file.token.content)) }',
  'local.file "m" { filename = encoding.from_yaml("[" + convert.nonsensitive(local.file.token.content)) }',
  'local.file "m" { filename = encoding.from_base64(convert.nonsensitive(local.file.token.content)) }',
  'local.file "m" { filename = json_path(convert.nonsensitive(local.file.token.content), "$.a")[0] }',
  'local.file "m" { filename = encoding.url_decode(convert.nonsensitive(local.file.token.content) + "%zz") }',
  'local.file "m" { filename = local.file.token.content(1) }',
  'local.file "m" { filename = -local.file.token.content }',
  'local.file "m" { is_secret = local.file.token.content }',
  'prometheus.scrape "m" { scrape_interval = local.file.token.content }',
  'prometheus.scrape "m" { targets = [{__address__ = local.file.token.content}] }',
  'prometheus.scrape "m" { forward_to = [local.file.token.content] }',
  'prometheus.scrape "m" { sample_limit = local.file.token.content }',
  'import.string "m" { content = "declare " + local.file.token.content }',
  'logging { level = local.file.token.content }',
  'foreach "m" { collection = [local.file.token.content, local.file.token.content.field] }',
  `foreach "m" {
    collection = [local.file.token.content]
    var        = "each"
    template {
      local.file "it" { filename = each }
    }
  }`,
  `import.http "m" {
    url = "http://ECHO/module.alloy"
    client {
      basic_auth {
        username = "reader"
        password = local.file.token.content
      }
    }
  }`,
  `import.git "m" {
    repository = "http://ECHO/modules.git"
    path       = "module.alloy"
    basic_auth {
      username = "reader"
      password = local.file.token.content
    }
  }`,
]

test('no secret shows in anything that a collector lets out', { timeout: 180_000 }, async () => {
  const { canaries, dir, text, config, echo, receiver, seen } = await prepare()
  writeFileSync(join(dir, 'admin'), text['admin']!)
  const collector = await startIngot({
    config,
    dir,
    env: { INGOT_TEST_CANARY: text['env'] },
    flags: ['--stability.level=experimental'],
  })
  const headers = { authorization: `Basic ${Buffer.from(`admin:${text['admin']}`).toString('base64')}` }
  const found = new Set<string>()
  const look = async (): Promise<void> => {
    for (const [place, output] of await outputsOf(collector, headers)) {
      for (const name of canaries.in(output)) found.add(`${name} in ${place}`)
    }
    for (const { message, format } of receiver.received) {
      if (format === 'lokiPush')
        for (const name of canaries.in(JSON.stringify(message))) found.add(`${name} in logging.write_to`)
    }
  }
  const arrived = (): readonly string[] => canaries.in(seen.join('\n') + decoded(seen))
  const wanted = ['literal', 'env', 'file', 'joined', 'header', 'basic', 'oauth2', 'sandboxed']
  await until(() => wanted.every((name) => arrived().includes(name)), `the secrets to be sent: ${wanted.join(', ')}`)
  await look()
  const spelled = canaries.make('spelled')
  for (const mistake of mistakes) {
    collector.writeConfig(`${config}\n${mistake.replace('ECHO', echo).replaceAll('SPELLED', spelled)}\n`)
    const answer = await fetch(`http://${collector.address}/-/reload`, { method: 'POST', headers })
    expect(answer.status, mistake).toBe(400)
    for (const name of canaries.in(await answer.text())) found.add(`${name} in the answer to a reload with ${mistake}`)
    for (const name of canaries.in(collector.process.output))
      found.add(`${name} in the log after a reload with ${mistake}`)
  }
  await killRunners(collector)
  await look()
  expect([...found]).toEqual([])
})

test('no secret of a configuration shows in what the tools say of it', { timeout: 180_000 }, async () => {
  const { canaries, dir, config } = await prepare()
  const path = join(dir, 'config.alloy')
  const found = new Set<string>()
  const look = (place: string, output: string): void => {
    expect(output.length, place).toBeGreaterThan(0)
    for (const name of canaries.in(output)) found.add(`${name} in ${place}`)
  }
  writeFileSync(
    path,
    `${config}\n${mistakes.map((mistake, at) => mistake.replace(' "m" ', ` "m${at}" `)).join('\n')}\n`,
  )
  for (const format of ['text', 'json', 'sarif'])
    look(`ingot validate, ${format}`, await ingot('validate', '--format', format, path))
  writeFileSync(path, config)
  for (const format of ['dot', 'mermaid', 'svg'])
    look(`ingot graph, ${format}`, await ingot('graph', '--format', format, path))
  const client = await EditorClient.start({ 'config.alloy': readFileSync(path, 'utf8') })
  await client.open('config.alloy')
  look('diagnostics in the editor', JSON.stringify(await client.diagnostics('config.alloy', (all) => all.length > 0)))
  const text = client.text('config.alloy')
  const names = [...text.matchAll(/\b[a-z_]+(?= *=| *[.{])/g)]
  for (const { index } of names.filter((_, at) => at % askedEvery === 0)) {
    const at = { textDocument: { uri: client.uri('config.alloy') }, position: positionAt(text, index + 1) }
    for (const method of ['hover', 'completion']) {
      const answer: unknown = await client.connection.sendRequest(`textDocument/${method}`, at)
      look(`${method} in the editor`, JSON.stringify(answer))
    }
  }
  expect(await client.stop()).toBe(0)
  expect([...found]).toEqual([])
})

/** What `ingot` prints, on standard output and error. */
function ingot(...args: string[]): Promise<string> {
  const words = ['--disable-warning=ExperimentalWarning', main, ...args]
  return new Promise((done) => {
    execFile(process.execPath, words, { maxBuffer: 64 * 2 ** 20 }, (_error, out, err) => done(`${out}${err}\n`))
  })
}

/** Credentials of basic authentication, as they were before they were sent. */
function decoded(seen: readonly string[]): string {
  return seen.map((line) => Buffer.from(/Basic (\S+)/.exec(line)?.[1] ?? '', 'base64').toString()).join('\n')
}

/** Ends all runners; those that are started in their place start their components anew. */
async function killRunners(collector: Collector): Promise<void> {
  const before = childrenOf(collector)
  for (const pid of before) process.kill(pid, 'SIGKILL')
  await until(() => childrenOf(collector).some((pid) => !before.includes(pid)), 'a new runner')
}
