/** What happened to others, played to a real registry and the real command line: each has to stop at a control that is on by default. */
import type { ProblemDocument } from '@ingot/manifest'
import { createToken } from '@ingot/registry-server'
import { publishTo, testModule } from '@ingot/registry-server/testing'
import { describe, expect, test } from 'vitest'
import { dayMs, hourMs, incidentRegistry, incidentVictim, type Release } from './incident-place.ts'

const minuteMs = 60_000

/** A registry in which `@acme/http` has a version of a trusted workflow, and somebody who has pinned it. */
async function calm({ name = '@acme/http', version = '1.0.0', agoMs = 60 * dayMs }: Partial<Release> = {}) {
  const place = await incidentRegistry()
  await place.released({ name, version, agoMs, by: 'workflow' })
  const victim = await incidentVictim([{ url: place.url, root: place.root, scope: '@acme' }])
  await victim.wants(name, `^${version}`)
  expect(await victim.run('update')).toMatchObject({ code: 0 })
  return { ...place, victim }
}

const codeOf = async (answer: Response): Promise<[number, string]> => [
  answer.status,
  ((await answer.json()) as ProblemDocument).code,
]

describe('defaults stop', { timeout: 240_000 }, () => {
  test('axios (2026): a release by a stolen token, by the drop of trust, however old it gets', async () => {
    const { released, victim } = await calm({ version: '1.14.0' })
    await released(
      { name: '@acme/plain-crypto', version: '4.2.1', agoMs: 20 * dayMs + 18 * hourMs, by: 'token' },
      { version: '1.14.1', agoMs: 20 * dayMs, by: 'token', dependencies: { '@acme/plain-crypto': '^4.2.0' } },
      { version: '1.14.2', agoMs: 20 * minuteMs, by: 'token', dependencies: { '@acme/plain-crypto': '^4.2.0' } },
    )
    const { said } = await victim.run('outdated')
    for (const version of ['1.14.1', '1.14.2'])
      expect(said).toContain(`not ${version}: published with trust 0, and 1.14.0 of the same major had 2 before`)
    expect(await victim.run('update')).toMatchObject({ code: 0 })
    expect(await victim.pinned()).toEqual(['@acme/http@1.14.0'])
  })

  test('axios (2026): a dependency that was put there the day before, by the release age of dependencies', async () => {
    const { released, victim } = await calm({ version: '1.14.0' })
    await released(
      { name: '@acme/plain-crypto', version: '4.2.1', agoMs: 18 * hourMs, by: 'token' },
      { version: '1.15.0', agoMs: 4 * dayMs, by: 'workflow', dependencies: { '@acme/plain-crypto': '^4.2.0' } },
    )
    expect(await victim.run('update')).toMatchObject({ code: 0, said: 'nothing changes\n' })
    await victim.wants('@acme/http', '^1.15.0')
    const { code, said } = await victim.run('update')
    expect([code, said]).toEqual([1, expect.stringContaining('4.2.1 (published 18 h ago, want at least 72 h)')])
    expect(await victim.pinned()).toEqual(['@acme/http@1.14.0'])
  })

  test('TanStack (2026): the real workflow, taken over: its burst by the registry, the rest by the release age', async () => {
    const { publish, victim } = await calm()
    const answers: number[] = []
    for (let index = 0; index < 12; index++) {
      const name = index === 0 ? '@acme/http' : `@acme/part-${'abcdefghijkl'[index]}`
      const answer = await publish({ name, version: '1.169.5', agoMs: 20 * minuteMs - index * 1000, by: 'workflow' })
      answers.push(answer.status)
      if (answer.status === 202) expect(await answer.json()).toMatchObject({ reasons: ['burst'] })
    }
    expect(answers).toEqual([...Array<number>(10).fill(201), 202, 202])
    expect((await victim.run('outdated')).said).toContain('not 1.169.5: published 0 h ago, want at least 72 h')
    expect(await victim.run('update')).toMatchObject({ code: 0 })
    expect(await victim.pinned()).toEqual(['@acme/http@1.0.0'])
  })

  test('Shai-Hulud (2025): a worm, since no module has an install script and no token makes tokens or reaches further', async () => {
    const { url, token } = await calm()
    const scripts = { scripts: { postinstall: 'node bundle.js' } } as unknown as Record<string, string>
    const infected = testModule({ name: '@acme/http', version: '1.0.1', manifest: scripts })
    expect(await codeOf(await publishTo(url, token, infected))).toEqual([422, 'manifest_invalid'])
    const spread = await fetch(`${url}/api/v1/tokens`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ description: 'next', modules: '*', permissions: ['publish'] }),
    })
    expect((await codeOf(spread))[1]).toMatch(/^(?:session_required|token_scope)$/)
    const other = testModule({ name: '@neighbour/http' })
    expect(await codeOf(await publishTo(url, token, other))).toEqual([403, 'token_scope'])
  })

  test('tj-actions (2025): every tag moved to other code, since tags choose nothing and versions do not change', async () => {
    const { url, token, publish, released, owner, victim } = await calm()
    await released({ version: '1.0.1', agoMs: 0, by: 'token', code: 'export default 666' })
    const tag = '/api/v1/modules/@acme/http/tags/stable'
    await owner.json(200, 'PUT', tag, { version: '1.0.0' })
    await owner.json(200, 'PUT', tag, { version: '1.0.1' })
    expect(await victim.run('update')).toMatchObject({ code: 0 })
    expect(await victim.pinned()).toEqual(['@acme/http@1.0.0'])
    await victim.wants('@acme/http', 'stable')
    expect((await victim.run('update')).code).toBe(1)
    expect(await victim.pinned()).toEqual(['@acme/http@1.0.0'])
    const rewritten = testModule({ name: '@acme/http', version: '1.0.0', code: 'export default 666' })
    expect(await codeOf(await publishTo(url, token, rewritten))).toEqual([409, 'version_exists'])
    const by = { version: '1.0.0', agoMs: 0, by: 'workflow', code: 'export default 666' } as const
    expect(await codeOf(await publish(by))).toEqual([409, 'version_exists'])
  })

  test('GlassWorm (2025): sleepers that wake up, held back by the registry and shown to whoever updates', async () => {
    const { publish, released, owner, victim } = await calm()
    const power = 'https://collect.example'
    const woken = await publish({ version: '1.1.0', agoMs: 30 * dayMs, by: 'workflow', power })
    expect([woken.status, await woken.json()]).toEqual([
      202,
      expect.objectContaining({ reasons: ['capability_increase'] }),
    ])
    expect((await publish({ version: '1.0.1', agoMs: 30 * dayMs, by: 'workflow', power })).status).toBe(422)
    // By way of a dependency, which is new and so has more than nobody before it.
    await released(
      { name: '@acme/helper', version: '1.0.0', agoMs: 40 * dayMs, by: 'workflow', power },
      { version: '1.2.0', agoMs: 30 * dayMs, by: 'workflow', dependencies: { '@acme/helper': '^1.0.0' } },
    )
    const { code, said } = await victim.run('update')
    expect([code, said]).toEqual([4, expect.stringContaining(`! + http.request ${power}`)])
    expect(await victim.pinned()).toEqual(['@acme/http@1.0.0'])
    await owner.json(200, 'POST', '/api/v1/modules/@acme/http/versions/1.2.0/quarantine', { reason: 'a worm' })
    expect(await victim.run('update')).toMatchObject({ code: 0 })
  })

  test('boltdb-go (2021): a name like another, by a hold; what it shows and serves is one, until a quarantine ends it', async () => {
    const { url, root, publish, registry, owner, victim } = await calm({ name: '@acme/bolt' })
    const squatter = await createToken(registry.meta.tokens, { description: 'squatter', modules: '@ac-me/*' })
    const near = await publishTo(url, squatter.token, testModule({ name: '@ac-me/bolt', version: '1.3.1' }))
    expect([near.status, await near.json()]).toEqual([202, expect.objectContaining({ reasons: ['near_name'] })])
    expect((await fetch(`${url}/index/@ac-me/bolt.ndjson`)).status).toBe(404)
    const rewritten = {
      name: '@acme/bolt',
      version: '1.0.0',
      agoMs: 0,
      by: 'workflow',
      code: 'export default 1',
    } as const
    expect(await codeOf(await publish(rewritten))).toEqual([409, 'version_exists'])
    await owner.json(200, 'POST', '/api/v1/modules/@acme/bolt/versions/1.0.0/quarantine', { reason: 'a back door' })
    const audited = await victim.run('audit')
    expect([audited.code, audited.said]).toEqual([5, expect.stringContaining('a back door')])
    const fresh = await incidentVictim([{ url, root, scope: '@acme' }])
    await fresh.wants('@acme/bolt')
    expect((await fresh.run('update')).said).toContain('1.0.0 (quarantined)')
  })

  test('dependency confusion (2021): a higher version elsewhere, since a scope has one registry and no other is asked', async () => {
    const { url, root, victim: _, ...ours } = await calm({ name: '@acme/billing' })
    const theirs = await incidentRegistry()
    await theirs.released(
      { name: '@acme/billing', version: '1.99.0', agoMs: 30 * dayMs, by: 'workflow' },
      { name: '@acme/unpublished', version: '1.0.0', agoMs: 30 * dayMs, by: 'workflow' },
    )
    const victim = await incidentVictim([
      { url: theirs.url, root: theirs.root, scope: '@tools' },
      { url, root, scope: '@acme' },
    ])
    await victim.wants('@acme/billing')
    expect(await victim.run('update')).toMatchObject({ code: 0 })
    expect(await victim.pinned()).toEqual(['@acme/billing@1.0.0'])
    await victim.wants('@acme/unpublished')
    const { code, said } = await victim.run('update')
    expect([code, said]).toEqual([1, expect.stringContaining(`(${url}) has no such module`)])
    // Nor does a mirror of the other one pass on what is published here.
    await ours.registry.meta.upstreams.put({
      name: 'public',
      url: theirs.url,
      root: theirs.root,
      scopes: ['*'],
      minAgeMs: 0,
    })
    expect((await fetch(`${url}/mirror/public/index/@acme/billing.ndjson`)).status).toBe(404)
  })
})

describe('a fix that a signed advisory names', { timeout: 240_000 }, () => {
  const warn = (version: string) => ({
    summary: 'It can be made to loop.',
    affected: [{ module: '@acme/http', events: [{ introduced: '0' }, { fixed: version }] }],
  })

  test('is taken without waiting for its age, and that is told', async () => {
    const { released, owner, victim } = await calm()
    await released({ version: '1.0.1', agoMs: 4 * hourMs, by: 'workflow' })
    expect(await victim.run('update')).toMatchObject({ code: 0 })
    expect(await victim.pinned()).toEqual(['@acme/http@1.0.0'])
    const { id } = await owner.json<{ id: string }>(201, 'POST', '/api/v1/scopes/@acme/advisories', warn('1.0.1'))
    expect(await victim.run('update')).toMatchObject({ code: 0, said: expect.stringContaining(id) })
    expect(await victim.pinned()).toEqual(['@acme/http@1.0.1'])
  })

  test.each<[string, Partial<Release>]>([
    ['is less trusted', { by: 'token' }],
    ['may do more', { version: '1.1.0', dependencies: { '@acme/helper': '^1.0.0' } }],
  ])('waits when it %s', async (_, differs) => {
    const { released, owner, victim } = await calm()
    const fix: Release = { version: '1.0.1', agoMs: 4 * hourMs, by: 'workflow', ...differs }
    const helper = { name: '@acme/helper', version: '1.0.0', agoMs: 40 * dayMs, by: 'workflow' } as const
    await released({ ...helper, power: 'https://collect.example' }, fix)
    await owner.json(201, 'POST', '/api/v1/scopes/@acme/advisories', warn(fix.version))
    await victim.run('update')
    expect(await victim.pinned()).toEqual(['@acme/http@1.0.0'])
  })
})
