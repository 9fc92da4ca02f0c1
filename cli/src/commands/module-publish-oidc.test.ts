import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createServer, openRegistry, readIssuers, type Registry } from '@ingot/registry-server'
import { IdentityProvider, signIn } from '@ingot/registry-server/testing'
import { expect, onTestFinished, test } from 'vitest'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const registryUrl = 'https://registry.acme.example'
const claims = {
  repository: 'acme/greeter',
  repository_id: '12345',
  repository_owner_id: '678',
  workflow_ref: 'acme/greeter/.github/workflows/release.yml@refs/tags/v1',
  event_name: 'push',
  run_id: '99',
  sha: 'c0ffee',
}

interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
}

class Workplace {
  readonly dir: string
  readonly url: string
  readonly registry: Registry
  readonly provider: IdentityProvider

  private constructor(dir: string, url: string, registry: Registry, provider: IdentityProvider) {
    this.dir = dir
    this.url = url
    this.registry = registry
    this.provider = provider
  }

  /** A registry that trusts an issuer, and a folder with a module of a scope that trusts a workflow there. */
  static async start(): Promise<Workplace> {
    const dir = await mkdtemp(join(tmpdir(), 'ingot-cli-oidc-'))
    const provider = await IdentityProvider.start()
    const issuers = readIssuers(
      JSON.stringify({ issuers: [{ name: 'forge', issuer: provider.issuer, kind: 'github' }] }),
    )
    const registry = await openRegistry({ dataDir: join(dir, 'data'), url: registryUrl, issuers })
    const app = createServer(registry)
    await app.listen({ host: '127.0.0.1', port: 0 })
    onTestFinished(async () => {
      await app.close()
      await registry.close()
      await provider.stop()
      await rm(dir, { recursive: true, force: true })
    })
    const owner = await signIn(registry, { name: 'ada', roles: { '@acme': 'owner' } })
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
    const trusted = await fetch(`${url}/api/v1/scopes/@acme/trusted-publishers`, {
      method: 'POST',
      headers: { ...owner, 'content-type': 'application/json' },
      body: JSON.stringify({
        module: '@acme/greeter',
        issuer: provider.issuer,
        ownerId: '678',
        repositoryId: '12345',
        repository: 'acme/greeter',
        workflow: 'release.yml',
      }),
    })
    expect(trusted.status).toBe(201)
    return new Workplace(dir, url, registry, provider)
  }

  publish(environment: Record<string, string>, ...flags: string[]): Promise<Run> {
    const own = /^(?:VITEST|NODE_OPTIONS|NODE_ENV|INGOT_|ACTIONS_|GITHUB_|GITLAB_)/
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)))
    const args = ['--disable-warning=ExperimentalWarning', main, 'module', 'publish', join(this.dir, 'greeter')]
    const options = { cwd: this.dir, env: { ...env, INGOT_CACHE: join(this.dir, 'cache'), ...environment } }
    return new Promise((done) => {
      execFile(process.execPath, [...args, '--registry', this.url, ...flags], options, (error, out, err) =>
        done({ code: error ? Number(error.code) : 0, out, err }),
      )
    })
  }

  init(): Promise<void> {
    return new Promise((done, failed) => {
      const args = [
        '--disable-warning=ExperimentalWarning',
        main,
        'module',
        'init',
        'greeter',
        '--name',
        '@acme/greeter',
      ]
      execFile(process.execPath, args, { cwd: this.dir }, (error) => (error ? failed(error) : done()))
    })
  }

  async publisherOf(version: string): Promise<string | undefined> {
    return (await this.registry.meta.versions.find('@acme/greeter', version))?.publisher
  }
}

/** What a runner of GitHub offers its jobs: identities for whom they ask, to who has the job's own token. */
async function startRunner(provider: IdentityProvider): Promise<{ url: string; audiences: string[] }> {
  const audiences: string[] = []
  const server = createHttpServer((request, response) => {
    const { searchParams } = new URL(request.url!, 'http://runner')
    if (request.headers.authorization !== 'Bearer of-the-job') return void response.writeHead(401).end()
    audiences.push(searchParams.get('audience')!)
    void provider.sign(searchParams.get('audience')!, claims).then((value) => response.end(JSON.stringify({ value })))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token?api-version=2.0`, audiences }
}

test('module publish --oidc publishes as the workflow of GitHub that runs it', { timeout: 60_000 }, async () => {
  const place = await Workplace.start()
  await place.init()
  const runner = await startRunner(place.provider)
  const job = { ACTIONS_ID_TOKEN_REQUEST_URL: runner.url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of-the-job' }
  const done = await place.publish(job, '--oidc')
  expect([done.code, done.err, done.out]).toEqual([0, '', expect.stringMatching(/^published @acme\/greeter@0\.1\.0/)])
  expect(runner.audiences).toEqual([registryUrl])
  expect(await place.publisherOf('0.1.0')).toBe('oidc:forge:acme/greeter@12345')
  const refused = await place.publish({ ...job, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of another' }, '--oidc')
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('found status 401, want 200')])
  const elsewhere = await place.publish(job, '--oidc', '--oidc-audience', 'https://other.example')
  expect([elsewhere.code, elsewhere.err]).toEqual([1, expect.stringContaining('(oidc_refused)')])
})

test('module publish takes the identity from GitLab’s variable and from a file', { timeout: 60_000 }, async () => {
  const place = await Workplace.start()
  await place.init()
  const identity = await place.provider.sign(registryUrl, claims)
  const done = await place.publish({ INGOT_ID_TOKEN: `${identity}\n` }, '--oidc')
  expect([done.code, done.err]).toEqual([0, ''])
  const file = join(place.dir, 'identity')
  await writeFile(file, await place.provider.sign(registryUrl, claims))
  const again = await place.publish({}, '--oidc-token-file', file)
  expect([again.code, again.out]).toEqual([0, expect.stringMatching(/^already there:/)])
})

test('module publish --oidc outside of a job says what is missing', { timeout: 60_000 }, async () => {
  const place = await Workplace.start()
  await place.init()
  const said = async (environment: Record<string, string>, ...flags: string[]) => {
    const { code, err } = await place.publish(environment, ...flags)
    return [code, err]
  }
  expect(await said({}, '--oidc')).toEqual([1, expect.stringContaining('give the identity with --oidc-token-file')])
  const github = expect.stringContaining('give the job "permissions: id-token: write"')
  expect(await said({ GITHUB_ACTIONS: 'true' }, '--oidc')).toEqual([1, github])
  expect(await said({ GITLAB_CI: 'true' }, '--oidc')).toEqual([1, expect.stringContaining('id_tokens')])
  expect(await said({}, '--oidc-token-file', 'none')).toEqual([1, expect.stringContaining('ENOENT')])
  expect(await said({}, '--oidc', '--token', 'x')).toEqual([1, expect.stringContaining('want one of them')])
})
