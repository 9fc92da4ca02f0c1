import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Lockfile } from '@ingot/manifest'
import { createServer, createToken, knownIssuers, openRegistry } from '@ingot/registry-server'
import { IdentityProvider, publishTo, signedUp, testModule, type TestModule } from '@ingot/registry-server/testing'
import { rootFingerprint } from '@ingot/trust'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from './distribution-user.ts'

const main = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))
/** The registry's address, whatever it listens on. */
const audience = 'http://registry.test'
export const hourMs = 3_600_000
export const dayMs = 24 * hourMs

/** What a forge says of a workflow that releases. */
const claims = {
  repository: 'acme/modules',
  repository_id: '12345',
  repository_owner_id: '678',
  workflow_ref: 'acme/modules/.github/workflows/release.yml@refs/tags/v1.0.0',
  ref: 'refs/tags/v1.0.0',
  event_name: 'push',
}

export interface Release {
  readonly name?: string
  readonly version: string
  /** How long before now it is published. */
  readonly agoMs: number
  readonly by: 'workflow' | 'token'
  readonly dependencies?: Readonly<Record<string, string>>
  /** An origin that it sends requests to. */
  readonly power?: string
  readonly code?: string
}

/** A real registry whose clock can be set, with a scope whose owner trusts a workflow and has a token that lives long. */
export async function incidentRegistry(scope = '@acme') {
  let ageMs = 365 * dayMs
  const clock = (): Date => new Date(Date.now() - ageMs)
  const provider = await IdentityProvider.start()
  const issuer = { ...knownIssuers[0]!, issuer: provider.issuer, name: 'forge' }
  const dataDir = await temporaryFolder()
  const registry = await openRegistry({ dataDir, url: audience, issuers: [issuer], clock })
  const app = createServer(registry, { onError: (error) => console.error(error) })
  await app.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(async () => {
    await app.close()
    await registry.close()
    await provider.stop()
  })
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  const owner = await signedUp({ registry, url }, 'ada', { staff: true, secondFactor: true })
  await owner.json(201, 'POST', '/api/v1/scopes', { name: scope })
  ageMs = 0
  const { token } = await createToken(registry.meta.tokens, { description: 'stolen', modules: `${scope}/*` })
  const trusted = new Set<string>()

  /** A token for one version, as a workflow gets it. */
  const exchanged = async ({ manifest: { name, version }, archive }: TestModule): Promise<string> => {
    if (!trusted.has(name)) {
      await owner.json(201, 'POST', `/api/v1/scopes/${scope}/trusted-publishers`, {
        module: name,
        issuer: provider.issuer,
        ownerId: claims.repository_owner_id,
        repositoryId: claims.repository_id,
        repository: claims.repository,
        workflow: 'release.yml',
        refPattern: 'refs/tags/v*',
      })
      trusted.add(name)
    }
    const sha512 = createHash('sha512').update(archive).digest('hex')
    const body = { jwt: await provider.sign(audience, claims), module: name, version, sha512 }
    return (await owner.json<{ token: string }>(201, 'POST', '/api/v1/oidc/exchange', body)).token
  }
  const publish = async (release: Release): Promise<Response> => {
    const module = moduleOf(release)
    const credential = release.by === 'workflow' ? await exchanged(module) : token
    ageMs = release.agoMs
    try {
      return await publishTo(url, credential, module)
    } finally {
      ageMs = 0
    }
  }
  /** Publishes what nothing holds up. */
  const released = async (...releases: readonly Release[]): Promise<void> => {
    for (const release of releases) {
      const answer = await publish(release)
      if (answer.status !== 201) throw new Error(`Cannot publish: found ${answer.status} ${await answer.text()}`)
    }
  }
  return { url, root: rootFingerprint(registry.keys.root), registry, owner, token, publish, released }
}

function moduleOf({ name = '@acme/http', version, dependencies = {}, power, code }: Release): TestModule {
  const capabilities = power === undefined ? {} : { 'http.request': [{ why: 'To report.', values: [power] }] }
  return testModule({
    name,
    version,
    ...(code === undefined ? {} : { code }),
    component: { capabilities },
    manifest: { dependencies } as unknown as Record<string, string>,
  })
}

interface Ran {
  readonly code: number
  /** All that it said. */
  readonly said: string
}

/** Somebody with a configuration that says nothing but where modules come from, and the command line. */
export async function incidentVictim(blocks: readonly { url: string; root: string; scope: string }[]) {
  const dir = await temporaryFolder()
  const clean = Object.entries(process.env).filter(([name]) => !/^(?:VITEST|NODE_OPTIONS|NODE_ENV|INGOT_)/.test(name))
  const env = { ...Object.fromEntries(clean), NO_COLOR: '1' }
  const run = (...args: string[]): Promise<Ran> =>
    new Promise((done) => {
      const all = ['--disable-warning=ExperimentalWarning', main, 'module', ...args, '--config', 'main.alloy']
      execFile(process.execPath, all, { cwd: dir, env }, (error, out, err) =>
        done({ code: error ? Number(error.code) : 0, said: out + err }),
      )
    })
  const wants = (module: string, version = '^1.0.0'): Promise<void> =>
    writeFile(
      join(dir, 'main.alloy'),
      `${blocks
        .map(
          ({ url, root, scope }) =>
            `registry "${scope.slice(1)}" {\n\turl    = "${url}"\n\tscopes = ["${scope}"]\n\troot   = "${root}"\n}\n`,
        )
        .join('')}import.module "used" {\n\tmodule  = "${module}"\n\tversion = "${version}"\n}\n`,
    )
  return {
    wants,
    run,
    pinned: async () =>
      Object.keys((JSON.parse(await readFile(join(dir, 'ingot.lock'), 'utf8')) as Lockfile).modules).sort(),
  }
}
