import { expect, test } from 'vitest'
import { isAuthorized, readHttpSettings, type BasicAuth } from './http-settings.ts'

const auth: BasicAuth = { username: 'ada', password: 's:cret', paths: [], matching: true }
const header = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

test('isAuthorized() takes the right credentials and no others', () => {
  expect(isAuthorized(auth, '/metrics', header('ada:s:cret'))).toBe(true)
  for (const wrong of [
    undefined,
    '',
    'Basic',
    header('ada:secret'),
    header('ada'),
    'Bearer s:cret',
    header('ada:s:cret '),
  ]) {
    expect(isAuthorized(auth, '/metrics', wrong)).toBe(false)
  }
})

test('isAuthorized() asks on matching paths, or on all others', () => {
  const some = { ...auth, paths: ['/metrics', '/-/'] }
  expect(isAuthorized(some, '/-/reload', undefined)).toBe(false)
  expect(isAuthorized(some, '/api/v0/web/components', undefined)).toBe(true)
  const others = { ...some, matching: false }
  expect(isAuthorized(others, '/-/reload', undefined)).toBe(true)
  expect(isAuthorized(others, '/api/v0/web/components', undefined)).toBe(false)
})

test('readHttpSettings() says what a tls block lacks', async () => {
  await expect(readHttpSettings({ tls: { cert_pem: 'x' } })).rejects.toThrow(
    'the tls block has no key, want key_file or key_pem',
  )
  await expect(readHttpSettings({ tls: { cert_file: '/nowhere.pem', key_file: '/nowhere.key' } })).rejects.toThrow(
    'Cannot serve HTTPS: ENOENT',
  )
})
