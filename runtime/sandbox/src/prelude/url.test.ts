import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { urlParts } from '../protocol/url-parts.ts'
import { parseUrl } from '../runner/parse-url.ts'
import type { Bridge } from './bridge.ts'
import { installUrl } from './url.ts'

// What the isolate gets stands here beside what it imitates.
const { URL: NativeUrl, URLSearchParams: NativeParams } = globalThis
let IsolateUrl: typeof NativeUrl
let IsolateParams: typeof NativeParams
beforeAll(() => {
  installUrl({ parseUrl } as Bridge)
  ;({ URL: IsolateUrl, URLSearchParams: IsolateParams } = globalThis)
  Object.assign(globalThis, { URL: NativeUrl, URLSearchParams: NativeParams })
})
afterAll(() => void Object.assign(globalThis, { URL: NativeUrl, URLSearchParams: NativeParams }))

const shown = (url: URL) => urlParts.map((name) => url[name])

describe('URL of the isolate', () => {
  test('shows the same parts as that of Node.js', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl({ withQueryParameters: true, withFragments: true }), fc.string()), (text) => {
        expect(IsolateUrl.canParse(text)).toBe(NativeUrl.canParse(text))
        if (NativeUrl.canParse(text)) expect(shown(new IsolateUrl(text))).toEqual(shown(new NativeUrl(text)))
      }),
    )
  })

  test('resolves against a base, sets parts, and refuses what is none', () => {
    const url = new IsolateUrl('../b?c=1#d', 'https://u:p@example.org:8443/x/y/z')
    expect(url.href).toBe('https://u:p@example.org:8443/x/b?c=1#d')
    url.port = ''
    url.searchParams.set('c', 'two words')
    url.hash = ''
    expect(url.searchParams.get('c')).toBe('two words')
    url.search = '?c=two%20words'
    url.searchParams.sort()
    expect(url.toString()).toBe('https://u:p@example.org/x/b?c=two+words')
    url.href = 'http://other/'
    expect([url.host, url.searchParams.size]).toEqual(['other', 0])
    expect(() => new IsolateUrl('nothing')).toThrow(TypeError)
    expect(IsolateUrl.parse('nothing')).toBeNull()
    expect(JSON.stringify({ url })).toBe('{"url":"http://other/"}')
    expect(IsolateUrl.canParse(`http://a/${'x'.repeat(70_000)}`)).toBe(false)
  })
})

describe('URLSearchParams of the isolate', () => {
  test('reads and writes as that of Node.js does', () => {
    const pair = fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }))
    fc.assert(
      fc.property(fc.array(pair), (pairs) => {
        const text = new NativeParams(pairs).toString()
        expect(new IsolateParams(pairs).toString()).toBe(text)
        expect([...new IsolateParams(text)]).toEqual([...new NativeParams(text)])
      }),
    )
  })

  test('changes as that of Node.js does', () => {
    const changed = (Params: typeof NativeParams) => {
      const params = new Params('?a=1&b=2&a=3&c')
      params.set('a', '4')
      params.append('d', 'é&')
      params.delete('b')
      params.sort()
      const seen: string[] = []
      params.forEach((value, name) => seen.push(`${name}:${value}`))
      return [
        params.toString(),
        params.get('a'),
        params.getAll('x'),
        params.has('c'),
        seen,
        [...params.keys()],
        [...params.values()],
      ]
    }
    expect(changed(IsolateParams)).toEqual(changed(NativeParams))
  })
})
