import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { openRegistry, type Registry } from '../../registry.ts'
import { createServer } from '../../server.ts'
import { operatorToken } from '../sign-in.ts'
import { testModule, type TestModule } from '../test-module.ts'
import { makeCallers, scopeNames, type Caller } from './callers.ts'

const json = { 'content-type': 'application/json' }

type Named = 'id' | 'hex' | 'index' | 'webhook' | 'delivery'

/** A registry with a public and a private scope that have the same in them, and everybody who may ask about it. */
export class AskedRegistry {
  readonly app: FastifyInstance
  readonly #close: () => Promise<void>
  callers: readonly Caller[] = []
  /** What paths name of each scope, by the names that the OpenAPI document gives it. */
  readonly named = new Map<string, Readonly<Record<Named, string>>>()
  #asked = 0

  private constructor(app: FastifyInstance, close: () => Promise<void>) {
    this.app = app
    this.#close = close
  }

  static async start(): Promise<AskedRegistry> {
    const dataDir = await mkdtemp(join(tmpdir(), 'ingot-registry-test-'))
    const registry = await openRegistry({ dataDir, url: 'http://registry.test', issuers: [] })
    const app = createServer(registry, { onError: (error) => console.error(error) })
    const asked = new AskedRegistry(app, async () => {
      await app.close()
      await registry.close()
      await rm(dataDir, { recursive: true, force: true })
    })
    asked.callers = await makeCallers(registry)
    // Before anything is in it: what was public once stands in the log.
    await asked.ask({ method: 'PATCH', url: `/api/v1/scopes/${scopeNames.private}` }, 'owner', {
      visibility: 'private',
    })
    for (const scope of [scopeNames.public, scopeNames.private]) await asked.#fill(registry, scope)
    asked.named.set(scopeNames.absent, {
      id: 'none',
      hex: '0'.repeat(128),
      index: '999999',
      webhook: '00000000-0000-4000-8000-000000000000',
      delivery: 'none',
    })
    return asked
  }

  close(): Promise<void> {
    return this.#close()
  }

  /** Asks as somebody, from an address of its own: nobody is let wait for what others have tried. */
  ask(
    { method, url }: { readonly method: string; readonly url: string },
    as: Caller['name'],
    body?: object | string,
  ): Promise<LightMyRequestResponse> {
    const number = this.#asked++
    const { headers } = this.callers.find(({ name }) => name === as)!
    return this.app.inject({
      method: method as 'GET',
      url,
      remoteAddress: `10.0.${number >> 8}.${number & 255}`,
      headers: { ...headers, ...(body === undefined ? {} : json) },
      ...(body === undefined ? {} : { payload: body }),
    })
  }

  async #fill(registry: Registry, scope: string): Promise<void> {
    const name = `${scope}/redact`
    const code = `export default '${scope}'`
    const first = testModule({ name, code })
    const index = await registry.meta.log.size()
    const publisher = await operatorToken(registry, ['publish'], `${scope}/*`)
    await this.#send(first, publisher)
    await this.#send(testModule({ name, code, version: '1.1.0', readme: `# ${scope} again\n` }), publisher)
    const held = testModule({ name, code, version: '1.2.0', readme: '# Waits\n' })
    const { stageId } = await this.#send(held, await operatorToken(registry, ['stage'], `${scope}/*`))
    const affected = [{ module: name, events: [{ introduced: '0' }] }]
    const warned = await this.ask({ method: 'POST', url: `/api/v1/scopes/${scope}/advisories` }, 'owner', {
      summary: `About ${name}.`,
      affected,
    })
    if (warned.statusCode !== 201) throw new Error(`The registry answered ${warned.statusCode}: ${warned.body}`)
    const hex = createHash('sha512').update(first.archive).digest('hex')
    this.named.set(scope, { id: stageId!, hex, index: String(index), ...(await this.#webhook(scope)) })
  }

  async #webhook(scope: string): Promise<{ webhook: string; delivery: string }> {
    const url = `/api/v1/scopes/${scope}/webhooks`
    const body = { url: 'https://hooks.example/', events: ['publish'] }
    const { id: webhook } = (await this.ask({ method: 'POST', url }, 'owner', body)).json<{ id: string }>()
    const list = await this.ask({ method: 'GET', url: `${url}/${webhook}/deliveries` }, 'owner')
    const { deliveries } = list.json<{ deliveries: { id: string }[] }>()
    return { webhook, delivery: deliveries[0]!.id }
  }

  async #send({ manifest, archive }: TestModule, headers: { authorization: string }): Promise<{ stageId?: string }> {
    const digest = createHash('sha512').update(archive).digest('base64')
    const answer = await this.app.inject({
      method: 'POST',
      url: `/api/v1/modules/${manifest.name}/versions/${manifest.version}`,
      headers: { ...headers, 'content-type': 'application/gzip', 'repr-digest': `sha-512=:${digest}:` },
      payload: Buffer.from(archive),
    })
    if (answer.statusCode > 202) throw new Error(`The registry answered ${answer.statusCode}: ${answer.body}`)
    return answer.json()
  }
}
