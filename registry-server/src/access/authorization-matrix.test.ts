import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AskedRegistry } from '../testing/authorization/asked-registry.ts'
import { scopeNames, type CallerName } from '../testing/authorization/callers.ts'
import { expectedAccess, sees, type ExpectedAccess } from '../testing/authorization/expected-access.ts'

type Outcome = 'allowed' | 401 | 403 | 404

/** What no handler can read: who is let through changes nothing. */
const unreadable = '{'
const written = Object.fromEntries(expectedAccess.flatMap((row) => row.endpoints.map((endpoint) => [endpoint, row])))
/** These are about a scope by what they name, though their path does not. */
const namesModule = ['GET /blobs/sha512/{hex}', 'GET /log/{index}']
const isAboutScope = (endpoint: string) => endpoint.includes('{scope}') || namesModule.includes(endpoint)

let registry: AskedRegistry
let endpoints: string[]
beforeAll(async () => {
  registry = await AskedRegistry.start()
  const { paths } = (await registry.ask({ method: 'GET', url: '/api/v1/openapi.json' }, 'anonymous')).json<{
    paths: Record<string, object>
  }>()
  endpoints = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
}, 60_000)
afterAll(() => registry.close())

function requestOf(endpoint: string, scope: string): { method: string; url: string } {
  const [method = '', path = ''] = endpoint.split(' ')
  const values: Record<string, string> = {
    ...registry.named.get(scope)!,
    scope: scope.slice(1),
    name: 'redact',
    version: path.startsWith('/keys/') ? '1' : '1.0.0',
    range: '1.0.0...1.1.0',
    path: path.startsWith('/log/') ? '0/000' : 'README.md',
    tag: 'stable',
    user: 'reader',
    upstream: 'none',
    code: 'BCDF-BCDF',
  }
  const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? `no value for ${name}`)
  return { method, url: /\/diff(?:\/@|$)/.test(path) ? `${url}?from=1.0.0&to=1.1.0` : url }
}

async function ask(endpoint: string, scope: string, as: CallerName) {
  const request = requestOf(endpoint, scope)
  return registry.ask(request, as, request.method === 'GET' ? undefined : unreadable)
}

function expected(endpoint: string, row: ExpectedAccess, as: CallerName, scope: string): Outcome {
  const { callers, ofPrivate, hidden } = row
  if (as === 'token that has ended') return 401
  // Whoever runs the registry is asked for their second factor.
  if (hidden && !callers.includes(as)) return as.startsWith('staff') ? 403 : 404
  const isPrivate = scope === scopeNames.private && isAboutScope(endpoint)
  if ((isPrivate ? (ofPrivate ?? callers) : callers).includes(as)) return 'allowed'
  if (isPrivate && ofPrivate) return 404
  if (as === 'anonymous') return 401
  return isPrivate && !as.startsWith('token') && !sees(as) ? 404 : 403
}

async function outcome(endpoint: string, scope: string, as: CallerName): Promise<string> {
  const { statusCode, body } = await ask(endpoint, scope, as)
  if (statusCode === 401 || statusCode === 403) return String(statusCode)
  if (statusCode === 404 && (isAboutScope(endpoint) || written[endpoint]!.hidden)) return '404'
  if (!isAboutScope(endpoint)) return 'allowed'
  // Whoever reads gets what they ask for; whoever writes is told that it cannot be read.
  const through = endpoint.startsWith('GET ') ? statusCode < 400 : statusCode === 400 || statusCode === 415
  return through ? 'allowed' : `${statusCode} ${body}`
}

describe('who may do what', { timeout: 60_000 }, () => {
  test('is written down for every endpoint, and for no other', () => {
    expect(endpoints.length).toBeGreaterThan(100)
    const all = expectedAccess.flatMap((row) => row.endpoints)
    expect([...all].sort()).toEqual([...endpoints].sort())
  })

  test.each([scopeNames.public, scopeNames.private])('is what happens, in %s', async (scope) => {
    const found: string[] = []
    const wanted: string[] = []
    for (const endpoint of endpoints) {
      for (const { name } of registry.callers) {
        const cell = `${endpoint} as ${name}:`
        found.push(`${cell} ${await outcome(endpoint, scope, name)}`)
        wanted.push(`${cell} ${expected(endpoint, written[endpoint]!, name, scope)}`)
      }
    }
    expect(found.filter((cell, at) => cell !== wanted[at])).toEqual([])
    expect(found).toEqual(wanted)
  })

  test('tells who may not see a scope what it tells where there is none', async () => {
    const blind: CallerName[] = ['anonymous', 'stranger', 'token of another scope', 'token that has ended']
    const told = async (endpoint: string, scope: string, as: CallerName) => {
      const { statusCode, headers, body } = await registry.ask(requestOf(endpoint, scope), as)
      const { id, hex, index, webhook, delivery } = registry.named.get(scope)!
      const names = new RegExp(
        `${scope.slice(1)}|/${webhook}(?=[/\\\\])|/${delivery}(?=/)|/${id}(?=[/\\\\])|${hex}|entry ${index}`,
        'g',
      )
      const text = body.replaceAll(names, 'name')
      const { date: _, 'content-length': __, ...rest } = headers
      return { asked: `${endpoint} as ${as}`, statusCode, rest, text }
    }
    const ofPrivate = []
    const ofAbsent = []
    for (const endpoint of endpoints.filter(isAboutScope)) {
      // A token that changes and does not read is blind to what is read alone.
      for (const as of written[endpoint]!.ofPrivate ? [...blind, 'token yank' as const] : blind) {
        ofPrivate.push(await told(endpoint, scopeNames.private, as))
        ofAbsent.push(await told(endpoint, scopeNames.absent, as))
      }
    }
    expect(ofPrivate).toEqual(ofAbsent)
  })
})
