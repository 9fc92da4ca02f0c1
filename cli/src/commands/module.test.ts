import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ModuleCache, readLock, resolveImports } from '@ingot/loader'
import { createServer, createToken, openRegistry } from '@ingot/registry-server'
import { rootFingerprint } from '@ingot/trust'
import { describe, expect, onTestFinished, test } from 'vitest'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

interface Result {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs the command line in a folder of its own, outside of any workspace. */
function ingot(cwd: string, ...args: string[]): Promise<Result> {
  // What the test runner sets for its own children must not reach the runner that is started here.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:VITEST|NODE_OPTIONS|NODE_ENV)/.test(name)),
  )
  const options = { cwd, env: { ...env, INGOT_CACHE: join(cwd, '.cache'), NO_COLOR: '1' } }
  return new Promise((done) => {
    execFile(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], options, (error, out, err) => {
      done({ code: error ? Number(error.code) : 0, out, err })
    })
  })
}

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'ingot-cli-test-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return dir
}

async function registry(dir: string): Promise<{ url: string; root: string; token: string; stop(): Promise<void> }> {
  const opened = await openRegistry({ dataDir: join(dir, 'registry'), url: 'http://registry.test' })
  const app = createServer(opened)
  await app.listen({ host: '127.0.0.1', port: 0 })
  let running = true
  const stop = async (): Promise<void> => {
    if (!running) return
    running = false
    await app.close()
    await opened.close()
  }
  onTestFinished(stop)
  const { token } = await createToken(opened.meta.tokens, { description: 'test', modules: '@acme/*' })
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  return { url, root: rootFingerprint(opened.keys.root), token, stop }
}

describe('ingot module', { timeout: 60_000 }, () => {
  test('makes a module whose test passes, packs it, publishes it and pins it', async () => {
    const dir = await folder()
    expect(await ingot(dir, 'module', 'init', 'keeper', '--name', '@acme/keeper')).toMatchObject({ code: 0 })
    const tested = await ingot(dir, 'module', 'test', 'keeper')
    expect([tested.code, tested.out]).toEqual([0, expect.stringContaining('7 passed')])

    const { url, root, token, stop } = await registry(dir)
    const published = await ingot(dir, 'module', 'publish', 'keeper', '--registry', url, '--token', token)
    expect(published.out).toMatch(/^published @acme\/keeper@0\.1\.0 sha512-/)
    expect((await ingot(dir, 'module', 'publish', 'keeper', '--registry', url, '--token', token)).out).toMatch(
      /^already there:/,
    )

    const config = `registry "acme" {\n  url    = "${url}"\n  scopes = ["@acme"]\n  root   = "${root}"\n  min_release_age = "0s"\n}\n`
    await writeFile(join(dir, 'main.alloy'), config)
    const added = await ingot(dir, 'module', 'add', '@acme/keeper@^0.1.0', '--config', 'main.alloy')
    expect([added.code, added.err]).toEqual([0, ''])
    expect(added.out).toContain('keeper.keep')
    expect(added.out).toContain('asks the host for nothing')
    expect(await readFile(join(dir, 'main.alloy'), 'utf8')).toBe(
      `${config}\nimport.module "keeper" {\n\tmodule  = "@acme/keeper"\n\tversion = "^0.1.0"\n}\n`,
    )

    await stop()
    const loaded = await resolveImports({
      imports: [{ file: 'main.alloy', namespace: 'keeper', module: '@acme/keeper', version: '^0.1.0' }],
      registries: [{ name: 'acme', url, scopes: ['@acme'], root }],
      lock: await readLock(join(dir, 'ingot.lock')),
      cache: new ModuleCache(join(dir, '.cache')),
    })
    expect(loaded.get('main.alloy#keeper')!.components.map(({ name }) => name)).toEqual(['keeper.keep'])
    const offline = await ingot(dir, 'module', 'add', '@acme/keeper', '--config', 'main.alloy')
    expect([offline.code, offline.err]).toEqual([1, expect.stringContaining('error[registry-unreachable]')])
  })

  test('fails when a test of the module fails', async () => {
    const dir = await folder()
    await ingot(dir, 'module', 'init', 'keeper')
    const path = join(dir, 'keeper/keep/component.ts')
    await writeFile(
      path,
      (await readFile(path, 'utf8')).replace('?.includes(args.containing)', '?.includes(args.containing) === false'),
    )
    expect((await ingot(dir, 'module', 'test', 'keeper')).code).toBe(1)
  })

  test('fails when a configuration of the module does not hold', async () => {
    const dir = await folder()
    await ingot(dir, 'module', 'init', 'keeper')
    const path = join(dir, 'keeper/tests/keep.alloy')
    await writeFile(path, (await readFile(path, 'utf8')).replace('containing = "disk"', 'contains = "disk"'))
    const { code, out, err } = await ingot(dir, 'module', 'test', 'keeper')
    expect([code, err]).toEqual([1, expect.stringContaining('tests/keep.alloy:13:2: error[unknown-argument]')])
    expect(out).toContain('✓ examples/keep.alloy\n✗ tests/keep.alloy\n')
  })

  test('shows why a registry refuses', async () => {
    const dir = await folder()
    await ingot(dir, 'module', 'init', 'keeper', '--name', '@other/keeper')
    const { url, token } = await registry(dir)
    const refused = await ingot(dir, 'module', 'publish', 'keeper', '--registry', url, '--token', token)
    expect([refused.code, refused.err]).toEqual([
      1,
      `error[registry-refused]: Cannot publish "@other/keeper@0.1.0" to ${url}: Cannot do "version.publish" to "@other/keeper" with this token: it is for "@acme/*" (token_scope)\n`,
    ])
  })

  test.each([
    [['init', 'registry'], 'the folder is not empty'],
    [['init', 'x', '--name', 'Nonsense'], 'want "@scope/name"'],
    [['publish', '.', '--registry', 'http://127.0.0.1:1'], 'want --token, $INGOT_TOKEN or a login'],
    [['pack', '.'], 'found no module.ts'],
    [['add', 'redact', '--config', 'main.alloy'], 'want "@scope/name"'],
  ])('refuses %j', async (args, message) => {
    const dir = await folder()
    await writeFile(join(dir, 'main.alloy'), '')
    await ingot(dir, 'module', 'init', 'registry')
    const refused = await ingot(dir, 'module', ...args)
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining(message)])
  })
})
