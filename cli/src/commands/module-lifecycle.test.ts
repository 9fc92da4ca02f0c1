import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createServer, openRegistry } from '@ingot/registry-server'
import { operatorToken, publishTo, signIn, testModule } from '@ingot/registry-server/testing'
import { expect, onTestFinished, test } from 'vitest'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

test(
  'versions are yanked, deprecated, tagged, looked at, held and approved by commands',
  { timeout: 120_000 },
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'ingot-lifecycle-'))
    const registry = await openRegistry({ dataDir: join(dir, 'registry'), url: 'http://registry.test' })
    const app = createServer(registry)
    await app.listen({ host: '127.0.0.1', port: 0 })
    onTestFinished(async () => {
      await app.close()
      await registry.close()
      await rm(dir, { recursive: true, force: true })
    })
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
    const owner = await signIn(registry, { name: 'ann', roles: { '@acme': 'owner' } })
    const token = await operatorToken(registry, ['publish'])
    const send = (version: string, capabilities = {}) =>
      publishTo(url, '', testModule({ version, component: { capabilities } }), token)
    for (const version of ['1.0.0', '1.0.1']) expect((await send(version)).status).toBe(201)
    const powers = { 'http.request': [{ why: 'Asks.', values: ['names.example:443'] }] }
    expect((await send('1.1.0', powers)).status).toBe(202)

    const run = (...args: string[]): Promise<{ code: number; out: string; err: string }> => {
      const kept = Object.entries(process.env).filter(([name]) => !/^(?:VITEST|NODE_OPTIONS|NODE_ENV)/.test(name))
      const login = { INGOT_TOKEN: owner.authorization.slice('Bearer '.length), INGOT_REGISTRY: url, NO_COLOR: '1' }
      const env = { ...Object.fromEntries(kept), ...login, XDG_CONFIG_HOME: dir, HOME: dir }
      return new Promise((done) => {
        execFile(process.execPath, [main, 'module', ...args], { cwd: dir, env }, (error, out, err) =>
          done({ code: error ? Number(error.code) : 0, out, err }),
        )
      })
    }
    const json = async (...args: string[]): Promise<unknown> => {
      const { code, out, err } = await run(...args, '--json')
      expect([code, err]).toEqual([0, ''])
      return JSON.parse(out)
    }

    expect(await json('stage', '@acme')).toMatchObject({
      stages: [{ version: '1.1.0', reasons: ['capability_increase'] }],
    })
    expect(await json('approve', '@acme/redact@1.1.0')).toMatchObject({ published: true })
    expect((await run('approve', '@acme/redact@1.1.0')).err).toContain('Cannot find "@acme/redact@1.1.0"')
    expect(await json('yank', '@acme/redact@1.0.1', '--reason', 'leaks')).toMatchObject({ changed: true })
    expect((await run('yank', '@acme/redact@1.0.1', '--reason', 'leaks')).out).toBe('it was so already\n')
    expect((await run('deprecate', '@acme/redact@1.0.0')).err).toContain('want either --reason or --undo')
    await json('deprecate', '@acme/redact@1.0.0', '--reason', 'slow', '--successor', '1.1.0')
    await json('tag', 'set', '@acme/redact@1.0.0', 'stable')
    expect(await json('tag', 'list', '@acme/redact')).toMatchObject({ tags: { latest: '1.1.0', stable: '1.0.0' } })
    const { out } = await run('info', '@acme/redact')
    expect(out).toContain('may http.request names.example:443')
    expect(out).toContain('yanked: leaks')
    expect(out).toContain('deprecated: slow')
    const changed = await run('diff', '@acme/redact@1.0.0')
    expect(changed).toMatchObject({
      code: 0,
      out: expect.stringContaining(
        '@acme/redact 1.0.0 → 1.1.0\ncapabilities:\n  + http.request names.example:443\nfiles:\n  ~ module.json',
      ),
    })
    expect((await run('diff', '@acme/redact@1.0.0', '1.0.0')).out).toContain('nothing is different')
    expect(await json('diff', '@acme/redact@1.1.0', '1.0.0')).toMatchObject({
      from: '1.1.0',
      to: '1.0.0',
      capabilities: { added: [], removed: ['http.request names.example:443'] },
    })
    const absent = await run('diff', '@acme/redact@1.0.0', '9.0.0')
    expect([absent.code, absent.err]).toEqual([1, expect.stringContaining('(not_found)')])
    await json('unyank', '@acme/redact@1.0.1', '--reason', 'it does not')
    expect(await json('search', 'redact')).toMatchObject({
      total: 1,
      items: [{ name: '@acme/redact', version: '1.1.0' }],
    })
    const wrong = await run('yank', 'redact', '--reason', 'x')
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('want "@scope/name@1.4.2"')])
  },
)
