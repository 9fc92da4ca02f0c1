import { expect, test } from 'vitest'
import { knownIssuers } from './issuers.ts'
import { readIssuers } from './read-issuers.ts'

const forge = { name: 'forge', issuer: 'https://git.acme.example', kind: 'gitlab' }
const fileOf = (...issuers: object[]): string => JSON.stringify({ issuers })

test('an issuer of a known kind has its claims; one of another kind says them itself', () => {
  const claims = { ownerId: 'org', repositoryId: 'repo', repository: 'path', workflow: 'job' }
  const generic = { name: 'ci', issuer: 'http://127.0.0.1:9000', kind: 'generic', audience: 'ingot', claims }
  const [first, second] = readIssuers(fileOf({ ...forge, repositories: 'https://git.acme.example/' }, generic))
  const gitlab = knownIssuers.find(({ name }) => name === 'gitlab')!
  expect(first).toMatchObject({ name: 'forge', claims: gitlab.claims, refusedEvents: gitlab.refusedEvents })
  expect(second).toMatchObject({ audience: 'ingot', claims, refusedEvents: [] })
})

test.each([
  ['{', 'want JSON, found'],
  [fileOf({ ...forge, kind: 'other' }), 'at .issuers[0].kind: Invalid'],
  [fileOf({ ...forge, name: 'My Forge' }), 'at .issuers[0].name: want small letters, digits and "-"'],
  [fileOf({ ...forge, issuer: 'git.acme.example' }), 'at .issuers[0].issuer: want an address'],
  [fileOf({ ...forge, issuer: 'http://git.acme.example' }), 'want "https:", or "http:" on this machine'],
  [fileOf({ ...forge, issuer: 'http://localhost.acme.example' }), 'want "https:", or "http:" on this machine'],
  [fileOf({ ...forge, audiense: 'x' }), 'at .issuers[0]: Unrecognized key: "audiense"'],
  [fileOf({ ...forge, kind: 'generic' }), 'at .issuers[0].claims: '],
  [fileOf(forge, forge), 'found the issuer "https://git.acme.example" twice'],
  [fileOf({ ...forge, name: 'github' }), 'found the name "github" twice'],
  [fileOf({ ...forge, issuer: knownIssuers[0]!.issuer }), 'twice'],
])('%s is refused, and what is wrong is named', (text, message) => {
  expect(() => readIssuers(text)).toThrow(message)
})
