import { decodeProtectedHeader } from 'jose'
import { expect, onTestFinished, test } from 'vitest'
import { Problem } from '../problem.ts'
import { IdentityProvider } from '../testing/identity-provider.ts'
import { knownIssuers } from './issuers.ts'
import { IdentityVerifier } from './verify-identity.ts'

const audience = 'https://registry.test'
const claims = { repository: 'acme/redact' }
const longMs = 3_600_000

function verifierOf({ issuer }: IdentityProvider, bounds: { cachedMs: number; cooldownMs: number }) {
  const verifier = new IdentityVerifier([{ ...knownIssuers[0]!, issuer }], audience, { timeoutMs: 5_000, ...bounds })
  const verify = async (jwt: string): Promise<string> => {
    try {
      await verifier.verify(jwt, new Date())
      return 'verified'
    } catch (error) {
      if (error instanceof Problem) return error.code
      throw error
    }
  }
  return verify
}

async function start(port?: number): Promise<IdentityProvider> {
  const provider = await IdentityProvider.start(port)
  onTestFinished(() => provider.stop())
  return provider
}

/** The same issuer with another key. */
async function rotated(provider: IdentityProvider): Promise<IdentityProvider> {
  const { port } = provider
  await provider.stop()
  return start(port)
}

test('a key that was changed makes the issuer be asked once more; the former key is believed no longer', async () => {
  const before = await start()
  const verify = verifierOf(before, { cachedMs: longMs, cooldownMs: 0 })
  const [first, second] = [await before.sign(audience, claims), await before.sign(audience, claims)]
  expect([await verify(first), before.keysAsked]).toEqual(['verified', 1])
  const after = await rotated(before)
  const third = await after.sign(audience, claims)
  expect(decodeProtectedHeader(third).kid).not.toBe(decodeProtectedHeader(first).kid)
  expect([await verify(third), after.keysAsked]).toEqual(['verified', 1])
  expect([await verify(second), after.keysAsked]).toEqual(['oidc_refused', 2])
})

test('unknown keys do not make a registry ask an issuer again and again', async () => {
  const before = await start()
  const verify = verifierOf(before, { cachedMs: longMs, cooldownMs: longMs })
  expect(await verify(await before.sign(audience, claims))).toBe('verified')
  const after = await rotated(before)
  const unknown = await Promise.all(Array.from({ length: 20 }, () => after.sign(audience, claims)))
  const outcomes = await Promise.all(unknown.map(verify))
  expect([new Set(outcomes), after.keysAsked]).toEqual([new Set(['oidc_refused']), 0])
})

test('keys are believed for their time while their issuer is away, and no longer', async () => {
  const provider = await start()
  const [within, beyond] = [
    verifierOf(provider, { cachedMs: longMs, cooldownMs: 0 }),
    verifierOf(provider, { cachedMs: 0, cooldownMs: 0 }),
  ]
  const identities = await Promise.all(Array.from({ length: 4 }, () => provider.sign(audience, claims)))
  expect([await within(identities[0]!), await beyond(identities[1]!)]).toEqual(['verified', 'verified'])
  await provider.stop()
  expect([await within(identities[2]!), await beyond(identities[3]!)]).toEqual(['verified', 'issuer_down'])
})

test('an issuer that could not be asked is left alone for a while', async () => {
  const before = await start()
  const verify = verifierOf(before, { cachedMs: longMs, cooldownMs: longMs })
  const { port } = before
  await before.stop()
  const after = await start(port)
  const identity = await after.sign(audience, claims)
  await after.stop()
  expect(await verify(identity)).toBe('issuer_down')
  const again = await start(port)
  expect([await verify(identity), again.keysAsked]).toEqual(['issuer_down', 0])
})
