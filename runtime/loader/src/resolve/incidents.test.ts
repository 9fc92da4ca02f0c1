/** What happened to others, with what was known at the time: each has to stop at a control that is on by default. */
import { moduleManifest, type IndexLine } from '@ingot/manifest'
import { describe, expect, test } from 'vitest'
import { registryOf } from '../registry/registry-config.ts'
import { indexLineOf as line } from '../testing/resolver-graphs.ts'
import type { Advisory, LockedVersion } from './candidates.ts'
import { capabilityChanges } from '@ingot/manifest'
import { resolveGraph, type Resolution } from './resolve-graph.ts'
import { defaultPolicy } from './resolution-policy.ts'

const lockedAt = (version: string, more: Partial<LockedVersion> = {}): LockedVersion => {
  return { version, integrity: line(version).integrity, capSummary: [], trust: 2, ...more }
}

interface Incident {
  readonly at: string
  readonly wanted?: string
  readonly modules: Readonly<Record<string, readonly IndexLine[]>>
  readonly locked?: Readonly<Record<string, readonly LockedVersion[]>>
  readonly advisories?: readonly Advisory[]
}

/** Updates everything, as a bot does an hour after the attack. */
function update({ at, wanted = '^1.0.0', modules, locked = {}, advisories = [] }: Incident): Promise<Resolution> {
  return resolveGraph({
    roots: [{ module: Object.keys(modules)[0]!, range: wanted, chain: ['main.alloy#import'] }],
    index: async (module) => ({ tags: { stable: '1.0.0' }, lines: modules[module]! }),
    context: (module) => ({
      policy: defaultPolicy,
      locked: locked[module] ?? [],
      updating: true,
      advisories,
      now: new Date(at),
      engine: '0.1.0',
    }),
  })
}

const reasonOf = ({ modules }: Resolution, version: string): string | undefined =>
  modules[0]!.rejected.find((each) => each.version === version)?.reason

describe('defaults stop', () => {
  test('axios (2026): a release by token, with a dependency that is a day old, by the drop of trust', async () => {
    const found = await update({
      at: '2026-04-20T00:00:00Z',
      modules: {
        '@acme/http': [
          line('1.14.0', { published: '2026-02-01T00:00:00Z' }),
          line('1.14.1', { published: '2026-03-31T00:21:00Z', trust: 0, deps: { '@acme/plain-crypto': '^4.2.0' } }),
        ],
        '@acme/plain-crypto': [line('4.2.1', { published: '2026-03-30T06:00:00Z' })],
      },
    })
    expect(found.roots).toEqual(['1.14.0'])
    expect(reasonOf(found, '1.14.1')).toBe('published with trust 0, and 1.14.0 of the same major had 2 before')
  })

  test('axios (2026): the new dependency alone, by the release age of dependencies', async () => {
    const modules = {
      '@acme/http': [line('1.14.1', { published: '2026-02-01T00:00:00Z', deps: { '@acme/plain-crypto': '^4.2.0' } })],
      '@acme/plain-crypto': [line('4.2.1', { published: '2026-03-30T06:00:00Z' })],
    }
    await expect(update({ at: '2026-03-31T00:30:00Z', modules: { ...modules } })).rejects.toThrow(
      'wanted by main.alloy#import → @acme/http@1.14.1: found 4.2.1 (published 18 h ago, want at least 72 h)',
    )
  })

  test('TanStack (2026): provenance that holds, by the release age', async () => {
    const modules = {
      '@acme/router': [
        line('1.169.0', { published: '2026-05-01T00:00:00Z' }),
        line('1.169.5', { published: '2026-05-11T19:20:00Z', trust: 2 }),
      ],
    }
    const found = await update({ at: '2026-05-11T19:40:00Z', modules })
    expect(found.roots).toEqual(['1.169.0'])
    expect(reasonOf(found, '1.169.5')).toBe('published 0 h ago, want at least 72 h')
  })

  test('chalk and debug (2025): a phished maintainer, by the release age', async () => {
    const modules = {
      '@acme/debug': [
        line('4.4.1', { published: '2025-05-13T00:00:00Z', trust: 1 }),
        line('4.4.2', { published: '2025-09-08T13:16:00Z', trust: 1 }),
      ],
    }
    const found = await update({ at: '2025-09-08T15:00:00Z', wanted: '^4.0.0', modules })
    expect(found.roots).toEqual(['4.4.1'])
    expect(reasonOf(found, '4.4.2')).toBe('published 1 h ago, want at least 72 h')
  })

  test('Shai-Hulud (2025): a worm in install scripts, since a module has none', async () => {
    const manifest = {
      manifestVersion: 1,
      name: '@acme/tinycolor',
      version: '4.1.1',
      api: 1,
      description: 'Colours.',
      license: 'MIT',
      kind: 'portable',
      components: [],
      configs: [],
      dependencies: {},
    }
    expect(moduleManifest.safeParse(manifest).success).toBe(true)
    expect(moduleManifest.safeParse({ ...manifest, scripts: { postinstall: 'node bundle.js' } }).success).toBe(false)
  })

  test('tj-actions (2025): a tag that was moved, since tags choose nothing and bytes are pinned', async () => {
    const modules = { '@acme/changed-files': [line('1.0.0', { integrity: 'sha512-b3RoZXI=' })] }
    const locked = { '@acme/changed-files': [lockedAt('1.0.0')] }
    await expect(update({ at: '2026-09-15T00:00:00Z', modules, locked })).rejects.toMatchObject({
      code: 'version-changed',
    })
    await expect(update({ at: '2026-09-15T00:00:00Z', wanted: 'stable', modules })).rejects.toMatchObject({
      code: 'version-not-found',
    })
  })

  test('boltdb-go (2021): a version that is not what it was, by its digest, and once found by quarantine', async () => {
    const rewritten = line('1.3.1', { integrity: 'sha512-b3RoZXI=' })
    const locked = { '@acme/bolt': [lockedAt('1.3.1')] }
    await expect(
      update({ at: '2026-09-01T00:00:00Z', modules: { '@acme/bolt': [rewritten] }, locked }),
    ).rejects.toThrow('its registry now lists sha512-b3RoZXI= for the same version')
    const modules = { '@acme/bolt': [line('1.3.0'), line('1.3.1', { status: 'quarantined' })] }
    const found = await update({ at: '2026-09-01T00:00:00Z', modules, locked })
    expect([found.roots, reasonOf(found, '1.3.1')]).toEqual([['1.3.0'], 'quarantined'])
  })

  test('GlassWorm (2025): a sleeper that wakes up with an update, by the capabilities that it brings', async () => {
    const power = 'http.request https://collect.example'
    const caps = { ...line('1.1.0').caps, summary: [power] }
    const modules = {
      '@acme/theme': [line('1.0.0'), line('1.1.0', { deps: { '@acme/helper': '^1.0.0' } })],
      '@acme/helper': [line('1.0.0', { caps })],
    }
    const found = await update({ at: '2026-10-01T00:00:00Z', modules, locked: { '@acme/theme': [lockedAt('1.0.0')] } })
    // Old enough and well published: the dependency comes up as new, with a power that somebody has to accept.
    const helper = found.modules.find(({ module }) => module === '@acme/helper')!
    expect(capabilityChanges([], helper.line.caps.summary).added).toEqual([power])
  })

  test('dependency confusion (2021): a higher version elsewhere, since a scope has one registry', () => {
    const registries = [
      { name: 'public', url: 'https://registry.example', scopes: ['@tools'] },
      { name: 'ours', url: 'https://registry.internal', scopes: ['@acme'] },
    ]
    expect(registryOf('@acme/billing', registries).name).toBe('ours')
    expect(() => registryOf('@acme/billing', [registries[0]!])).toThrow('found no registry block for the scope "@acme"')
  })
})

describe('a fix that a signed advisory names', () => {
  const young = '2026-10-31T20:00:00Z'
  const at = '2026-11-01T00:00:00Z'
  const advisories = [{ id: 'INGOT-2026-1', module: '@acme/util', affected: '<1.0.1', fixed: ['1.0.1'] }]
  const locked = { '@acme/util': [lockedAt('1.0.0')] }
  const fix = (more: Partial<IndexLine> = {}) => ({
    '@acme/util': [line('1.0.0'), line('1.0.1', { published: young, ...more })],
  })

  test('is taken without waiting, and that is told', async () => {
    const { modules } = await update({ at, modules: fix(), locked, advisories })
    expect(modules).toMatchObject([{ line: { v: '1.0.1' }, bypass: 'INGOT-2026-1' }])
  })

  test.each([
    ['without an advisory', fix(), []],
    ['with more power', fix({ caps: { ...line('1.0.1').caps, summary: ['exec sh'] } }), advisories],
    ['by a less trusted publisher', fix({ trust: 0 }), advisories],
  ])('waits %s', async (_, modules, known) => {
    expect((await update({ at, modules, locked, advisories: known })).roots).toEqual(['1.0.0'])
  })
})
