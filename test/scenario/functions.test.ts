/** Functions of third-party modules in expressions of a running collector: published, pinned, called, and misbehaving. */
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { Collector } from '../servers/ingot.ts'
import { until } from '../servers/process.ts'
import { TestRegistry } from '../servers/registry.ts'
import { temporaryDir } from './log-pipeline.ts'

const maskDir = fileURLToPath(new URL('testdata/mask-module', import.meta.url))

interface Prepared {
  readonly dir: string
  readonly registry: TestRegistry
  readonly head: (limits?: string) => string
}

/** A folder that pins `@acme/mask`. */
async function prepare(): Promise<Prepared> {
  const dir = temporaryDir()
  const registry = await TestRegistry.start(join(dir, 'registry'))
  onTestFinished(() => registry.stop().catch(() => {}))
  await registry.publish(maskDir)
  await registry.pin(dir, '@acme/mask', 'mask')
  const head = (limits = '') => `${registry.block('@acme')}
    import.module "mask" {
      module  = "@acme/mask"
      version = "^1.0.0"
      ${limits}
    }\n`
  return { dir, registry, head }
}

async function start(dir: string, config: string, flags: readonly string[] = []): Promise<Collector> {
  const collector = await Collector.start({ config, dir, flags: ['--lanes=1', ...flags] })
  onTestFinished(() => collector.stop('SIGKILL'))
  return collector
}

interface Statement {
  readonly name: string
  readonly value: { readonly value: unknown }
}

/** An argument of a running component, or one of its exports, as its API shows it. */
async function shown(collector: Collector, id: string, part: 'arguments' | 'exports', name: string): Promise<string> {
  const answer = await collector.get(`/api/v0/web/components/${id}`)
  const detail = (await answer.json()) as Readonly<Record<string, readonly Statement[] | undefined>>
  return JSON.stringify(detail[part]?.find((each) => each.name === name)?.value)
}

function relabel(label: string, targets: string): string {
  return `discovery.relabel "${label}" { targets = ${targets} }\n`
}

test(
  'a function of a published module says what a component is given, whatever runs around it',
  { timeout: 90_000 },
  async () => {
    const { dir, registry, head } = await prepare()
    await registry.stop()
    const file = join(dir, 'names.json')
    writeFileSync(file, '["one:1"]')
    const config = `${head()}
      local.file "names" {
        filename = "${file}"
        detector = "poll"
        poll_frequency = "50ms"
      }
      declare "wrapped" {
        argument "region" { }
        export "url" { value = mask.endpoint(argument.region.value, 2) }
      }
      wrapped "eu" { region = mask.moody("eu") }
      ${relabel('plain', 'mask.relabel_all([{ __address__ = "a:1", at = wrapped.eu.url }])')}
      ${relabel('outer', 'mask.relabel_all(discovery.relabel.plain.output, { outer = mask.endpoint("us", 4, "a", "b") })')}
      mask.masked "own" { targets = [{ __address__ = "b:1" }] }
      ${relabel('own', 'mask.masked.own.targets')}
      foreach "each" {
        collection = encoding.from_json(local.file.names.content)
        var        = "each"
        template { discovery.relabel "one" { targets = mask.relabel_all([{ __address__ = each }], { of = mask.moody(each) }) } }
      }
      logging { format = mask.moody("json") }`
    const collector = await start(dir, config, ['--stability.level=experimental'])
    const exported = (id: string) => shown(collector, id, 'exports', 'output')
    await until(async () => (await exported('discovery.relabel.outer')).includes('us-4'), 'what the functions say')
    expect(await exported('discovery.relabel.outer')).toMatch(/eu-2\.example.*yes.*us-4\.example\/a\/b/)
    expect(await exported('discovery.relabel.own')).toContain('http://eu-1.example/')
    expect(collector.process.output).toMatch(/"msg":"configuration loaded"/)

    // What is exported later is given to functions then.
    const items = async () =>
      (await collector.live()).components.map(({ id }) => id).filter((id) => id.startsWith('foreach'))
    await until(async () => (await items()).length === 1, 'the first item')
    writeFileSync(file, '["one:1", "two:2"]')
    await until(async () => (await items()).length === 2, 'an item for the second name')
    const last = (await items()).at(-1)!
    await until(async () => (await exported(last)).includes('two:2'), 'what the function says of it')

    // A reload finds the answers again, and touches nothing.
    expect((await collector.reload()).text).toMatch(/0 updated, 0 started, 0 stopped, \d+ untouched/)
    expect(await collector.metrics()).toMatch(
      /ingot_function_calls_total\{import_id="import.module.mask",outcome="answered"\} \d+/,
    )
    expect(await (await collector.get('/')).text()).toMatch(
      /import\.module\.mask[\s\S]*@acme\/mask@1\.0\.0[\s\S]*runner/,
    )
  },
)

test(
  'a function that fails, loops, fills or lies is an error at its place, and what runs goes on',
  { timeout: 120_000 },
  async () => {
    const { dir, head } = await prepare()
    const good = head() + relabel('x', '[{ a = mask.moody("fine") }]')
    const collector = await start(dir, good)
    const refused = async (call: string, limits = '') => {
      collector.writeConfig(head(limits) + relabel('x', `[{ a = ${call} }]`) + relabel('y', '[]'))
      const { status, text } = await collector.reload()
      expect(status).toBe(400)
      expect(await shown(collector, 'discovery.relabel.x', 'arguments', 'targets')).toContain('fine')
      expect((await collector.live()).components.map(({ id }) => id)).toEqual(['discovery.relabel.x'])
      return text
    }
    expect(await refused('mask.endpoint("us", 5)')).toMatch(
      /config\.alloy:\d+:\d+: error\[function-failed\]: Cannot call mask\.endpoint: RangeError: us has 4 shards, and no shard 5/,
    )
    expect(await refused('mask.moody("loop")')).toMatch(
      /error\[function-failed\]: Cannot call mask\.moody: it was ended after 250 ms without an answer/,
    )
    expect(await refused('mask.moody("fill")')).toMatch(/Cannot call mask\.moody: .*ended/)
    expect(await refused('mask.moody("lie")')).toMatch(/Cannot call mask\.moody: its result: found object, want string/)
    expect(await refused('mask.endpoint("mars")')).toMatch(/error\[invalid-argument\]: .*"region"/)
    expect(await refused('mask.moody("loop")', 'limits { turn_timeout = "100ms" }')).toMatch(/after 100 ms/)
    collector.writeConfig(good)
    expect((await collector.reload()).text).toContain('1 untouched')
  },
)

test('a module whose functions do not end is quarantined, shown and resumed', { timeout: 120_000 }, async () => {
  const { dir, head } = await prepare()
  const limits = 'limits {\n turn_timeout = "50ms"\n isolate_losses = 3\n }'
  const collector = await start(dir, head(limits) + relabel('x', '[{ a = mask.moody("fine") }]'))
  const id = 'import.module.mask'
  let round = 0
  await until(
    async () => {
      collector.writeConfig(head(limits) + relabel('x', `[{ a = mask.moody("loop ${round++}") }]`))
      return /quarantined/.test((await collector.reload()).text)
    },
    'the quarantine',
    60_000,
  )
  expect(await collector.metrics()).toContain(`ingot_module_quarantined{component_id="${id}"} 1\n`)
  expect(await (await collector.get('/')).text()).toMatch(/quarantined[\s\S]*<button type="submit">Resume<\/button>/)
  collector.writeConfig(head(limits) + relabel('x', '[{ a = mask.moody("new") }]'))
  expect((await collector.reload()).text).toContain('quarantined')
  const resume = await fetch(`http://${collector.address}/api/v0/ingot/components/${id}/resume`, { method: 'POST' })
  expect(resume.status).toBe(200)
  expect((await collector.reload()).status).toBe(200)
  expect(await shown(collector, 'discovery.relabel.x', 'arguments', 'targets')).toContain('new')
})

test('another version of the module says something else', { timeout: 90_000 }, async () => {
  const { dir, registry, head } = await prepare()
  const collector = await start(dir, head() + relabel('x', '[{ a = mask.endpoint("eu") }]'))
  const next = join(dir, 'next')
  cpSync(maskDir, next, { recursive: true })
  symlinkSync(fileURLToPath(new URL('../node_modules', import.meta.url)), join(next, 'node_modules'))
  const edit = (path: string, from: string, to: string) =>
    writeFileSync(join(next, path), readFileSync(join(next, path), 'utf8').replaceAll(from, to))
  edit('module.ts', "version: '1.0.0'", "version: '1.1.0'")
  edit('endpoint/function.ts', '.example/', '.test/')
  await registry.publish(next)
  await registry.pin(dir, '@acme/mask', 'mask')
  expect((await collector.reload()).text).toContain('1 updated')
  expect(await shown(collector, 'discovery.relabel.x', 'arguments', 'targets')).toContain('http://eu-1.test/')
})

test('a configuration that does not start because of a function says where', { timeout: 60_000 }, async () => {
  const { dir, head } = await prepare()
  const collector = await Collector.launch({ config: head() + relabel('x', '[{ a = mask.moody("loop") }]'), dir })
  await until(() => !collector.process.running, 'the end of the collector')
  expect(collector.process.output).toMatch(/config\.alloy:\d+:\d+: error\[function-failed\]: Cannot call mask\.moody/)
})

test(
  'functions of a trusted module say the same in a lane and in a runner, and may take secrets',
  { timeout: 120_000 },
  async () => {
    const { dir, registry, head } = await prepare()
    const { payload } = (await (await fetch(`${registry.url}/keys/root.json`)).json()) as { payload: string }
    const root = JSON.parse(Buffer.from(payload, 'base64').toString()) as RootDocument
    const trust = `ingot { trust { keys = ["ed25519:${root.keys[root.roles.publish.keyids[0]!]!.spki}"] } }\n`
    const key = join(dir, 'key')
    writeFileSync(key, 'k3y')
    const config = `${head()}
    local.file "key" {
      filename = "${key}"
      is_secret = true
    }
    ${relabel('x', '[{ a = mask.endpoint("eu", 2), b = mask.moody("ä€😀"), c = convert.nonsensitive(mask.sign(local.file.key.content)) }]')}`
    const said: string[] = []
    for (const [flags, room] of [
      [[], 'lane of functions'],
      [['--sandbox=all'], 'runner'],
    ] as const) {
      const collector = await start(dir, trust + config, flags)
      await until(
        async () => (await shown(collector, 'discovery.relabel.x', 'exports', 'output')).includes('signed k3y'),
        'what is made of the secret',
      )
      said.push(await shown(collector, 'discovery.relabel.x', 'exports', 'output'))
      expect(await (await collector.get('/')).text()).toMatch(new RegExp(`import\\.module\\.mask[\\s\\S]*${room}`))
      if (room === 'lane of functions') {
        collector.writeConfig(trust + config + relabel('loops', '[{ a = mask.moody("loop") }]'))
        expect((await collector.reload()).text).toContain('Cannot call mask.moody: it was ended after 5000 ms')
        collector.writeConfig(trust + config + relabel('goes_on', '[{ a = mask.moody("on") }]'))
        expect((await collector.reload()).text).toContain('1 started')
      }
      await collector.stop()
    }
    expect(said[0]).toBe(said[1])
    // Whether the file's content is a secret is known once it has been read.
    const untrusting = await start(dir, config)
    const health = async () =>
      JSON.stringify(await (await untrusting.get('/api/v0/web/components/discovery.relabel.x')).json())
    await until(async () => (await health()).includes('found secret, and the module is not trusted'), 'the refusal')
    expect(await untrusting.metrics()).toContain(
      'ingot_function_calls_total{import_id="import.module.mask",outcome="answered"} 2',
    )
  },
)

interface RootDocument {
  readonly keys: Readonly<Record<string, { readonly spki: string }>>
  readonly roles: { readonly publish: { readonly keyids: readonly string[] } }
}
