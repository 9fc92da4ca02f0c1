import { assert, constantFrom, oneof, property, string, webUrl, domain } from 'fast-check'
import { expect, test } from 'vitest'
import { Problem } from '../problem.ts'
import { canonicalValue, wantedPlaces } from './claim.ts'

test('whatever is claimed is written in one way, or refused', () => {
  const texts = oneof(string({ unit: 'binary' }), domain(), webUrl({ withQueryParameters: true, withFragments: true }))
  assert(
    property(constantFrom('dns', 'repository'), texts, (kind, text) => {
      let value
      try {
        value = canonicalValue(kind, text)
      } catch (error) {
        return error instanceof Problem && error.code === 'request_invalid'
      }
      const places = wantedPlaces({ scope: '@acme', kind, value, challenge: 'c' })
      const hosts = kind === 'dns' ? [] : places.map((place) => new URL(place).host)
      return canonicalValue(kind, value) === value && hosts.every((host) => host === new URL(value).host)
    }),
  )
})

test.each([
  ['https://github.com/acme/redact/', 'https://raw.githubusercontent.com/acme/redact/HEAD/.well-known/ingot-scope.txt'],
  ['https://GitLab.com/a/b/c.git', 'https://gitlab.com/a/b/c/-/raw/HEAD/.well-known/ingot-scope.txt'],
])('the file of %s is looked for at its forge', (url, place) => {
  const value = canonicalValue('repository', url)
  expect(wantedPlaces({ scope: '@acme', kind: 'repository', value, challenge: 'c' })[0]).toBe(place)
})

test.each([
  ['Bücher.example', 'xn--bcher-kva.example'],
  ['ACME.example.', 'acme.example'],
])('the domain %s is %s', (text, value) => {
  expect(canonicalValue('dns', text)).toBe(value)
})
