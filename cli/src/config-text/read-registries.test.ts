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
        name: 'acme',
        url: 'https://registry.example',
        scopes: ['@acme', '@tools'],
        root: 'sha256:00',
        token: 'secret',
      },
      { name: 'local', url: 'file:///srv/registry', scopes: ['@local'] },
    ])
    vi.unstubAllEnvs()
  })

  test.each([
    ['broken text', 'registry "acme" {', 'main.alloy:1'],
    ['a name that means nothing', 'registry "acme" { url = no.such }', 'main.alloy:1'],
    ['a block without scopes', 'registry "acme" { url = "x" }', 'want a label, url and scopes'],
  ])('refuses %s', (_, text, message) => {
    expect(() => readRegistries('main.alloy', text)).toThrow(message)
  })
})
