import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createServer, openRegistry } from '@ingot/registry-server'
import { NameServer, signIn } from '@ingot/registry-server/testing'
import { expect, onTestFinished, test } from 'vitest'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

test('a scope is made and proven by commands', { timeout: 120_000 }, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'ingot-scope-'))
  const names = await NameServer.start()
  const proofs = { nameServers: [names.address] }
  const registry = await openRegistry({ dataDir: join(dir, 'registry'), url: 'http://registry.test', proofs })
  const app = createServer(registry)
  await app.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(async () => {
    await app.close()
    await registry.close()
    await names.stop()
    await rm(dir, { recursive: true, force: true })
  })
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  const { authorization } = await signIn(registry, { name: 'ann' })
  const run = (...args: string[]): Promise<{ code: number; out: string; err: string }> => {
    const kept = Object.entries(process.env).filter(([name]) => !/^(?:VITEST|NODE_OPTIONS|NODE_ENV)/.test(name))
    const login = { INGOT_TOKEN: authorization.slice('Bearer '.length), INGOT_REGISTRY: url, NO_COLOR: '1' }
    const env = { ...Object.fromEntries(kept), ...login, XDG_CONFIG_HOME: dir, HOME: dir }
    return new Promise((done) => {
      execFile(process.execPath, [main, 'module', 'scope', ...args], { cwd: dir, env }, (error, out, err) =>
        done({ code: error ? Number(error.code) : 0, out, err }),
      )
    })
  }

  expect(await run('create', '@acme', '--private')).toEqual({ code: 0, out: '@acme is yours\n', err: '' })
  expect((await registry.meta.scopes.find('@acme'))!.policy.visibility).toBe('private')
  expect((await run('create', '@ac-me')).out).toContain('what is first published in it waits for staff')
  expect((await run('verify', '@acme')).err).toContain('nothing is claimed of it')
  expect((await run('prove', '@acme')).err).toContain('want --dns or --repository')
  const { out } = await run('prove', '@acme', '--dns', 'acme.example')
  expect(out).toContain('TXT record of _ingot.acme.example')
  const missing = await run('verify', '@acme')
  expect([missing.code, missing.out]).toEqual([
    1,
    'dns acme.example: not verified\n  found no TXT record of _ingot.acme.example\n',
  ])
  names.setTexts('_ingot.acme.example', /ingot-scope=.*/.exec(out)![0])
  const verified = await run('verify', '@acme', '--json')
  expect([verified.code, JSON.parse(verified.out)]).toMatchObject([0, { proofs: [{ state: 'verified' }] }])
  expect((await run('unprove', '@acme', 'other.example')).err).toContain('found "acme.example"')
  expect((await run('unprove', '@acme', 'acme.example')).code).toBe(0)
  expect(await registry.meta.proofs.standing('@acme')).toEqual([])
})
