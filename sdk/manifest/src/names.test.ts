import { describe, expect, test } from 'vitest'
import { capabilitySummary } from './capability-summary.ts'
import { moduleKey, moduleName, moduleVersion, parseModuleKey, scopeOf } from './names.ts'

describe('names', () => {
  test.each(['@acme/redact', '@a1/b2', '@acme-tools/re-dact'])('take %s', (name) => {
    expect(moduleName.safeParse(name).success).toBe(true)
  })

  test.each([
    'redact',
    '@acme',
    '@Acme/redact',
    '@acme/redact/x',
    '@acme/-x',
    '@acme/x-',
    '@a/redact',
    '@acme/../x',
    '@acme/redact\n',
  ])('refuse %j', (name) => {
    expect(moduleName.safeParse(name).success).toBe(false)
  })

  test('have one version text for one version', () => {
    const accepted = ['1.4.2', '1.4.2-rc.1', 'v1.4.2', '1.4', '1.4.2+build', '01.4.2', ' 1.4.2'].filter(
      (version) => moduleVersion.safeParse(version).success,
    )
    expect(accepted).toEqual(['1.4.2', '1.4.2-rc.1'])
  })

  test('come back out of a key', () => {
    expect(parseModuleKey(moduleKey('@acme/redact', '1.0.0'))).toEqual({ name: '@acme/redact', version: '1.0.0' })
    expect(scopeOf('@acme/redact')).toBe('@acme')
    for (const key of ['', '@acme/redact', 'redact@1.0.0', '@acme/redact@', '@acme/redact@^1.0.0']) {
      expect(parseModuleKey(key)).toBeUndefined()
    }
  })
})

describe('capabilitySummary()', () => {
  test('has each power once, in an order that does not depend on that of the components', () => {
    const component = (capabilities: Record<string, { why: string; from?: string; values?: string[] }[]>) =>
      ({ capabilities }) as never
    const one = component({ state: [{ why: 'a' }], 'http.request': [{ why: 'a', from: 'url' }] })
    const two = component({ 'http.request': [{ why: 'b', from: 'url', values: ['x:443'] }], clock: [] })
    const lines = ['clock', 'http.request of url', 'http.request x:443', 'state']
    expect(capabilitySummary({ components: [one, two] })).toEqual(lines)
    expect(capabilitySummary({ components: [two, one] })).toEqual(lines)
  })
})
