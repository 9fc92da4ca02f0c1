import { defaultPolicy } from '@ingot/loader'
import { describe, expect, test, vi } from 'vitest'
import { readRegistries } from './read-registries.ts'

describe('readRegistries()', () => {
  test('reads blocks, and tokens from the environment', () => {
    vi.stubEnv('ACME_TOKEN', 'secret')
    const text = `registry "acme" {
  url    = "https://registry.example"
  scopes = ["@acme", "@" + "tools"]
  root   = "sha256:00"
  auth { bearer_token = sys.env("ACME_TOKEN") }
}
logging { }
registry "local" {
  url    = "file:///srv/registry"
  scopes = ["@local"]
}
`
    expect(readRegistries('main.alloy', text)).toEqual([
      {
        policy: defaultPolicy,
        name: 'acme',
        url: 'https://registry.example',
        scopes: ['@acme', '@tools'],
        root: 'sha256:00',
        token: 'secret',
      },
      { policy: defaultPolicy, name: 'local', url: 'file:///srv/registry', scopes: ['@local'] },
    ])
    vi.unstubAllEnvs()
  })

  test('reads how versions are chosen', () => {
    const text = `registry "acme" {
  url                   = "https://registry.example"
  scopes                = ["@acme"]
  min_release_age       = "1h30m"
  allow_trust_downgrade = true
  allow_floating        = true
  override {
    select  = "@acme/util@<2.1.7"
    use     = "2.1.7"
    reason  = "CVE-2026-1"
    expires = "2027-01-01"
  }
}
`
    expect(readRegistries('main.alloy', text)[0]!.policy).toEqual({
      minReleaseAgeMs: 90 * 60_000,
      allowTrustDowngrade: true,
      allowFloating: true,
      overrides: [{ select: '@acme/util@<2.1.7', use: '2.1.7', reason: 'CVE-2026-1', expires: '2027-01-01' }],
    })
  })

  test.each([
    ['broken text', 'registry "acme" {', 'main.alloy:1'],
    ['a name that means nothing', 'registry "acme" { url = no.such }', 'main.alloy:1'],
    [
      'a release age without a unit',
      'registry "acme" {\n url = "x"\n scopes = ["@acme"]\n min_release_age = 72\n}',
      'want a duration with a unit such as "72h"',
    ],
    ['a block without scopes', 'registry "acme" { url = "x" }', 'want a label, url and scopes'],
  ])('refuses %s', (_, text, message) => {
    expect(() => readRegistries('main.alloy', text)).toThrow(message)
  })
})
