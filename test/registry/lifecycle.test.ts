import * as fc from 'fast-check'
import { projectIndex } from '@ingot/registry-server'
import { operatorToken, testModule } from '@ingot/registry-server/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { servers } from '../servers/debian.ts'
import { requireServer } from '../servers/index.ts'
import { storagePairs, StorageServers } from './storage-pairs.ts'

let stores: StorageServers
beforeAll(async () => {
  stores = await StorageServers.create(servers.postgresql.path)
})
afterAll(() => stores.stop())

const versions = ['1.0.0', '1.1.0', '2.0.0-rc.1', '2.0.0'] as const
const step = fc.record({
  verb: fc.constantFrom('publish', 'yank', 'unyank', 'deprecate', 'undeprecate', 'tag', 'untag'),
  version: fc.constantFrom(...versions),
  tag: fc.constantFrom('latest', 'next'),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** What an index must say, reckoned without the registry's code. */
class Model {
  readonly published: string[] = []
  readonly yanked = new Set<string>()
  readonly deprecated = new Set<string>()
  readonly tags = new Map<string, string>()

  apply({ verb, version, tag }: Step): void {
    const known = this.published.includes(version)
    if (verb === 'publish' && !known) this.published.push(version)
    else if (!known && verb !== 'untag') return
    else if (verb === 'yank') this.yanked.add(version)
    else if (verb === 'unyank') this.yanked.delete(version)
    else if (verb === 'deprecate') this.deprecated.add(version)
    else if (verb === 'undeprecate') this.deprecated.delete(version)
    else if (verb === 'tag' && !this.yanked.has(version)) this.tags.set(tag, version)
    else if (verb === 'untag') this.tags.delete(tag)
  }

  lines() {
    return this.published.map((version) => ({
      v: version,
      status: this.yanked.has(version) ? 'yanked' : 'active',
      deprecated: this.deprecated.has(version) ? 'old' : null,
    }))
  }

  activeTags(): Record<string, string> {
    const active = this.published.filter((version) => !this.yanked.has(version))
    const set = [...this.tags].filter(([, version]) => active.includes(version))
    // `versions` ascend but for the prerelease, which is latest only where nothing else is active.
    const best = versions.toReversed().find((version) => active.includes(version) && !version.includes('-'))
    const latest = best ?? active[0]
    return { ...(latest === undefined ? {} : { latest }), ...Object.fromEntries(set) }
  }
}

describe.each(storagePairs)('lifecycle in $database and $blobs', { timeout: 120_000 }, (pair) => {
  beforeEach((context) => {
    if (pair.database === 'PostgreSQL') requireServer('postgresql', context)
  })

  test('an index is the projection of the log, whatever has happened', async () => {
    const served = await stores.serve(await stores.storage(pair))
    const as = await operatorToken(served.registry, ['publish', 'yank', 'tag'], '*')
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const module = `@acme/m${run++}x`
        const model = new Model()
        for (const [place, one] of steps.entries()) {
          const first = place === 0 ? { ...one, verb: 'publish' as const } : one
          await send(served.url, as.authorization, module, first, (version) =>
            served.publish(testModule({ name: module, version })),
          )
          model.apply(first)
        }
        const text = await (await fetch(`${served.url}/index/${module}.ndjson`)).text()
        const { log, versions: store } = served.registry.meta
        expect(text).toBe(projectIndex(module, await log.eventsOf(module)))
        const [head, ...lines] = text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Record<string, unknown>)
        expect(head!['tags']).toEqual(model.activeTags())
        expect(lines.map(({ v, status, deprecated }) => ({ v, status, deprecated }))).toEqual(model.lines())
        const rows = await store.list(module)
        expect(rows.map(({ version, status, deprecated }) => ({ v: version, status, deprecated }))).toEqual(
          model.lines(),
        )
      }),
      { numRuns: 12 },
    )
    expect(await served.registry.meta.outbox.depth()).toBe(0)
  })
})

async function send(
  url: string,
  authorization: string,
  module: string,
  { verb, version, tag }: Step,
  publish: (version: string) => Promise<Response>,
): Promise<void> {
  if (verb === 'publish') return void (await publish(version))
  const base = `${url}/api/v1/modules/${module}`
  const call = (method: string, path: string, body?: unknown): Promise<Response> =>
    fetch(`${base}${path}`, {
      method,
      headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const at = `/versions/${version}`
  const calls = {
    yank: () => call('POST', `${at}/yank`, { reason: 'bad' }),
    unyank: () => call('POST', `${at}/unyank`, { reason: 'good' }),
    deprecate: () => call('POST', `${at}/deprecate`, { reason: 'old' }),
    undeprecate: () => call('POST', `${at}/deprecate`, { reason: null }),
    tag: () => call('PUT', `/tags/${tag}`, { version }),
    untag: () => call('DELETE', `/tags/${tag}`),
  }
  expect([200, 404, 409]).toContain((await calls[verb]()).status)
}
