import { Secret } from '@ingot/sdk'
import { describe, expect, test } from 'vitest'
import { redactedUrl, secretsIn, userinfoOf, withoutSecrets } from './redact.ts'

describe('redactedUrl()', () => {
  test.each([
    ['http://writer:hunter2@host:80/push?a=b', 'http://writer:xxxxx@host:80/push?a=b'],
    ['https://:hunter2@host', 'https://:xxxxx@host'],
    ['http://writer:with:@:signs@host/', 'http://writer:xxxxx@host/'],
    ['http://writer@host/a:b@c', 'http://writer@host/a:b@c'],
    ['http://host:80/a?b=c:d@e', 'http://host:80/a?b=c:d@e'],
    ['a text: no url @ all', 'a text: no url @ all'],
  ])('of %j is %j', (url, shown) => {
    expect(redactedUrl(url)).toBe(shown)
  })
})

test('userinfoOf() gives what a URL says of its user', () => {
  expect(userinfoOf('http://a%40b:c%2Fd@host')).toEqual({ username: 'a@b', password: 'c/d' })
  expect(userinfoOf('http://a:100%@host')).toEqual({ username: 'a', password: '100%' })
  expect(userinfoOf('http://user@host')).toBeUndefined()
  expect(userinfoOf('no url')).toBeUndefined()
})

test('withoutSecrets() leaves nothing of a secret, nor of one that is a part of another', () => {
  expect(withoutSecrets('got "ab" and "abc", not ""', ['ab', 'abc', ''])).toBe('got "xxxxx" and "xxxxx", not ""')
})

test('secretsIn() finds secrets however deep they are', () => {
  expect(secretsIn({ a: new Secret('x'), b: [{ c: new Secret('y') }], d: 'plain', e: null })).toEqual(['x', 'y'])
})
