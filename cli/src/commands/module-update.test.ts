import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Lockfile } from '@ingot/manifest'
import { createServer, createToken, openRegistry } from '@ingot/registry-server'
import { publishTo, signIn, testModule } from '@ingot/registry-server/testing'
import { expect, onTestFinished, test } from 'vitest'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

type TestModuleOptions = NonNullable<Parameters<typeof testModule>[0]>

interface Place {
  readonly lock: () => Promise<Lockfile>
  readonly publish: (
    options: TestModuleOptions & { dependencies?: Record<string, string>; config?: string },
  ) => Promise<void>
  /** What somebody of the registry's staff, who owns the scope too, does with a module. */
  readonly change: (path: string, body: object) => Promise<void>
  readonly configure: (more: string, grant?: string) => Promise<void>
  readonly validate: () => Promise<{ code: number; out: string; err: string }>
  readonly ingot: (...args: string[]) => Promise<{ code: number; out: string; err: string }>
}

/** A real registry, and a folder with a configuration that takes modules from it. */
async function place(): Promise<Place> {
  const dir = await mkdtemp(join(tmpdir(), 'ingot-update-test-'))
  const registry = await openRegistry({ dataDir: join(dir, 'registry'), url: 'http://registry.test' })
  const app = createServer(registry)
  await app.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(async () => {
    await app.close()
    await registry.close()
    await rm(dir, { recursive: true, force: true })
  })
  const { token } = await createToken(registry.meta.tokens, { description: 'test', modules: '@acme/*' })
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  const clean = Object.entries(process.env).filter(([name]) => !/^(?:VITEST|NODE_OPTIONS|NODE_ENV)/.test(name))
  const env = { ...Object.fromEntries(clean), NO_COLOR: '1' }
  let owner: ReturnType<typeof signIn> | undefined
  const run = (...args: string[]): Promise<{ code: number; out: string; err: string }> =>
    new Promise((done) => {
      const all = ['--disable-warning=ExperimentalWarning', main, ...args]
      execFile(process.execPath, all, { cwd: dir, env }, (error, out, err) => {
        done({ code: error ? Number(error.code) : 0, out, err })
      })
    })
  return {
    lock: async () => JSON.parse(await readFile(join(dir, 'ingot.lock'), 'utf8')) as Lockfile,
    publish: async ({ dependencies = {}, config, ...options }) => {
      const declared = config === undefined ? {} : { components: [], configs: ['module.alloy'] }
      const manifest = { dependencies, ...declared } as unknown as Record<string, string>
      const extra = config === undefined ? [] : [{ path: 'module.alloy', content: config }]
      const answer = await publishTo(url, token, testModule({ ...options, manifest, extra }))
      expect([answer.status, answer.ok ? '' : await answer.text()]).toEqual([201, ''])
    },
    change: async (path, body) => {
      owner ??= signIn(registry, { name: 'ann', staff: true, roles: { '@acme': 'owner' } })
      const answer = await fetch(`${url}/api/v1/modules/@acme/redact/${path}`, {
        method: 'POST',
        headers: { ...(await owner), 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      expect([answer.status, answer.ok ? '' : await answer.text()]).toEqual([200, ''])
    },
    configure: (more, grant = '') =>
      writeFile(
        join(dir, 'main.alloy'),
        `registry "acme" {\n  url = "${url}"\n  scopes = ["@acme"]\n${more}\n}\nimport.module "redact" {\n  module = "@acme/redact"\n  version = "^1.0.0"\n${grant}\n}\n`,
      ),
    validate: () => run('validate', 'main.alloy'),
    ingot: (...args) => run('module', ...args, '--config', 'main.alloy'),
  }
}

const power = {
  component: { capabilities: { 'http.request': [{ why: 'To report.', values: ['https://x.example'] }] } },
}

test(
  'updates pin dependencies, and are refused while nobody has accepted what they bring',
  { timeout: 120_000 },
  async () => {
    const { publish, configure, ingot, lock } = await place()
    await publish({ version: '1.0.0' })
    await configure('')
    const young = await ingot('update')
    expect([young.code, young.err]).toEqual([
      1,
      expect.stringContaining('1.0.0 (published 0 h ago, want at least 72 h)'),
    ])

    await configure('  min_release_age = "0s"')
    expect(await ingot('update')).toMatchObject({ code: 0, out: '@acme/redact 1.0.0 is new\n', err: '' })
    expect((await ingot('update')).out).toBe('nothing changes\n')

    await publish({ name: '@acme/util', version: '2.1.0', ...power })
    await publish({ version: '1.1.0', dependencies: { '@acme/util': '^2.0.0' } })
    const before = await lock()
    const refused = await ingot('update')
    expect([refused.code, refused.err]).toEqual([4, expect.stringContaining('error[capability-increase]')])
    expect(refused.out).toContain('@acme/util 2.1.0 is new, for main.alloy#redact → @acme/redact@1.1.0')
    expect(refused.out).toContain('  ! + http.request https://x.example')
    expect(await lock()).toEqual(before)

    const outdated = JSON.parse((await ingot('outdated', '--json')).out) as { outdated: unknown[] }
    expect(outdated.outdated[0]).toMatchObject({ module: '@acme/redact', pinned: ['1.0.0'], wanted: '1.1.0' })
    const looked = await ingot('update', '--accept-capabilities', '--dry-run', '--json')
    expect(JSON.parse(looked.out)).toMatchObject({ refused: false, written: false })
    expect(await lock()).toEqual(before)

    await configure('  min_release_age = "0s"', '  grant { http_request = ["https://x.example"] }')
    expect(await ingot('update')).toMatchObject({ code: 0, err: '' })
    const { modules } = await lock()
    expect(modules['@acme/redact@1.1.0']).toMatchObject({ deps: { '@acme/util': '2.1.0' }, trust: 0, range: '^1.0.0' })
    expect(modules['@acme/util@2.1.0']).toMatchObject({ capSummary: ['http.request https://x.example'] })
    expect((await ingot('why', '@acme/util')).out).toBe(
      '@acme/util@2.1.0\n  main.alloy#redact → @acme/redact@1.1.0 → @acme/util@2.1.0\n',
    )
    expect((await ingot('why', '@acme/other')).code).toBe(1)
  },
)

test('what a version asks for is compared with the grants, and told as lines to add', async () => {
  const { publish, configure, ingot, lock } = await place()
  await publish({ version: '1.0.0' })
  const asks = [
    { why: 'To report.', values: ['https://x.example', 'https://y.example'] },
    { why: 'To send.', from: 'endpoint.url' },
  ]
  await publish({
    version: '1.1.0',
    component: { capabilities: { 'http.request': asks, 'env.read': [{ why: 'Where it is.', values: ['REGION'] }] } },
  })
  const age = '  min_release_age = "0s"'
  await configure(age)
  const nothing = await ingot('grants', '@acme/redact@1.0.0')
  expect([nothing.code, nothing.err]).toEqual([0, ''])
  expect(nothing.out).toContain('it requests nothing that has to be granted')

  await configure(age, '  grant {\n    http_request = ["https://x.example"]\n    fs_read = ["/etc"]\n  }')
  const { code, out } = await ingot('grants', '@acme/redact')
  expect(code).toBe(4)
  expect(out.split('\n')).toEqual([
    '@acme/redact@1.1.0 for import.module "redact":',
    '+ missing      env.read REGION  Where it is.',
    '  by argument  http.request endpoint.url  To send.',
    '  granted      http.request https://x.example  To report.',
    '+ missing      http.request https://y.example  To report.',
    '  unused       fs_read /etc  it does not ask for that',
    'to grant what is missing, write into the grant block of import.module "redact" of main.alloy:',
    '  env_read = ["REGION"]',
    '  http_request = ["https://x.example", "https://y.example"]',
    '',
  ])
  const all = '  grant {\n    env_read = ["REGION"]\n    http_request = ["https://x.example", "https://y.example"]\n  }'
  await configure(age, all)
  const granted = await ingot('grants', '@acme/redact@1.1.0', '--json')
  expect([granted.code, JSON.parse(granted.out)]).toMatchObject([0, { missing: false, imports: [{ add: {} }] }])
  await expect(lock()).rejects.toThrow('ENOENT')
  expect((await ingot('grants', '@acme/other')).err).toContain('has no import.module that leads to it')
  expect((await ingot('grants', '@acme/redact@9.0.0')).err).toContain('error[version-not-found]')
})

test('a module brings the modules that it depends on, as they are pinned', { timeout: 120_000 }, async () => {
  const { publish, configure, ingot, validate } = await place()
  const nested = (version: string) =>
    `declare "outer" {\n  import.module "util" {\n    module = "@acme/util"\n    version = "${version}"\n  }\n  util.inner "x" { }\n}\n`
  await publish({ name: '@acme/util', version: '2.1.0', config: 'declare "inner" { }\n' })
  await publish({ version: '1.0.0', config: nested('^2.0.0'), dependencies: { '@acme/util': '^2.0.0' } })
  await configure('  min_release_age = "0s"', '}\nredact.outer "a" {')
  expect(await ingot('update')).toMatchObject({ code: 0, err: '' })
  expect(await validate()).toMatchObject({ code: 0 })

  await publish({ version: '1.0.1', config: nested('^2.0.0') })
  expect(await ingot('update')).toMatchObject({ code: 0, err: '' })
  const undeclared = await validate()
  expect([undeclared.code, undeclared.err]).toEqual([
    3,
    expect.stringContaining('ingot.lock does not pin it, want "@acme/util"'),
  ])
})

test('warns of what is deprecated, a version or its module, whether it is new or stays', async () => {
  const { publish, configure, change, ingot } = await place()
  await publish({ version: '1.0.0' })
  await configure('  min_release_age = "0s"')
  await change('deprecate', { reason: 'nobody looks after it', successor: '@acme/other' })
  const text =
    'warning[deprecated]: @acme/redact@1.0.0: its module is deprecated: nobody looks after it; use @acme/other'
  expect((await ingot('update')).err).toContain(text)
  await change('versions/1.0.0/deprecate', { reason: 'it is slow' })
  const again = await ingot('update', '--json')
  expect(again.err).toContain('warning[deprecated]: @acme/redact@1.0.0: it is deprecated: it is slow')
  expect(JSON.parse(again.out)).toMatchObject({
    changes: [],
    warnings: [
      { module: '@acme/redact', version: '1.0.0', kind: 'deprecated', message: 'it is deprecated: it is slow' },
    ],
  })
})

test('takes a version out of quarantine for those alone whose configuration names it', async () => {
  const { publish, configure, change, lock, ingot } = await place()
  await publish({ version: '1.0.0' })
  await change('versions/1.0.0/quarantine', { reason: 'it sends what it reads' })
  await configure('  min_release_age = "0s"')
  const refused = await ingot('update')
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('1.0.0 (quarantined)')])
  await configure('  min_release_age = "0s"\n  allow_quarantined = ["@acme/redact@1.0.0"]')
  const taken = await ingot('update', '--accept-capabilities')
  expect(taken.err).toContain('warning[quarantined]: @acme/redact@1.0.0: it was quarantined: it sends what it reads')
  expect(Object.keys((await lock()).modules)).toEqual(['@acme/redact@1.0.0'])
})
