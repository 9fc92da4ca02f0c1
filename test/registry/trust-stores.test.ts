/** What the stores of scopes, proofs and trusted publishers hold to, on both databases. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { signedUp, testModule } from '@ingot/registry-server/testing'
import { servers } from '../servers/debian.ts'
import { requireServer } from '../servers/index.ts'
import { storagePairs, StorageServers, type ServedRegistry } from './storage-pairs.ts'

let stores: StorageServers
beforeAll(async () => {
  stores = await StorageServers.create(servers.postgresql.path)
})
afterAll(() => stores.stop())

const author = { actor: 'user:ada', token: null, ip: '', registry: 'http://registry.test' }
const at = (day: number): string => new Date(Date.UTC(2026, 0, day)).toISOString()
const publisher = {
  module: '@acme/redact',
  issuer: 'https://issuer.example',
  ownerId: '1',
  repositoryId: '2',
  repository: 'acme/redact',
  workflow: 'release.yml',
  environment: null,
  refPattern: null,
}

describe.each([storagePairs[0]!, storagePairs[2]!])('in $database', { timeout: 60_000 }, (pair) => {
  beforeEach((context) => {
    if (pair.database === 'PostgreSQL') requireServer('postgresql', context)
  })

  async function start(): Promise<ServedRegistry> {
    const server = await stores.serve(await stores.storage(pair))
    const ada = await signedUp(server, 'ada', { secondFactor: true })
    await ada.json(201, 'POST', '/api/v1/scopes', { name: '@acme' })
    return server
  }

  test('a claim that many make at once is one claim', async () => {
    const { meta } = (await start()).registry
    const made = await Promise.all(
      Array.from({ length: 10 }, () => meta.proofs.claim('@acme', 'dns', 'acme.example', { ...author, at: at(1) })),
    )
    expect(new Set(made.map((proof) => proof!.challenge)).size).toBe(1)
    expect(await meta.proofs.ofScope('@acme')).toHaveLength(1)
  })

  test('a proof that is due is taken by one server', async () => {
    const { meta } = (await start()).registry
    const proof = (await meta.proofs.claim('@acme', 'dns', 'acme.example', { ...author, at: at(1) }))!
    expect(await meta.proofs.takeDue(new Date(at(30)), 10)).toEqual([])
    await meta.proofs.note(proof.id, undefined, { ...author, at: at(1) })
    const taken = await Promise.all(Array.from({ length: 5 }, () => meta.proofs.takeDue(new Date(at(3)), 10)))
    expect(taken.flat().map(({ id }) => id)).toEqual([proof.id])
  })

  test('a proof is verified, fails, is lost and comes back, each once', async () => {
    const { meta } = (await start()).registry
    const { id } = (await meta.proofs.claim('@acme', 'repository', 'https://a.example/b/c', { ...author, at: at(1) }))!
    const states = []
    for (const [day, problem] of [
      [1, 'not there'],
      [2, undefined],
      [3, undefined],
      [4, 'not there'],
      [10, 'not there'],
      [11, 'not there'],
      [12, 'not there'],
      [13, undefined],
    ] as const) {
      states.push((await meta.proofs.note(id, problem, { ...author, at: at(day) }))!.state)
    }
    expect(states).toEqual(['pending', 'verified', 'verified', 'failing', 'failing', 'lost', 'lost', 'verified'])
    const events = (await meta.log.events(0, 100)).filter(({ type }) => type === 'proof')
    expect(events.map(({ leaf }) => (JSON.parse(leaf) as { change: { state: string } }).change.state)).toEqual([
      'verified',
      'lost',
      'verified',
    ])
  })

  test('a module has as many trusted publishers as it may have, and an identity is exchanged once', async () => {
    const { meta } = (await start()).registry
    const added = await Promise.all(
      Array.from({ length: 12 }, () => meta.publishers.add(publisher, { ...author, at: at(1) })),
    )
    const [first] = added.filter((made) => made !== undefined)
    expect(added.filter((made) => made === undefined)).toHaveLength(2)
    const exchange = (hash: string) =>
      meta.publishers.exchange({
        hash,
        publisherId: first!.id,
        module: '@acme/redact',
        version: '1.0.0',
        sha512: 'ab',
        publisher: { kind: 'oidc', subject: 'forge:acme/redact@2' },
        expiresAt: '2999-01-01T00:00:00.000Z',
        jti: { issuer: publisher.issuer, id: 'once', expiresAt: '2999-01-01T00:00:00.000Z' },
      })
    const exchanged = await Promise.all(['a', 'b', 'c', 'd'].map(exchange))
    expect(exchanged.filter(Boolean)).toHaveLength(1)
    expect(await meta.publishers.remove(first!.id, '@other', { ...author, at: at(2) })).toBe(false)
    expect(await meta.publishers.remove(first!.id, '@acme', { ...author, at: at(2) })).toBe(true)
    const [at0] = exchanged.flatMap((done, place) => (done ? [['a', 'b', 'c', 'd'][place]!] : []))
    expect(await meta.publishers.grant(at0!, at(1))).toBeUndefined()
  })

  test('a scope is not near itself, when its first module comes while that is looked up', async () => {
    const server = await start()
    const { scopes } = server.registry.meta
    await server.publish(testModule())
    const before = vi.spyOn(scopes, 'hasModules').mockResolvedValueOnce(false)
    expect(await scopes.isNear('@acme')).toBe(false)
    expect(before).toHaveBeenCalledOnce()
  })

  test('a scope is near those that were there before it, and not when something of it is public', async () => {
    const { registry, publish } = await start()
    const { scopes } = registry.meta
    expect([await scopes.isNear('@acme'), await scopes.isNear('@ac-me'), await scopes.isNear('@other')]).toEqual([
      false,
      true,
      false,
    ])
    await publish(testModule({ name: '@operator1/redact' }))
    expect([await scopes.isNear('@operator1'), await scopes.isNear('@operatorl')]).toEqual([false, true])
  })
})
