import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createToken } from '../access/create-token.ts'
import type { OidcIssuer } from '../oidc/issuers.ts'
import type { ProofOptions } from '../proofs/look-for-proof.ts'
import type { OutboundOptions } from '../outbound/post.ts'
import { openRegistry, type Registry } from '../registry.ts'
import { createServer } from '../server.ts'
import { publishTo } from './publish-to.ts'
import type { TestModule } from './test-module.ts'

export interface TestRegistry {
  readonly registry: Registry
  readonly url: string
  readonly dataDir: string
  readonly token: string
  get(path: string, headers?: Record<string, string>): Promise<Response>
  publish(module: TestModule, headers?: Record<string, string | undefined>): Promise<Response>
}

export interface TestRegistryOptions {
  readonly onError?: (error: unknown) => void
  readonly issuers?: readonly OidcIssuer[]
  readonly trustedProxies?: readonly string[]
  readonly clock?: () => Date
  /** The folder of another one, which serves it too. */
  readonly dataDir?: string
  readonly proofs?: ProofOptions
  readonly webhooks?: OutboundOptions
}

/** A registry that listens on a port of this machine until the test ends. */
export async function startRegistry({
  onError = (error) => console.error(error),
  issuers = [],
  trustedProxies = [],
  clock = () => new Date(),
  proofs = {},
  dataDir: shared,
  webhooks = {},
}: TestRegistryOptions = {}): Promise<TestRegistry> {
  const dataDir = shared ?? (await mkdtemp(join(tmpdir(), 'ingot-registry-test-')))
  const registry = await openRegistry({ dataDir, url: 'http://registry.test', issuers, clock, proofs, webhooks })
  const app = createServer(registry, { onError, trustedProxies })
  await app.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(async () => {
    await app.close()
    await registry.close()
    if (shared === undefined) await rm(dataDir, { recursive: true, force: true })
  })
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  const { token } = await createToken(registry.meta.tokens, { description: 'test', modules: '@acme/*' })
  return {
    registry,
    url,
    dataDir,
    token,
    get: (path, headers) => fetch(`${url}${path}`, headers ? { headers } : {}),
    publish: (module, headers) => publishTo(url, token, module, headers),
  }
}
