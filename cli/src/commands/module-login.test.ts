import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createServer, openRegistry } from '@ingot/registry-server'
import { TestBrowser } from '@ingot/registry-server/testing'
import { expect, onTestFinished, test } from 'vitest'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const password = 'correct horse battery'

/** A registry that listens, a folder for credentials, and `ingot` as one types it. */
async function start() {
  const dir = await mkdtemp(join(tmpdir(), 'ingot-login-'))
  const dataDir = join(dir, 'registry')
  const registry = await openRegistry({ dataDir, url: 'http://registry.test' })
  const app = createServer(registry, { onError: (error) => console.error(error) })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  onTestFinished(async () => {
    await app.close()
    await registry.close()
    await rm(dir, { recursive: true, force: true })
  })
  const credentials = join(dir, 'config', 'credentials.json')
  const env = { ...process.env, INGOT_CREDENTIALS: credentials, INGOT_TOKEN: '', INGOT_REGISTRY: '' }
  const ingot = (args: string[], input = '') =>
    new Promise<{ status: number; out: string; err: string }>((done) => {
      const child = execFile(process.execPath, [main, ...args], { env }, (error, out, err) =>
        done({ status: error ? Number(error.code) : 0, out, err }),
      )
      child.stdin!.end(input)
    })
  return { url, dataDir, credentials, env, ingot }
}

/** A user made at the storage, who has opened the link that was printed. */
async function createUser(
  { url, dataDir, ingot }: Awaited<ReturnType<typeof start>>,
  name: string,
): Promise<TestBrowser> {
  const { out } = await ingot(['registry', 'user', 'create', name, '--data', dataDir, '--url', url, '--json'])
  const { link } = JSON.parse(out) as { link: string }
  const browser = new TestBrowser(url)
  await browser.json(201, 'POST', '/api/v1/account/set-up', { link: new URL(link).searchParams.get('link'), password })
  return browser
}

test('ingot module login: by password, to a scope, a token and out again', { timeout: 120_000 }, async () => {
  const started = await start()
  const { url, ingot, credentials } = started
  await createUser(started, 'ada')
  const nobody = await ingot(['module', 'whoami'])
  expect([nobody.status, nobody.err]).toEqual([1, expect.stringContaining('want --registry or $INGOT_REGISTRY')])
  const wrong = await ingot(['module', 'login', '--registry', url, '--user', 'ada', '--password-stdin'], 'wrong\n')
  expect([wrong.status, wrong.err]).toEqual([1, expect.stringContaining('(sign_in)')])
  const right = ['module', 'login', '--registry', url, '--user', 'ada', '--password-stdin']
  expect((await ingot(right, `${password}\n`)).status).toBe(0)
  expect((await stat(credentials)).mode & 0o777).toBe(0o600)

  expect((await ingot(['module', 'scope', 'create', '@acme'])).out).toBe('@acme is yours\n')
  const caller = JSON.parse((await ingot(['module', 'whoami', '--json'])).out) as { scopes: unknown }
  expect(caller.scopes).toEqual([{ name: '@acme', role: 'owner' }])
  const made = await ingot(['registry', 'token', 'create', '--registry', url, '--modules', '@acme/*', '--json'])
  expect((JSON.parse(made.out) as { token: string }).token).toMatch(/^ingot_w_/)
  expect((await ingot(['registry', 'token', 'list', '--registry', url])).out).toContain('publish @acme/*')
  const refused = await ingot(['module', 'owner', 'add', '@acme', 'ada'])
  expect(refused.err).toMatch(/\(second_factor\)[^]*--otp/)
  expect((await ingot(['module', 'owner', 'list', '@acme'])).out).toBe('owner      ada\n')

  expect((await ingot(['module', 'logout'])).out).toBe(`signed out of ${url}\n`)
  expect((await ingot(['module', 'whoami', '--registry', url])).status).toBe(1)
})

test('ingot module login shows a code, and is signed in when somebody says yes', { timeout: 60_000 }, async () => {
  const started = await start()
  const { url, env, ingot } = started
  const browser = await createUser(started, 'ada')
  const login = spawn(process.execPath, [main, 'module', 'login', '--registry', url], { env })
  const ended = once(login, 'exit')
  for await (const line of createInterface({ input: login.stderr })) {
    const [, code] = /code: ([A-Z]{4}-[A-Z]{4})$/.exec(line) ?? []
    if (code === undefined) continue
    await browser.json(204, 'POST', `/api/v1/device/${code}/approve`)
    break
  }
  expect((await ended)[0]).toBe(0)
  expect((await ingot(['module', 'whoami'])).out).toBe(`ada in ${url}\n`)
})
