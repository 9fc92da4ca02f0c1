import { generateSigningKey, parseIntegrity, signPublish, type PublicKey, type PublishPredicate } from '@ingot/trust'
import { expect, test } from 'vitest'
import type { CachedModule } from '../cache/module-cache.ts'
import { ModuleCache } from '../cache/module-cache.ts'
import { temporaryDir } from '../testing/temporary-dir.ts'
import { isTrusted } from './is-trusted.ts'
import type { MatchedImport } from './match-lock.ts'

const integrity = `sha512-${Buffer.alloc(64, 7).toString('base64')}`
const { hex } = parseIntegrity(integrity)!
const predicate: PublishPredicate = {
  registry: 'https://registry.example',
  manifest: 'sha256-',
  caps: 'sha256-',
  sizeBytes: 1,
  unpackedBytes: 1,
  files: 1,
  deps: {},
  publisher: { kind: 'token', subject: 'test' },
  trust: 0,
  publishedAt: '2026-06-01T00:00:00.000Z',
}
const [registryKey, authorKey, otherKey] = [generateSigningKey(), generateSigningKey(), generateSigningKey()]
const statement = signPublish({ module: '@acme/m@1.0.0', sha512: hex }, predicate, [registryKey, authorKey])

async function ask(
  keys: readonly PublicKey[],
  {
    sent = statement as typeof statement | null,
    native = [] as readonly PublicKey[],
    kind = 'portable',
    dir = '',
  } = {},
) {
  const cache = new ModuleCache(dir || (await temporaryDir()))
  const matched = { module: '@acme/m', version: '1.0.0', locked: { integrity } } as MatchedImport
  const envelope = async () => {
    if (!sent) throw new Error('the registry is down')
    return sent
  }
  const client = () => ({ envelope }) as never
  return isTrusted(matched, { manifest: { kind } } as CachedModule, { cache, client, trust: { keys, native } })
}

test('isTrusted() wants the signature of a trusted key, of whoever else there is one', async () => {
  expect(await ask([authorKey.publicKey])).toBe(true)
  expect(await ask([registryKey.publicKey, otherKey.publicKey])).toBe(true)
  expect(await ask([otherKey.publicKey])).toBe(false)
  expect(await ask([])).toBe(false)
  expect(await ask([], { native: [authorKey.publicKey] })).toBe(true)
})

test('isTrusted() takes no statement about other bytes, another version or with a changed payload', async () => {
  const about = (module: string, sha512: string) => signPublish({ module, sha512 }, predicate, [authorKey])
  const changed = { ...statement, payload: Buffer.from('{}').toString('base64') }
  for (const sent of [about('@acme/m@1.0.1', hex), about('@acme/m@1.0.0', 'ff'.repeat(64)), changed])
    expect(await ask([authorKey.publicKey], { sent })).toBe(false)
})

test('isTrusted() needs no registry once the statement is kept, and trusts nobody without one', async () => {
  const dir = await temporaryDir()
  expect(await ask([authorKey.publicKey], { dir, sent: null })).toBe(false)
  expect(await ask([authorKey.publicKey], { dir })).toBe(true)
  expect(await ask([authorKey.publicKey], { dir, sent: null })).toBe(true)
  expect(await ask([otherKey.publicKey], { dir, sent: null })).toBe(false)
  const forged = signPublish({ module: '@acme/m@1.0.0', sha512: hex }, predicate, [otherKey])
  await new ModuleCache(dir).keepStatement(integrity, forged)
  expect(await ask([authorKey.publicKey], { dir, sent: null })).toBe(false)
})

test('isTrusted() refuses native code that no native key has signed', async () => {
  await expect(ask([authorKey.publicKey], { kind: 'native' })).rejects.toThrow(
    'no key of ingot > trust > native has signed it',
  )
  expect(await ask([], { kind: 'native', native: [authorKey.publicKey] })).toBe(true)
})
