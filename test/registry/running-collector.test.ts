/** What a registry says of modules that run already: the collector tells it everywhere, and runs on. */
import { execFile } from 'node:child_process'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { InstanceJson } from '@ingot/engine'
import { packModule, publishModule } from '@ingot/loader'
import {
  createServer,
  createToken,
  installRoot,
  openRegistry,
  proposeChange,
  type Registry,
} from '@ingot/registry-server'
import { signedUp } from '@ingot/registry-server/testing'
import { claimedRoot, parseSigningKey, rootFingerprint, signRoot } from '@ingot/trust'
import { expect, onTestFinished, test } from 'vitest'
import { browse } from '../e2e/registry-site/browse.ts'
import { Collector } from '../servers/ingot.ts'
import { until } from '../servers/process.ts'
import { temporaryFolder } from './distribution-user.ts'

const main = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))
const dayMs = 86_400_000
const id = 'errors.keep.main'

/** A registry that can be stopped and served again at its address, with a version of 30 days ago. */
async function oldRegistry() {
  let ageMs = 30 * dayMs
  const dataDir = await temporaryFolder()
  const clock = (): Date => new Date(Date.now() - ageMs)
  let registry!: Registry
  let stop = async (): Promise<void> => undefined
  let port = 0
  const serve = async (): Promise<void> => {
    await stop()
    registry = await openRegistry({ dataDir, url: 'http://registry.test', clock })
    const app = createServer(registry, { onError: (error) => console.error(error) })
    await app.listen({ host: '127.0.0.1', port })
    port = (app.server.address() as AddressInfo).port
    stop = async () => {
      stop = async () => undefined
      await app.close()
      await registry.close()
    }
  }
  await serve()
  onTestFinished(() => stop())
  const url = `http://127.0.0.1:${port}`
  const { token } = await createToken(registry.meta.tokens, { description: 'test', modules: '@acme/*' })
  const publish = async (folder: string): Promise<void> => {
    await publishModule(await packModule(folder), { registryUrl: url, token })
  }
  const root = rootFingerprint(registry.keys.root)
  const owner = await signedUp({ registry, url }, 'ada', { staff: true, secondFactor: true })
  await owner.json(201, 'POST', '/api/v1/scopes', { name: '@acme' })
  return {
    url,
    root,
    owner,
    publish,
    dataDir,
    serve,
    stop: () => stop(),
    keys: () => registry.keys,
    now: () => void (ageMs = 0),
  }
}

/** Somebody's folder with a module of their own in it, and the command line. */
async function folderWithModule() {
  const dir = await temporaryFolder()
  const clean = Object.entries(process.env).filter(([name]) => !/^(?:VITEST|NODE_OPTIONS|NODE_ENV|INGOT_)/.test(name))
  const env = { ...Object.fromEntries(clean), NO_COLOR: '1', XDG_CONFIG_HOME: dir }
  const ingot = (...args: string[]): Promise<{ code: number; said: string }> =>
    new Promise((done) => {
      const all = ['--disable-warning=ExperimentalWarning', main, 'module', ...args]
      execFile(process.execPath, all, { cwd: dir, env }, (error, out, err) =>
        done({ code: error ? Number(error.code) : 0, said: out + err }),
      )
    })
  const module = join(dir, 'errors')
  expect(await ingot('init', 'errors', '--name', '@acme/errors')).toMatchObject({ code: 0 })
  let version = '0.1.0'
  const become = (next: string): void => {
    const file = join(module, 'module.ts')
    writeFileSync(file, readFileSync(file, 'utf8').replace(`version: '${version}'`, `version: '${next}'`))
    version = next
  }
  return { dir, module, ingot, become, config: join(dir, 'config.alloy'), log: join(dir, 'app.log') }
}

function configuration({ url, root }: { url: string; root: string }, log: string, more = ''): string {
  return `registry "acme" {
	url            = "${url}"
	scopes         = ["@acme"]
	root           = "${root}"
	poll_frequency = "1s"
	${more}
}

loki.source.file "app" {
	targets    = [{"__path__" = "${log}"}]
	forward_to = [errors.keep.main.receiver]
}

errors.keep "main" {
	containing = "error"
	forward_to = []
}
`
}

async function running(more = '') {
  const [registry, place] = [await oldRegistry(), await folderWithModule()]
  const { dir, module, ingot, become, config, log } = place
  become('1.0.0')
  await registry.publish(module)
  registry.now()
  writeFileSync(log, '')
  writeFileSync(config, configuration(registry, log, more))
  expect(await ingot('add', '@acme/errors@^1.0.0', '--config', config)).toMatchObject({ code: 0 })
  const collector = await Collector.start({ config: readFileSync(config, 'utf8'), dir })
  onTestFinished(() => collector.stop())
  const facts = async () => (await (await collector.get(`/api/v0/ingot/components/${id}`)).json()) as InstanceJson
  const warnings = async () => (await facts()).warnings.join('\n')
  let lines = 0
  const passes = async (): Promise<void> => {
    appendFileSync(log, 'all is well\n')
    lines++
    await until(async () => {
      const { ledger } = (await collector.component(id))!
      return ledger.in === lines && ledger.reasons['no_match'] === lines
    }, `line ${lines} to pass`)
  }
  return { registry, ...place, collector, facts, warnings, passes }
}

test(
  'an advisory reaches a collector that runs, the audit, and the update that mends it without waiting',
  { timeout: 240_000 },
  async () => {
    const { registry, collector, facts, warnings, passes, ingot, become, module, config } = await running()
    const { owner } = registry
    await passes()
    await until(
      async () => (await collector.metrics()).includes('ingot_registry_answered{registry="acme"} 1'),
      'a look',
    )
    expect(await warnings()).toBe('')

    become('1.0.1')
    await registry.publish(module)
    const take = ['--config', config]
    expect((await ingot('outdated', ...take)).said).toContain('not 1.0.1: published 0 h ago, want at least 72 h')
    await owner.json(201, 'POST', '/api/v1/scopes/@acme/advisories', {
      summary: 'Lines are kept that must not be.',
      affected: [{ module: '@acme/errors', events: [{ introduced: '0' }, { fixed: '1.0.1' }] }],
    })
    await until(async () => (await warnings()).includes('Lines are kept that must not be.'), 'the advisory to be told')
    expect(await warnings()).toContain('(mended in 1.0.1)')
    // A warning is no ill health: nobody's supervisor starts a collector anew for it.
    expect((await facts()).health).toMatchObject({ state: 'healthy' })
    expect((await collector.get('/-/healthy')).status).toBe(200)
    await passes()
    const metric = 'ingot_module_warning{module="@acme/errors@1.0.0",kind="advisory"} 1'
    expect(await collector.metrics()).toContain(metric)
    const listed = (await (await collector.get('/api/v0/web/components')).json()) as {
      localID: string
      health: { message: string }
    }[]
    expect(listed.find(({ localID }) => localID === id)!.health.message).toContain('; warning: INGOT-')
    for (const path of ['/', `/component/${id}`])
      expect(await (await collector.get(path)).text()).toContain('Lines are kept that must not be.')
    await until(() => /pinned module is warned of.*kind=advisory/.test(collector.process.output), 'it to be logged')

    const audited = await ingot('audit', ...take)
    expect([audited.code, audited.said]).toEqual([5, expect.stringContaining('error[advisory] @acme/errors@1.0.0')])
    const updated = await ingot('update', ...take)
    expect(updated).toMatchObject({ code: 0, said: expect.stringContaining('1.0.1 is taken WITHOUT WAITING') })
    expect(await collector.reload()).toMatchObject({ status: 200 })
    await until(async () => (await facts()).module === '@acme/errors@1.0.1', 'the version that mends it')
    await until(async () => (await warnings()) === '', 'no warning any more')
    expect(await collector.metrics()).not.toContain('ingot_module_warning{')
    expect(await ingot('audit', ...take)).toMatchObject({ code: 0 })
  },
)

test(
  'a yank is told and taken back, and a registry that is away changes nothing',
  { timeout: 240_000 },
  async (context) => {
    const { registry, collector, facts, warnings, passes } = await running()
    const version = '/api/v1/modules/@acme/errors/versions/1.0.0'
    await registry.owner.json(200, 'POST', `${version}/yank`, { reason: 'It keeps too much.' })
    await until(async () => (await warnings()) === 'it was yanked: It keeps too much.', 'the yank')
    await passes()
    const { page, complaints } = await browse(context)
    await page.goto(`http://${collector.address}/`)
    // What the page's script brings up to date leaves it where it is.
    for (let looks = 0; looks < 2; looks++) await page.waitForResponse(/\/api\/v0\/ingot\/live$/)
    await page.getByRole('row', { name: id }).getByText('warning', { exact: true }).waitFor()
    expect(await page.getByRole('alert').textContent()).toContain('it was yanked: It keeps too much.')
    expect(complaints).toEqual([])

    await registry.stop()
    const answered = (value: number) => `ingot_registry_answered{registry="acme"} ${value}\n`
    await until(async () => (await collector.metrics()).includes(answered(0)), 'the registry to be away')
    expect(await warnings()).toBe('it was yanked: It keeps too much.')
    expect((await facts()).health.state).toBe('healthy')
    await passes()

    await registry.serve()
    await until(async () => (await collector.metrics()).includes(answered(1)), 'the registry to be back')
    await registry.owner.json(200, 'POST', `${version}/unyank`, { reason: 'It does not.' })
    await until(async () => (await warnings()) === '', 'the yank to be taken back')
    await registry.owner.json(200, 'POST', `${version}/quarantine`, { reason: 'It sends lines away.' })
    await until(async () => (await warnings()) === 'it was quarantined: It sends lines away.', 'the quarantine')
    expect(collector.process.output).toContain('pinned module is no longer warned of')
    await passes()
  },
)

test.each([
  ['warns of it', ''],
  ['ends its components where the configuration says so', 'on_revoked = "block"'],
])('a revoked key %s', { timeout: 240_000 }, async (_, more) => {
  const { registry, collector, facts, warnings, passes } = await running(more)
  await passes()
  await registry.stop()
  const { dataDir } = registry
  const root = parseSigningKey(await readFile(join(dataDir, 'keys/root.pem'), 'utf8'))
  const keyId = registry.keys().publish.publicKey.keyId
  const revoke = { kind: 'revoke', keyId, reason: 'its disk was copied' } as const
  const proposed = claimedRoot((await proposeChange({ dataDir }, revoke, [root], new Date())).envelope)
  // As if others had had the key since before the publish: nothing that it has signed is vouched for.
  const entry = proposed.keys[keyId]!
  const keys = { ...proposed.keys, [keyId]: { ...entry, revoked: { ...entry.revoked!, logSize: 0 } } }
  await installRoot({ dataDir }, signRoot({ ...proposed, keys }, [root]))
  await registry.serve()
  if (more === '') {
    await until(async () => (await warnings()).includes('its disk was copied'), 'the revoked key to be told')
    expect((await facts()).health.state).toBe('healthy')
    return passes()
  }
  await until(async () => (await facts()).health.state === 'unhealthy', 'the module to be blocked')
  expect((await facts()).health.message).toContain('its disk was copied')
  expect(collector.process.output).toMatch(/component ended: its module is blocked.*component_id=errors.keep.main/)
  expect((await collector.get('/-/healthy')).status).toBe(500)
  // What does not come from there goes on.
  expect((await collector.component('loki.source.file.app'))!.health).toBe('healthy')
  const refused = await collector.reload()
  expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('was revoked: its disk was copied')])
})
