import { describe, expect, test } from 'vitest'
import type { IndexLine } from '@ingot/manifest'
import { proveResolver } from '../testing/prove-resolver.ts'
import { indexLineOf as line } from '../testing/resolver-graphs.ts'
import type { CandidateContext } from './candidates.ts'
import type { Requirement } from './requirement.ts'
import { defaultPolicy } from './resolution-policy.ts'
import { resolveGraph, type Resolution } from './resolve-graph.ts'

const now = new Date('2026-11-01T00:00:00Z')
const hoursAgo = (hours: number): string => new Date(now.getTime() - hours * 3_600_000).toISOString()

function resolve(
  roots: Readonly<Record<string, string>>,
  modules: Readonly<Record<string, readonly IndexLine[]>>,
  context: Partial<CandidateContext> = {},
): Promise<Resolution> {
  const wishes = Object.entries(roots).map(([module, range], place): Requirement => {
    return { module, range, chain: [`main.alloy#import${place}`] }
  })
  return resolveGraph({
    roots: wishes,
    index: async (module) => ({ tags: { latest: '1.0.0' }, lines: modules[module] ?? [] }),
    context: () => ({
      policy: defaultPolicy,
      locked: [],
      updating: false,
      advisories: [],
      now,
      engine: '0.1.0',
      ...context,
    }),
  })
}

const keysOf = ({ modules }: Resolution): string[] => modules.map(({ module, line: { v } }) => `${module}@${v}`)

describe('resolveGraph()', () => {
  test('answers as trying every selection of versions does, on random graphs', async () => {
    const { answered, refused } = await proveResolver({ graphs: 400, seed: 7 })
    expect(answered + refused).toBe(400)
    // Both have to come up, or the comparison says nothing.
    expect(Math.min(answered, refused)).toBeGreaterThan(40)
  })

  test('shares one version in a major, and lets majors coexist', async () => {
    const found = await resolve(
      { '@acme/a': '^1.0.0', '@acme/b': '^1.0.0' },
      {
        '@acme/a': [line('1.0.0', { deps: { '@acme/util': '^1.0.0' } })],
        '@acme/b': [line('1.0.0', { deps: { '@acme/util': '~1.1.0', '@acme/old': '^1.0.0' } })],
        '@acme/old': [line('1.0.0', { deps: { '@acme/util': '^2.0.0' } })],
        '@acme/util': [line('1.1.3'), line('1.2.0'), line('2.0.0')],
      },
    )
    expect(keysOf(found)).toEqual([
      '@acme/a@1.0.0',
      '@acme/b@1.0.0',
      '@acme/old@1.0.0',
      '@acme/util@1.1.3',
      '@acme/util@2.0.0',
    ])
    expect(found.modules[1]!.deps).toEqual({ '@acme/old': '1.0.0', '@acme/util': '1.1.3' })
  })

  test('explains a conflict with who wants what', async () => {
    const conflict = resolve(
      { '@acme/a': '1.0.0', '@acme/util': '1.2.0' },
      {
        '@acme/a': [line('1.0.0', { deps: { '@acme/util': '~1.1.0' } })],
        '@acme/util': [line('1.1.0'), line('1.2.0')],
      },
    )
    await expect(conflict).rejects.toMatchObject({
      code: 'version-conflict',
      message:
        'Cannot resolve "@acme/util" at "~1.1.0", wanted by main.alloy#import0 → @acme/a@1.0.0: found 1.1.0 (1.2.0 is taken for "@acme/util" at "1.2.0", wanted by main.alloy#import1), 1.2.0 (outside of "~1.1.0")',
    })
  })

  test('reports every newer version that it did not take', async () => {
    const { modules } = await resolve(
      { '@acme/a': '^1.0.0' },
      {
        '@acme/a': [
          line('1.0.0'),
          line('1.1.0', { status: 'yanked' }),
          line('1.2.0', { trust: 0, published: '2026-07-01T00:00:00.000Z' }),
          line('1.3.0', { published: hoursAgo(2) }),
          line('1.4.0-rc.1'),
          line('1.5.0', { engine: '>=9' }),
          line('1.6.0', { api: 2 }),
          line('2.0.0'),
        ],
      },
    )
    expect(modules[0]!.line.v).toBe('1.0.0')
    expect(modules[0]!.rejected).toEqual([
      { version: '2.0.0', reason: 'outside of "^1.0.0"' },
      { version: '1.6.0', reason: "needs version 2 of the SDK's contract, and this is 1" },
      { version: '1.5.0', reason: 'needs a runtime of version >=9, and this is 0.1.0' },
      { version: '1.4.0-rc.1', reason: 'a prerelease that the range does not name' },
      { version: '1.3.0', reason: 'published 2 h ago, want at least 72 h' },
      { version: '1.2.0', reason: 'published with trust 0, and 1.0.0 of the same major had 2 before' },
      { version: '1.1.0', reason: 'yanked' },
    ])
  })

  test.each(['*', 'latest', '', 'x'])('takes %j only where the policy allows floating versions', async (range) => {
    const modules = { '@acme/a': [line('1.0.0')] }
    await expect(resolve({ '@acme/a': range }, modules)).rejects.toMatchObject({
      code: 'version-not-found',
      hint: expect.stringContaining('allow_floating') as string,
    })
    const policy = { ...defaultPolicy, allowFloating: true }
    expect((await resolve({ '@acme/a': range }, modules, { policy })).roots).toEqual(['1.0.0'])
  })

  test('keeps what is pinned, unless it looks for updates', async () => {
    const modules = { '@acme/a': [line('1.0.0', { status: 'yanked' }), line('1.1.0')] }
    const locked = [{ version: '1.0.0', integrity: line('1.0.0').integrity, capSummary: [] }]
    expect((await resolve({ '@acme/a': '^1.0.0' }, modules, { locked })).roots).toEqual(['1.0.0'])
    expect((await resolve({ '@acme/a': '^1.0.0' }, modules, { locked, updating: true })).roots).toEqual(['1.1.0'])
  })

  test('puts the version of an override in the place of what it selects, until its day', async () => {
    const modules = {
      '@acme/a': [line('1.0.0', { deps: { '@acme/util': '~2.1.0' } })],
      '@acme/util': [line('2.1.0'), line('2.2.0', { published: hoursAgo(1) })],
    }
    const override = { select: '@acme/util@<2.2.0', use: '2.2.0', reason: 'CVE-2026-1', expires: '2026-12-01' }
    const at = (expires: string) =>
      resolve({ '@acme/a': '1.0.0' }, modules, { policy: { ...defaultPolicy, overrides: [{ ...override, expires }] } })
    expect(keysOf(await at('2026-12-01'))).toContain('@acme/util@2.2.0')
    await expect(at('2026-11-01')).rejects.toMatchObject({
      code: 'override-expired',
      message: 'Cannot use the override of "@acme/util@<2.2.0": it expired on 2026-11-01 (CVE-2026-1)',
    })
  })

  test('refuses modules that depend on themselves, and chains without an end', async () => {
    const cycle = resolve(
      { '@acme/a': '^1.0.0' },
      {
        '@acme/a': [line('1.0.0', { deps: { '@acme/b': '^1.0.0' } })],
        '@acme/b': [line('1.0.0', { deps: { '@acme/a': '^1.0.0' } })],
      },
    )
    await expect(cycle).rejects.toThrow('@acme/a@1.0.0 → @acme/b@1.0.0 → @acme/a@1.0.0')
    const endless = resolveGraph({
      roots: [{ module: '@acme/m0', range: '^1.0.0', chain: ['main.alloy#m'] }],
      index: async (module) => {
        const next = `@acme/m${Number(module.slice('@acme/m'.length)) + 1}`
        return { tags: {}, lines: [line('1.0.0', { deps: { [next]: '^1.0.0' } })] }
      },
      context: () => ({ policy: defaultPolicy, locked: [], updating: false, advisories: [], now, engine: '0.1.0' }),
    })
    await expect(endless).rejects.toMatchObject({ code: 'resolution-too-large' })
  })
})
