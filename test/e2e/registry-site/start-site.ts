import { createServer, createToken, openRegistry, type RegistryOptions } from '@ingot/registry-server'
import { publishTo, type TestModule } from '@ingot/registry-server/testing'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { freePort } from '../../servers/process.ts'

export interface Site {
  readonly url: string
  readonly dir: string
  readonly token: string
  readonly registry: Awaited<ReturnType<typeof openRegistry>>
  publish(module: TestModule): Promise<void>
}

interface SiteOptions extends Pick<RegistryOptions, 'proofs'> {
  /** `localhost` where browsers want the name of a host. */
  readonly host?: string
}

/** A registry whose address is the one that it names itself, until the test ends. */
export async function startSite({ host = '127.0.0.1', ...options }: SiteOptions = {}): Promise<Site> {
  const dir = await mkdtemp(join(tmpdir(), 'ingot-site-'))
  const port = await freePort()
  const url = `http://${host}:${port}`
  const registry = await openRegistry({ dataDir: join(dir, 'registry'), url, ...options })
  const app = createServer(registry, { onError: (error) => console.error(error) })
  onTestFinished(async () => {
    await app.close()
    await registry.close()
    await rm(dir, { recursive: true, force: true })
  })
  await app.listen({ host: '127.0.0.1', port })
  const { token } = await createToken(registry.meta.tokens, { description: 'test', modules: '*' })
  const publish = async (module: TestModule): Promise<void> => {
    const answer = await publishTo(url, token, module)
    expect(answer.status, await answer.text()).toBeLessThan(300)
  }
  return { url, dir, token, registry, publish }
}
