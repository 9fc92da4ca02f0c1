import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import picomatch from 'picomatch'
import { expect, test } from 'vitest'
import { openEnv, temporaryDirectory } from '../test-env.ts'
import { GlobPattern } from './glob-pattern.ts'

const matches = (pattern: string, path: string) => new GlobPattern(pattern).matches(path)

test('GlobPattern matches as doublestar does', () => {
  const cases: readonly [string, string, boolean][] = [
    ['/var/log/*.log', '/var/log/a.log', true],
    ['/var/log/*.log', '/var/log/.hidden.log', true],
    ['/var/log/*.log', '/var/log/a/b.log', false],
    ['/var/log/**/*.log', '/var/log/b.log', true],
    ['/var/log/**/*.log', '/var/log/a/b/c.log', true],
    ['/var/log/**', '/var/log/a/b', true],
    ['/var/log/**', '/var/log', true],
    ['/var/log/a**', '/var/log/a/b', false],
    ['/{var,opt}/{log,{x,y}}/?', '/opt/y/z', true],
    ['/{var,opt}/{log,{x,y}}/?', '/opt/z/z', false],
    ['/a[0-9]', '/a5', true],
    ['/a[^0-9]', '/a5', false],
    ['/a[]x]', '/a]', true],
    ['/a\\*', '/a*', true],
    ['/a\\*', '/ab', false],
    ['/a?', '/aü', true],
    ['/a?', '/a😀', true],
    ['/a{,b}', '/a', true],
    ['**/b', '/a/b', true],
    ['/pods/*/{app,web}-*[!x]/**/[a-c]*.log', '/pods/n/web-1/q/b1.log', true],
  ]
  for (const [pattern, path, expected] of cases)
    expect([pattern, path, matches(pattern, path)]).toEqual([pattern, path, expected])
})

test('GlobPattern agrees with picomatch', () => {
  const name = fc.array(fc.constantFrom('a', 'b', '.', 'c'), { minLength: 1, maxLength: 4 }).map((one) => one.join(''))
  const piece = fc.oneof(fc.constantFrom('*', '?', '[ab]', '[^b]', '{a,b}', '{b,a*,c}'), name)
  const segment = fc.oneof(
    fc.constant('**'),
    fc.array(piece, { minLength: 1, maxLength: 3 }).map((one) => one.join('')),
  )
  // "**" beside other characters and runs of stars are read differently, and "." and ".." are not names.
  const pattern = fc
    .array(segment, { minLength: 1, maxLength: 4 })
    .map((one) => one.join('/'))
    .filter((one) => !/\*\*[^/]|[^/]\*\*|\*\*$|\*\*\/\*\*/.test(one))
  const path = fc
    .array(
      name.filter((one) => one !== '.' && one !== '..'),
      { minLength: 1, maxLength: 4 },
    )
    .map((one) => one.join('/'))
  fc.assert(
    fc.property(pattern, path, (one, other) => {
      fc.pre(!one.split('/').some((text) => text === '.' || text === '..'))
      expect(matches(one, other)).toBe(picomatch.isMatch(other, one, { dot: true, nonegate: true, noextglob: true }))
    }),
    { numRuns: 3000 },
  )
})

test('GlobPattern takes time in proportion, and refuses what is malformed or too large', () => {
  expect(matches(`/${'*a'.repeat(100)}b`, `/${'a'.repeat(3000)}`)).toBe(false)
  expect(matches(`${'/**/a'.repeat(50)}/b`, '/a'.repeat(2000))).toBe(false)
  expect(() => new GlobPattern('/a[')).toThrow('no "]"')
  expect(() => new GlobPattern('/a{b')).toThrow('no "}"')
  expect(() => new GlobPattern('{a,b}'.repeat(20))).toThrow('alternatives')
  expect(() => new GlobPattern('x'.repeat(5000))).toThrow('characters')
})

test('env.fs.glob() finds files and folders, sorted, without what is excluded', async () => {
  const directory = temporaryDirectory()
  for (const path of ['a/b/c', 'a/.h', 'z']) mkdirSync(join(directory, path), { recursive: true })
  for (const path of ['a/1.log', 'a/b/2.log', 'a/b/c/3.log', 'a/.h/4.log', 'z/5.txt'])
    writeFileSync(join(directory, path), '')
  symlinkSync('..', join(directory, 'a/b/up'))
  symlinkSync('a', join(directory, 'link'))
  const { env } = await openEnv(['fs.read'])
  const found = async (pattern: string, options?: { exclude?: string; matchesMax?: number }) =>
    (await env.fs.glob(`${directory}/${pattern}`, options)).map((path) => path.slice(directory.length + 1))
  expect(await found('**/*.log')).toEqual(['a/.h/4.log', 'a/1.log', 'a/b/2.log', 'a/b/c/3.log'])
  expect(await found('**/*.log', { exclude: `${directory}/a/b/**` })).toEqual(['a/.h/4.log', 'a/1.log'])
  expect(await found('{z,a}/*.{log,txt}')).toEqual(['a/1.log', 'z/5.txt'])
  expect(await found('link/*.log')).toEqual(['link/1.log'])
  expect(await found('a/1.log')).toEqual(['a/1.log'])
  expect(await found('absent/*')).toEqual([])
  await expect(found('**/*', { matchesMax: 3 })).rejects.toMatchObject({ code: 'too_large' })
  await expect(found('[')).rejects.toMatchObject({ code: 'invalid' })
})
